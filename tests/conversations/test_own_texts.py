"""The variables of own texts: which there are, which are unknown, what is put in their place."""

from time import process_time

import pytest

from conversations.own_texts import filled, names_in, unknown_names

ALLOWED = ("customer.name", "request.key")


def test_each_variable_is_named_once_in_its_order():
    text = "{{request.key}} for {{ customer.name }}: {{request.key}}"

    assert names_in(text) == ["request.key", "customer.name"]


def test_blanks_inside_the_braces_do_not_matter():
    assert filled("It is {{ request.key }}.", {"request.key": "SUP-1"}) == "It is SUP-1."


def test_what_a_value_holds_is_no_variable():
    values = {"customer.name": "{{request.key}}", "request.key": "SUP-1"}

    assert filled("Hi {{customer.name}}", values) == "Hi {{request.key}}"


def test_a_value_stays_in_its_line():
    assert filled("Hi {{customer.name}}!", {"customer.name": " Ana\n\tKovač "}) == "Hi Ana Kovač!"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi {{customer.name}}, thank you.", "Hi, thank you."),
        ("Hello {{customer.name}} and welcome", "Hello and welcome"),
        ("Thank you {{customer.name}}", "Thank you"),
        ("Thank you, {{customer.name}}. We are here.", "Thank you. We are here."),
        ("Thank you, {{customer.name}}", "Thank you"),
        ("We know you, {{customer.name}} from Zagreb", "We know you, from Zagreb"),
        ("{{customer.name}}, we have your message.", "we have your message."),
        ("Thank you.\n{{customer.name}}: we are here.", "Thank you.\nwe are here."),
    ],
)
def test_an_empty_value_leaves_no_hole(text, expected):
    assert filled(text, {"customer.name": " "}) == expected


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("{{customer.name}} {{request.key}}", []),
        ("Your {order} is here", []),
        ("{{custmer.name}} and {{Request.Key}}", ["{{custmer.name}}", "{{Request.Key}}"]),
        ("{{customer.name} is not closed", ["{{customer.name"]),
        ("customer.name}} is not begun", ["}}"]),
        ("{{}}", ["{{}}"]),
        ("{{customer.name\n}}", ["{{customer.name", "}}"]),
    ],
)
def test_what_is_none_of_the_allowed_is_unknown(text, unknown):
    assert unknown_names(text, ALLOWED) == unknown


@pytest.mark.parametrize("text", ["{{" + " " * 20_000, " " * 20_000 + "x", " ," * 10_000])
def test_long_row_of_blanks_takes_no_time(text):
    began = process_time()

    assert names_in(text) == []
    assert filled(text, {"customer.name": ""}) == text

    assert process_time() - began < 1
