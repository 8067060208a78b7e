"""Everything that the product records has words: found in the code itself."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

from conversations.admin.audit_words import WHAT, detail_in_words, what
from conversations.contracts import SendState
from conversations.models import Attachment, AuditEvent, Conversation

PACKAGES = ("conversations", "channels", "jira_bridge", "logins", "omnichat")
KINDS = (
    "audit|auto-reply|consent|console|conversation|customers?|file|inbox|message|number|outbox|person|provider"
    "|raw|report|request|settings|template|transcript|user|webhook"
)
ACTION = re.compile(rf"({KINDS})\.[a-z][a-z -]*")
NO_ACTIONS = {
    *settings.OUTBOX_HANDLERS,
    *("console.language", "console.opened", "console.revealed", "console.time-zone"),  # a session's
    *("customer.name", "request.key"),  # variables of texts
    "customer.erase",  # a promise
}
# What the code puts together of a word and a state.
MADE = {
    "message.": set(SendState) - {SendState.QUEUED, SendState.SENDING},
    "file.": {Attachment.State.STORED, Attachment.State.FAILED, Attachment.State.REFUSED},
    "conversation.": set(Conversation.EndReason),
}
RECORDED_AT_A_DOOR = re.compile(r'\.record\(\s*request, "([a-z-]+)"')


def modules(*packages):
    for package in packages:
        for path in (Path(settings.BASE_DIR) / package).rglob("*.py"):
            if "migrations" not in path.parts:
                yield path


def recorded_actions():
    for path in modules(*PACKAGES):
        for node in ast.walk(ast.parse(path.read_text())):
            value = node.value if isinstance(node, ast.Constant) else None
            if isinstance(value, str) and ACTION.fullmatch(value) and value not in NO_ACTIONS:
                yield value, path.name
    for path in modules("logins"):
        for action in RECORDED_AT_A_DOOR.findall(path.read_text()):
            yield f"console.{action}", path.name


ACTIONS = sorted(dict(recorded_actions()).items())


def test_recorded_actions_are_found():
    assert len(ACTIONS) > 50


@pytest.mark.parametrize(("action", "module"), ACTIONS)
def test_recorded_action_has_words(action, module):
    assert action in WHAT, f"{module} records {action}: give it words in audit_words.WHAT"


@pytest.mark.parametrize("action", [f"{kind}{state}" for kind in MADE for state in MADE[kind]])
def test_action_made_of_a_state_has_words(action):
    assert action in WHAT


def test_words_name_the_channel():
    event = AuditEvent(action="customer.opted-out", channel="sms", actor_kind="customer")

    assert what(event) == "Customer opted out of SMS"


def test_unknown_action_is_shown_as_recorded():
    assert what(AuditEvent(action="moon.landed", actor_kind="system")) == "moon.landed"


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ({"fields": {"text": {"before": "Hi", "after": "Hello"}}}, "text: “Hi” → “Hello”"),
        ({"fields": {"api_key": "changed"}}, "api key: changed"),
        ({"fields": {"sms": {"before": None, "after": True}}}, "sms: empty → yes"),
        ({"fields": {"tags": {"before": ["a"], "after": []}}}, "tags: “a” → empty"),
        ({"count": 3, "source": "127.0.0.1"}, "count: 3"),
        ({"fields": {}, "change": "added"}, "change: added"),
        ({"parts": [{"a": 1}]}, 'parts: “[{"a": 1}]”'),
        ({}, ""),
    ],
)
def test_detail_is_told_in_words(detail, words):
    assert detail_in_words(AuditEvent(detail=detail)) == words


def test_long_text_is_cut_in_the_list():
    words = detail_in_words(
        AuditEvent(detail={"fields": {"text": {"before": "", "after": "x" * 500}}})
    )

    assert words == f"text: empty → “{'x' * 59}…”"
