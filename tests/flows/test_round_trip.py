"""One conversation all the way round, on each channel, over real HTTP."""

import pytest

from conversations.models import Conversation, Message
from tests.flows.conftest import SENDERS

pytestmark = pytest.mark.django_db(transaction=True)

CHANNELS = [("sms", "SMS"), ("whatsapp", "WhatsApp")]


def answer(world, text="Today at noon."):
    """Have Ana answer the last message on its own channel; returns the outgoing message."""
    question = Message.objects.from_customer().latest("pk")
    panel = world.open_panel(question.conversation.issue_key)
    sent = panel.send(text, address=question.address, sender=question.sender)
    assert sent.status_code == 200, sent.text
    return Message.objects.filter(direction="out").latest("pk")


@pytest.mark.parametrize(("channel", "name"), CHANNELS)
def test_first_message_becomes_a_request(world, channel, name):
    world.customer_writes(channel, "Hello")

    (request,) = world.requests()
    assert request["summary"] == f"{name} request from 385991903327"
    assert request["description"] == "Hello"
    assert request["properties"]["omnichat"]["state"] == "active"


def test_second_message_adds_no_request(world):
    world.customer_writes("sms", "Hello")
    world.customer_writes("whatsapp", "Are you there?")

    assert len(world.requests()) == 1
    assert Message.objects.count() == 2


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_answer_reaches_the_phone_and_its_delivery_comes_back(world, channel):
    world.customer_writes(channel, "Hello")

    message = answer(world)
    world.work()
    world.wait_for_reports(kept=2)

    (sent,) = world.sent(channel)
    assert (sent["text"], sent["from"], sent["to"]) == (
        "Today at noon.",
        SENDERS[channel],
        "385991903327",
    )
    assert sent["message_id"] == str(message.sends.get().pk)
    assert message.sends.get().state == "delivered"


def test_reading_comes_back_on_whatsapp(world):
    world.customer_writes("whatsapp", "Hello")
    message = answer(world)
    world.work()
    world.wait_for_reports(kept=2)

    world.customer_reads()

    assert message.sends.get().state == "read"


@pytest.mark.parametrize("kind", ["timeout", "drop_after_accept", "500", "429_retry_after"])
def test_request_is_opened_once_whatever_jira_answers(world, monkeypatch, kind, time_travel):
    monkeypatch.setattr("jira_bridge.http.TIMEOUT", (5, 0.5))
    world.fault("jira", "*/rest/servicedeskapi/request", kind)
    world.customer_writes("sms", "Hello\n\nIt is urgent: *now*")

    time_travel(world, minutes=6)

    (request,) = world.requests()
    assert Conversation.objects.get().issue_key == request["key"]


@pytest.mark.parametrize("kind", ["timeout", "drop_after_accept", "500", "html_502", "429"])
def test_sms_is_sent_once_whatever_infobip_answers(world, monkeypatch, kind, time_travel):
    monkeypatch.setattr("channels.infobip.client.TIMEOUT", (5, 0.5))
    world.customer_writes("sms", "Hello")
    world.fault("infobip", "/sms/3/messages", kind)

    message = answer(world)
    world.work()
    time_travel(world, minutes=1)

    assert [sent["text"] for sent in world.sent("sms")] == ["Today at noon."]
    assert message.sends.get().state in {"sent", "delivered"}


def test_whatsapp_with_an_unknown_outcome_is_not_confirmed_and_not_repeated(world, monkeypatch):
    monkeypatch.setattr("channels.infobip.client.TIMEOUT", (5, 0.5))
    world.customer_writes("whatsapp", "Hello")
    world.fault("infobip", "/whatsapp/1/message/text", "timeout")

    message = answer(world)
    world.work()

    assert world.sent("whatsapp") == []
    assert message.sends.get().state == "unconfirmed"


def test_report_settles_what_was_not_confirmed(world, monkeypatch):
    monkeypatch.setattr("channels.infobip.client.TIMEOUT", (5, 0.5))
    world.customer_writes("whatsapp", "Hello")
    world.fault("infobip", "/whatsapp/1/message/text", "drop_after_accept")

    message = answer(world)
    world.work()
    world.wait_for_reports(kept=2)

    assert len(world.sent("whatsapp")) == 1
    assert message.sends.get().state == "delivered"


def test_rejection_inside_the_answer_is_shown_as_failed(world):
    world.customer_writes("sms", "Hello", number="385991903393")
    message = answer(world)

    world.work()

    send = message.sends.get()
    assert (send.state, send.failure) == ("failed", "no-credit")


def test_resolved_request_ends_and_the_next_message_opens_another(world):
    world.customer_writes("sms", "Hello")
    (first,) = world.requests()
    world.resolve(first["key"], "Resolved")

    world.customer_writes("sms", "One more thing")

    assert len(world.requests()) == 2
    assert set(Conversation.objects.values_list("state", flat=True)) == {"ended", "active"}


def test_hand_made_post_to_a_resolved_request_is_refused(world):
    world.customer_writes("sms", "Hello")
    (request,) = world.requests()
    question = Message.objects.get()
    panel = world.open_panel(request["key"])
    world.resolve(request["key"], "Resolved")

    refused = panel.send("Too late", address=question.address, sender=question.sender)

    assert refused.status_code == 409
    assert world.sent("sms") == []


def test_viewer_without_agent_permission_may_not_reply(world):
    world.customer_writes("sms", "Hello")
    (request,) = world.requests()
    question = Message.objects.get()

    refused = world.open_panel(request["key"], agent="vera").send(
        "Hi", address=question.address, sender=question.sender
    )

    assert refused.status_code in {403, 409}
    assert world.sent("sms") == []
