"""Bodies with the words and numbers of people hidden."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.masking import masked


def shown(value, key="text"):
    return json.loads(masked(json.dumps({key: value}).encode()))[key]


@pytest.mark.parametrize(
    ("key", "value", "result"),
    [
        ("text", "Where is my order?", "••• (18)"),
        ("text", "HELP", "••• (4)"),
        ("cleanText", "482913", "••• (6)"),
        ("waId", "385991903327", "38••••••••27"),
        ("name", "Frank", "••• (5)"),
        ("url", "https://example.com/secret", "••• (26)"),
        ("from", "385991903327", "38••••••••27"),
        ("from", "+385 99 190 3327", "+38••••••••27"),
        ("phone", 385991903327, "38••••••••27"),
        ("messageId", "604118273355920146", "604118273355920146"),
        ("userId", "HR.10203040", "••• (11)"),
        ("type", "INTERACTIVE_LIST_REPLY", "INTERACTIVE_LIST_REPLY"),
        ("receivedAt", "2026-11-20T08:00:00.000+0000", "2026-11-20T08:00:00.000+0000"),
        ("smsCount", 2, 2),
        ("price", 0.25, 0.25),
        ("notify", True, True),
        ("keyword", None, None),
        ("keyword", "", ""),
    ],
)
def test_value(key, value, result):
    assert shown(value, key) == result


def test_lists_and_objects_keep_their_shape():
    body = {"results": [{"message": {"type": "TEXT", "text": "Hi you"}}]}

    assert json.loads(masked(json.dumps(body).encode())) == {
        "results": [{"message": {"type": "TEXT", "text": "••• (6)"}}]
    }


def test_of_what_is_not_json_only_the_length_is_told():
    assert masked(b"call 385991903327!") == "••• (18)"


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: json.dumps(text).encode()))
def test_no_body_breaks_it(body):
    assert isinstance(masked(body), str)


@given(st.text(st.characters(categories=["L", "Zs"]), min_size=8, max_size=60))
def test_no_text_shows_through(text):
    if not text.isupper():
        assert text not in masked(json.dumps({"text": text}).encode())
