"""The console's audit log: found by key, id and number, counted never, changed never."""

import pytest

from conversations import audit
from conversations.models import AuditEvent
from tests.consoles import owners_client
from tests.factories import ConversationFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/conversations/auditevent/"
NUMBER = "385991903327"


def test_event_is_found_by_request_key():
    recorded("message.received", conversation=ConversationFactory(issue_key="SUP-7"))
    recorded("message.received", conversation=ConversationFactory(issue_key="SUP-8"))

    assert [event.issue_key for event in listed(q="sup-7")] == ["SUP-7"]


def test_event_is_found_by_subject_id():
    conversation = ConversationFactory()
    recorded("conversation.paused", subject=conversation)
    recorded("conversation.paused")

    assert [event.subject_id for event in listed(q=str(conversation.pk))] == [str(conversation.pk)]


@pytest.mark.parametrize("typed", [NUMBER, "+385 99 190 3327", "00385 99 190-33-27"])
def test_event_is_found_by_the_number_it_does_not_hold(typed):
    recorded("message.received", address=NUMBER)
    recorded("message.received", address="385991903328")

    assert [event.address_hash for event in listed(q=typed)] == [audit.hash_of(NUMBER)]


def test_event_is_found_by_a_variant_of_the_number():
    recorded("message.received", address="5215512345678")

    assert len(listed(q="+52 55 1234 5678")) == 1


def test_event_is_found_by_an_address_that_is_no_number():
    recorded("message.received", address="HR.a1b2c3")

    assert len(listed(q="HR.a1b2c3")) == 1


def test_events_are_filtered():
    recorded("message.sent", channel="sms")
    recorded("message.sent", channel="whatsapp")
    recorded("message.failed", channel="sms")

    assert len(listed(action="message.sent", channel__exact="sms")) == 1
    assert len(listed(actor_kind__exact="system")) == 3
    assert listed(actor_kind__exact="agent") == []


def test_newest_event_comes_first():
    recorded("first")
    recorded("second")

    assert [event.action for event in listed()] == ["second", "first"]


def test_event_can_be_neither_changed_nor_deleted():
    event = recorded("message.sent")
    client = owners_client()

    assert client.get(f"{LIST}{event.pk}/change/").status_code == 200
    assert client.post(f"{LIST}{event.pk}/change/", {"action": "x"}).status_code == 403
    assert client.post(f"{LIST}{event.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(LIST, {"action": "delete_selected", "_selected_action": [event.pk], "post": "yes"})
    assert AuditEvent.objects.get().action == "message.sent"


def recorded(action, **kwargs):
    audit.record(action, actor_kind=audit.Actor.SYSTEM, **kwargs)
    return AuditEvent.objects.latest("pk")


def listed(**query):
    return list(owners_client().get(LIST, query).context["cl"].result_list)
