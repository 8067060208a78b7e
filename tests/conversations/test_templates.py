"""What a template consists of, what has to be filled in, and what it becomes."""

import pytest

from conversations.template_values import problems
from conversations.templates import (
    Button,
    ButtonKind,
    Header,
    HeaderKind,
    Structure,
    location_of,
    plain_text,
    preview,
    variables_of,
    words,
)

PARCEL = Structure(
    body="Hello {{1}}, your parcel {{2}} comes today.",
    examples=("Ana", "HR-1"),
    header=Header(HeaderKind.TEXT, "Order {{1}}", "HR-1"),
    footer="Acme Shop",
    buttons=(
        Button(ButtonKind.QUICK_REPLY, "Not at home"),
        Button(ButtonKind.URL, "Track", url="https://acme.example/t/{{1}}", example="HR-1"),
        Button(ButtonKind.PHONE, "Call us", phone="385951006719"),
        Button(ButtonKind.COPY_CODE, "", example="SAVE10"),
    ),
)
VALUES = {
    "header.text": "HR-7",
    "body.1": "Ivan",
    "body.2": "HR-7",
    "button.1": "HR-7",
    "button.3": "TEN",
}
TEN = Structure(body="".join(f"{{{{{number}}}}} " for number in range(1, 11)))


def test_variables_are_those_of_header_body_and_buttons():
    assert [each.key for each in variables_of(PARCEL)] == [
        "header.text",
        "body.1",
        "body.2",
        "button.0",
        "button.1",
        "button.3",
    ]


def test_variables_have_examples_and_lengths():
    found = {each.key: (each.example, each.longest) for each in variables_of(PARCEL)}

    assert found == {
        "header.text": ("HR-1", 54),
        "body.1": ("Ana", 1024),
        "body.2": ("HR-1", 1024),
        "button.0": ("", 128),
        "button.1": ("HR-1", 2000),
        "button.3": ("SAVE10", 15),
    }


@pytest.mark.parametrize("example", ["HR-1", "https://acme.example/t/HR-1"])
def test_example_of_a_link_is_what_takes_the_variables_place(example):
    button = Button(ButtonKind.URL, "Track", "https://acme.example/t/{{1}}", example=example)

    assert variables_of(Structure("Hi", buttons=(button,)))[0].example == "HR-1"


def test_text_without_variables_has_none():
    assert variables_of(Structure(body="See you tomorrow.")) == ()


def test_variable_that_stands_twice_is_filled_in_once():
    structure = Structure(body="{{1}} and {{2}} and {{ 1 }}")

    assert [each.key for each in variables_of(structure)] == ["body.1", "body.2"]
    assert plain_text(structure, {"body.1": "a", "body.2": "b"}) == "a and b and a"


def test_first_variable_is_not_taken_for_the_beginning_of_the_tenth():
    values = {f"body.{number}": chr(96 + number) for number in range(1, 11)}

    assert len(variables_of(TEN)) == 10
    assert plain_text(TEN, values) == "a b c d e f g h i j "


def test_value_that_looks_like_a_variable_stays_as_it_is():
    structure = Structure(body="{{1}} {{2}}")

    assert plain_text(structure, {"body.1": "{{2}}", "body.2": "x"}) == "{{2}} x"


def test_preview_marks_values_and_what_is_missing():
    spans = preview(PARCEL, {"body.1": "Ivan"}).body

    assert [(each.text, each.variable, each.filled) for each in spans] == [
        ("Hello ", "", False),
        ("Ivan", "body.1", True),
        (", your parcel ", "", False),
        ("{{2}}", "body.2", False),
        (" comes today.", "", False),
    ]


def test_preview_shows_header_footer_and_where_buttons_lead():
    shown = preview(PARCEL, VALUES)

    assert (words(shown.header), shown.footer) == ("Order HR-7", "Acme Shop")
    assert [(each.text, words(each.target)) for each in shown.buttons] == [
        ("Not at home", ""),
        ("Track", "https://acme.example/t/HR-7"),
        ("Call us", "385951006719"),
        ("", "TEN"),
    ]


def test_plain_text_is_the_whole_message():
    assert plain_text(PARCEL, VALUES) == (
        "Order HR-7\nHello Ivan, your parcel HR-7 comes today.\nAcme Shop"
    )


def test_structure_survives_json():
    assert Structure.from_json(PARCEL.as_json()) == PARCEL
    assert Structure.from_json({}) == Structure(body="")


def test_filled_in_template_has_no_problems():
    assert problems(PARCEL, VALUES) == {}


def test_every_missing_value_is_named_but_an_answers():
    assert list(problems(PARCEL, {"body.1": "  "})) == [
        "header.text",
        "body.1",
        "body.2",
        "button.1",
        "button.3",
    ]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("body.1", "a\nb", "new lines"),
        ("body.1", "a\tb", "new lines"),
        ("body.1", "a\u2028b", "new lines"),
        ("body.1", "a     b", "4 spaces"),
        ("body.1", "a\x00b", "cannot be sent"),
        ("body.1", "a\ud800b", "cannot be sent"),
        ("header.text", "x" * 55, "55 characters, 54 are allowed"),
        ("button.0", "x" * 129, "129 characters, 128 are allowed"),
        ("button.1", "HR 7", "No spaces"),
        ("button.3", "x" * 16, "16 characters, 15 are allowed"),
    ],
)
def test_value_that_whatsapp_does_not_take(key, value, words):
    found = problems(PARCEL, VALUES | {key: value})

    assert list(found) == [key]
    assert words in found[key]


@pytest.mark.parametrize(
    ("key", "value"), [("body.1", "a    b"), ("body.1", "Ž 👍"), ("button.0", "not at home 7")]
)
def test_value_that_whatsapp_takes(key, value):
    assert problems(PARCEL, VALUES | {key: value}) == {}


def test_body_may_not_grow_too_long_by_its_values():
    assert list(problems(PARCEL, VALUES | {"body.1": "x" * 1000})) == ["body"]


def test_body_alone_may_be_longer():
    structure = Structure(body="Hello {{1}}")

    assert problems(structure, {"body.1": "x" * 2000}) == {}
    assert list(problems(structure, {"body.1": "x" * 4091})) == ["body"]


@pytest.mark.parametrize(
    ("kind", "types"),
    [
        (HeaderKind.IMAGE, {"image/jpeg", "image/png"}),
        (HeaderKind.VIDEO, {"video/mp4"}),
        (HeaderKind.GIF, {"video/mp4"}),
        (HeaderKind.DOCUMENT, {"application/pdf"}),
    ],
)
def test_media_header_needs_a_file(kind, types):
    structure = Structure(body="Your invoice.", header=Header(kind))

    (variable,) = variables_of(structure)
    assert (variable.key, variable.file.types) == ("header.file", types)
    assert list(problems(structure, {})) == ["header.file"]
    assert problems(structure, {"header.file": "invoice.pdf"}) == {}


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("45.8131, 15.9772", (45.8131, 15.9772)),
        ("-90,180", (-90, 180)),
        ("91, 0", None),
        ("0, 181", None),
        ("nan, 0", None),
        ("45.8", None),
        ("Zagreb", None),
    ],
)
def test_place(typed, place):
    structure = Structure(body="We are here.", header=Header(HeaderKind.LOCATION))

    assert location_of(typed) == place
    assert bool(problems(structure, {"header.location": typed})) is (place is None)
