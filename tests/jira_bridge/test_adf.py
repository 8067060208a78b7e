"""Documents say what the text said, and nothing in them comes alive."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jira_bridge.adf import document, plain_text

LINES = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\n\n\n *_{}|<>[]"))


@settings(deadline=None)
@given(LINES)
def test_document_says_the_text(text):
    assert plain_text(document(text)) == text


@settings(deadline=None)
@given(LINES)
def test_document_is_made_of_paragraphs_breaks_and_full_texts_only(text):
    for paragraph in document(text)["content"]:
        assert paragraph["type"] == "paragraph"
        for node in paragraph["content"]:
            assert node == {"type": "hardBreak"} or (
                set(node) == {"type", "text"} and node["type"] == "text" and node["text"]
            )


def test_document():
    assert document("One\ntwo\n\nthree") == {
        "type": "doc",
        "version": 1,
        "content": [
            {
                "type": "paragraph",
                "content": [
                    {"type": "text", "text": "One"},
                    {"type": "hardBreak"},
                    {"type": "text", "text": "two"},
                ],
            },
            {"type": "paragraph", "content": [{"type": "text", "text": "three"}]},
        ],
    }


@pytest.mark.parametrize(
    "text",
    [
        "*bold* {color:red}x{color} !http://evil.example/1.png! [~admin]",
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "**bold** [link](javascript:alert(1)) @admin",
        '{"type": "mention", "attrs": {"id": "1"}}',
        "h1. Title",
    ],
)
def test_mark_up_is_text(text):
    (paragraph,) = document(text)["content"]

    assert paragraph["content"] == [{"type": "text", "text": text}]


@pytest.mark.parametrize("nothing", [None, 7, [], {}, {"type": "doc", "content": None}])
def test_what_is_no_document_says_nothing(nothing):
    assert plain_text(nothing) == ""


def test_old_text_says_itself():
    assert plain_text("wiki *text*") == "wiki *text*"


def test_foreign_nodes_say_what_they_hold():
    text = {"type": "text", "text": "Hi", "marks": [{"type": "strong"}]}
    mention = {"type": "mention", "attrs": {"id": "1", "text": "@Ana"}}
    panel = {"type": "panel", "content": [{"type": "paragraph", "content": [text, mention]}]}

    assert plain_text({"type": "doc", "version": 1, "content": [panel]}) == "Hi"


def test_document_is_json():
    assert json.loads(json.dumps(document("a\u0007b👍"))) == document("a\u0007b👍")
