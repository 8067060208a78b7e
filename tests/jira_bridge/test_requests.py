"""A conversation gets its request once, the request its property."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations import outbox
from conversations.contracts import Channel, MessageKind
from conversations.models import Conversation, Message, OutboxEntry
from conversations.services import lifecycle
from conversations.services.erasure import erase
from jira_bridge import adf, budget
from jira_bridge.models import SenderRule
from jira_bridge.requests import ASK_AGAIN_SECONDS, annotate_all
from tenants.models import Installation
from tests.factories import AddressFactory, ConversationFactory, SenderFactory
from tests.jira_bridge import forge
from tests.jira_bridge.opening import (
    PROPERTY,
    REQUEST,
    answer_search,
    asked,
    created,
    drain,
    entry,
    opening,
)

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


def test_no_request_is_opened_for_an_erased_person(jira):
    conversation = opening()
    erase(conversation.customer_id, by="ana")
    outbox.retry(OutboxEntry.objects.filter(topic="request.open"))

    drain()

    assert asked(jira, REQUEST) == []


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


def test_rule_of_the_sender_says_where_the_request_is_opened(jira):
    sender = SenderFactory(number="385951006720")
    SenderRule.objects.create(
        sender=sender,
        service_desk_id="2",
        request_type_id="20",
        field_values={"customfield_10050": {"id": "3"}},
    )
    opening(sender=sender)
    jira.answer(201, forge.payload("request_created"), path=REQUEST)

    drain()

    (sent,) = asked(jira, REQUEST)
    assert (sent["serviceDeskId"], sent["requestTypeId"]) == ("2", "20")
    assert sent["requestFieldValues"]["customfield_10050"] == {"id": "3"}


def test_site_with_rules_for_its_senders_needs_no_defaults(jira, defaults):
    defaults.delete()
    sender = SenderFactory(number="385951006720")
    SenderRule.objects.create(sender=sender, service_desk_id="2", request_type_id="20")
    opening(sender=sender)
    jira.answer(201, forge.payload("request_created"), path=REQUEST)

    drain()

    assert asked(jira, REQUEST)[0]["requestFieldValues"]["summary"].startswith("SMS request from")


@pytest.mark.parametrize("status", [400, 404])
def test_refused_request_has_the_types_checked_and_waits_for_another_life(jira, status):
    opening()
    jira.answer(status, {"errorMessage": "Priority is required."}, path=REQUEST)

    drain()

    assert OutboxEntry.objects.filter(topic="request-types.check").count() == 1
    assert (entry().state, entry().last_error) == ("dead", "Jira says: Priority is required.")


def test_refused_request_is_opened_once_the_choice_was_changed(jira):
    conversation = opening()
    jira.answer(400, {"errorMessage": "Priority is required."}, path=REQUEST)
    jira.answer(201, forge.payload("request_created"), path=REQUEST)
    drain()

    outbox.revive("request.open")
    drain()

    conversation.refresh_from_db()
    assert conversation.issue_id == "10107"


def test_number_goes_into_open_requests_when_the_admin_agrees(jira, defaults):
    active, paused, _ended = (
        ConversationFactory(state=state) for state in ("active", "paused", "ended")
    )

    annotate_all()

    promised = OutboxEntry.objects.filter(topic="request.annotate").order_by("pk")
    assert [each.subject for each in promised] == [str(active.pk), str(paused.pk)]


def test_property_without_a_message_holds_a_number_of_the_customers(jira, defaults):
    defaults.show_number_in_property = True
    defaults.save()
    conversation = ConversationFactory(issue_id="10107")
    address = AddressFactory(phone_number__customer=conversation.customer)
    annotate_all()
    jira.answer(200, path=PROPERTY)

    drain()

    assert asked(jira, PROPERTY)[0]["number"] == address.value


def test_property_leaves_points_to_new_requests(jira, settings):
    settings.JIRA_POINTS_PER_HOUR = 10
    budget.spend(8)
    ConversationFactory(issue_id="10107")
    annotate_all()

    drain()

    assert jira.requests == []
    assert entry("request.annotate").state == "pending"


def test_request_that_jira_does_not_show_is_marked_and_kept(jira):
    conversation = ConversationFactory(issue_id="10107")
    annotate_all()
    jira.answer(404, {"errorMessages": ["Issue does not exist."]}, path=PROPERTY)

    drain()

    conversation.refresh_from_db()
    assert conversation.issue_hidden_since is not None
    assert conversation.state == "active"
    assert (entry("request.annotate").state, entry("request.annotate").last_error) == (
        "dead",
        "Jira says: Issue does not exist.",
    )


def test_request_that_jira_shows_again_is_marked_no_more(jira):
    conversation = ConversationFactory(issue_id="10107", issue_hidden_since=timezone.now())
    annotate_all()
    jira.answer(200, path=PROPERTY, times=2)

    drain()

    conversation.refresh_from_db()
    assert conversation.issue_hidden_since is None


def test_hour_without_jira_loses_nothing_and_keeps_the_order(jira, time_machine):
    conversations = []
    for minute in range(0, 60, 10):
        time_machine.move_to(f"2026-11-22T12:{minute:02}:00Z", tick=False)
        give_token()
        conversations.append(opening(number=f"3859919033{minute:02}"))
        jira.answer(503, path="/", times=100)
        outbox.drain()
    jira.forget_answers()
    time_machine.move_to("2026-11-22T13:10:00Z", tick=False)
    give_token()
    for conversation in conversations:
        answer_search(jira)
        jira.answer(201, created(f"20{conversation.pk}"), path=REQUEST)

    outbox.drain()

    opened = [Conversation.objects.get(pk=each.pk).issue_id for each in conversations]
    assert opened == [f"20{each.pk}" for each in conversations]
    assert Message.objects.count() == 6


def test_first_success_hastens_those_that_wait_for_their_next_try(jira, time_machine):
    time_machine.move_to("2026-11-22T12:00:00Z", tick=False)
    give_token()
    first, second = opening(number="385991903301"), opening(number="385991903302")
    jira.answer(429, path=REQUEST, times=2)
    outbox.drain()
    for number in ("10107", "10108"):
        jira.answer(201, created(number), path=REQUEST)
    later = timezone.now() + timedelta(minutes=5)
    OutboxEntry.objects.filter(subject=str(first.pk)).update(run_after=timezone.now())
    OutboxEntry.objects.filter(subject=str(second.pk)).update(run_after=later)

    outbox.drain()

    assert OutboxEntry.objects.pending().filter(topic="request.open").exists() is False


def test_success_hastens_none_that_wait_for_jiras_index(jira):
    first, second = opening(number="385991903301"), opening(number="385991903302")
    for conversation, wait in ((first, 0), (second, ASK_AGAIN_SECONDS)):
        OutboxEntry.objects.filter(subject=str(conversation.pk)).update(
            attempts=1, run_after=timezone.now() + timedelta(seconds=wait)
        )
    jira.answer(201, created("10107"), path=REQUEST)

    outbox.drain()

    waiting = OutboxEntry.objects.get(topic="request.open", subject=str(second.pk))
    assert waiting.attempts == 1


def give_token():
    Installation.objects.update(system_token_expires_at=timezone.now() + timedelta(hours=2))
