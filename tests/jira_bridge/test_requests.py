"""A conversation gets its request once, the request its property."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.contracts import Channel, MessageKind
from conversations.models import Conversation
from conversations.services import lifecycle
from jira_bridge import adf
from tenants.models import Installation
from tests.factories import ConversationFactory
from tests.jira_bridge import forge
from tests.jira_bridge.opening import PROPERTY, REQUEST, asked, drain, entry, opening

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("installation", "defaults")]


def test_request_is_opened_and_attached(jira):
    conversation = opening("Hello\nthere")
    jira.answer(201, forge.payload("request_created"), path=REQUEST)

    drain()

    conversation.refresh_from_db()
    assert (conversation.state, conversation.issue_id) == ("active", "10107")
    assert conversation.issue_key == "SUP-107"
    assert entry().state == "done"
    assert asked(jira, REQUEST) == [
        {
            "serviceDeskId": "1",
            "requestTypeId": "10",
            "isAdfRequest": True,
            "requestFieldValues": {
                "summary": "SMS request from 385991903327",
                "description": adf.document("Hello\nthere"),
            },
        }
    ]
    assert jira.requests[0].headers["authorization"] == "Bearer system-token"


def test_property_is_written_after_the_request(jira):
    conversation = opening()
    jira.answer(201, forge.payload("request_created"), path=REQUEST)
    jira.answer(201, path=PROPERTY)

    drain()
    drain()

    assert asked(jira, PROPERTY) == [
        {"conversation": str(conversation.pk), "state": "active", "channel": "sms"}
    ]
    assert entry("request.annotate").state == "done"


def test_property_holds_the_number_when_the_admin_agrees(jira, defaults):
    defaults.show_number_in_property = True
    defaults.save()
    opening()
    jira.answer(201, forge.payload("request_created"), path=REQUEST)
    jira.answer(201, path=PROPERTY)

    drain()
    drain()

    assert asked(jira, PROPERTY)[0]["number"] == "385991903327"


def test_request_that_is_gone_gets_no_property(jira):
    conversation = ConversationFactory(issue_id="10107")
    lifecycle.take_deletion(conversation.issue_id, at=timezone.now())

    drain()

    assert jira.requests == []
    assert entry("request.annotate").state == "done"


@pytest.mark.parametrize(
    ("channel", "mask", "pattern", "summary"),
    [
        (Channel.SMS, False, None, "SMS request from 385991903327"),
        (Channel.WHATSAPP, False, None, "WhatsApp request from 385991903327"),
        (Channel.SMS, True, None, "SMS request from +385 99 190 ••27"),
        (Channel.SMS, False, "{number}: {channel} {other}", "385991903327: SMS {other}"),
        (Channel.SMS, False, "Two\r\nlines {number}", "Two lines 385991903327"),
    ],
)
def test_summary(jira, defaults, channel, mask, pattern, summary):
    defaults.mask_number = mask
    defaults.summary_pattern = pattern or defaults.summary_pattern
    defaults.save()
    opening(channel=channel)
    jira.answer(201, forge.payload("request_created"), path=REQUEST)

    drain()

    assert asked(jira, REQUEST)[0]["requestFieldValues"]["summary"] == summary


@pytest.mark.parametrize(
    ("text", "kind", "description"),
    [
        ("{quote}*hi*{quote} <b>", MessageKind.TEXT, "{quote}*hi*{quote} <b>"),
        ("One\r\ntwo\rthree", MessageKind.TEXT, "One\ntwo\nthree"),
        ("", MessageKind.IMAGE, "(Image)"),
        (" \n", MessageKind.TEXT, "(Text)"),
        ("x" * 60_000, MessageKind.TEXT, "x" * 30_000),
    ],
)
def test_description(jira, text, kind, description):
    opening(text, kind=kind)
    jira.answer(201, forge.payload("request_created"), path=REQUEST)

    drain()

    sent = asked(jira, REQUEST)[0]["requestFieldValues"]["description"]
    assert sent == adf.document(description)


def test_conversation_with_a_request_gets_no_second_one(jira):
    conversation = opening()
    Conversation.objects.filter(pk=conversation.pk).update(issue_id="10107", state="active")

    drain()

    assert jira.requests == []
    assert entry().state == "done"


def test_refusal_is_final_and_says_jiras_words_without_the_number(jira):
    conversation = opening()
    jira.answer(400, {"errorMessages": ["385991903327 is no region."]}, path=REQUEST)

    drain()

    conversation.refresh_from_db()
    assert conversation.state == "opening"
    assert (entry().state, entry().last_error) == ("dead", "Jira says: … is no region.")


@pytest.mark.parametrize("gone", ["token", "defaults"])
def test_without_token_or_defaults_it_waits(jira, installation, defaults, gone):
    if gone == "token":
        Installation.objects.update(system_token_expires_at=timezone.now() + timedelta(minutes=1))
    else:
        defaults.delete()
    opening()

    drain()

    assert jira.requests == []
    assert (entry().state, entry().started_at) == ("pending", None)


@pytest.mark.parametrize("status", [401, 403, 429])
def test_refusal_for_now_is_tried_again(jira, status):
    conversation = opening()
    jira.answer(status, path=REQUEST)
    jira.answer(201, forge.payload("request_created"), path=REQUEST)

    drain()
    drain()

    conversation.refresh_from_db()
    assert conversation.issue_id == "10107"
