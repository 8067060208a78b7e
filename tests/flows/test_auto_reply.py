"""The customer writes first and is answered by itself, over real HTTP at both ends."""

import pytest

from tests.conversations.auto_replying import auto_reply, replies
from tests.flows.conftest import SENDERS

pytestmark = pytest.mark.django_db(transaction=True)

CHANNELS = ["sms", "whatsapp"]
WITH_KEY = "Thank you, {{customer.name}}. Your request is {{request.key}}."


@pytest.mark.parametrize("channel", CHANNELS)
def test_customer_gets_the_key_of_the_request(world, channel):
    auto_reply(("greeting", channel, "en", WITH_KEY))

    world.customer_writes(channel, "Hello")
    world.wait_for_reports(kept=2)

    (request,) = world.requests()
    (sent,) = world.sent(channel)
    assert (sent["from"], sent["to"]) == (SENDERS[channel], "385991903327")
    assert sent["text"].endswith(f"Your request is {request['key']}.")
    assert replies()[0].status == "delivered"


def test_agents_see_it_as_a_row_of_its_own(world):
    auto_reply(("greeting", "sms", "en", WITH_KEY))
    world.customer_writes("sms", "Hello")
    world.wait_for_reports(kept=2)

    page = world.open_panel(world.requests()[0]["key"]).get("updates?after=0").text

    assert "Auto-reply" in page
    assert "Thank you. Your request is SUP-" in page
    assert "Delivered" in page


@pytest.mark.parametrize("fault", ["timeout", "500"])
def test_key_is_waited_for_while_jira_does_not_answer(world, monkeypatch, time_travel, fault):
    monkeypatch.setattr("jira_bridge.http.TIMEOUT", (5, 0.5))
    auto_reply(("greeting", "sms", "en", WITH_KEY))
    world.fault("jira", "*/rest/servicedeskapi/request", fault)
    world.customer_writes("sms", "Hello")
    assert world.sent("sms") == []

    time_travel(world, minutes=6)

    (request,) = world.requests()
    (sent,) = world.sent("sms")
    assert request["key"] in sent["text"]


def test_text_without_a_key_does_not_wait_for_jira(world):
    auto_reply(("greeting", "sms", "en", "Thank you."))
    world.fault("jira", "*/rest/servicedeskapi/request", "500")

    world.customer_writes("sms", "Hello")

    assert world.requests() == []
    assert [sent["text"] for sent in world.sent("sms")] == ["Thank you."]


def test_one_whose_end_is_unknown_is_not_repeated(world, monkeypatch, time_travel):
    monkeypatch.setattr("channels.infobip.client.TIMEOUT", (5, 0.5))
    auto_reply(("greeting", "whatsapp", "en", "Thank you."))
    world.fault("infobip", "/whatsapp/1/message/text", "timeout")

    world.customer_writes("whatsapp", "Hello")
    time_travel(world, minutes=6)

    (reply,) = replies()
    assert (reply.status, reply.sends.count()) == ("unconfirmed", 1)
    assert world.sent("whatsapp") == []


@pytest.mark.parametrize("kind", ["timeout", "drop_after_accept", "500", "429"])
def test_sms_arrives_once_whatever_infobip_answers(world, monkeypatch, time_travel, kind):
    monkeypatch.setattr("channels.infobip.client.TIMEOUT", (5, 0.5))
    auto_reply(("greeting", "sms", "en", "Thank you."))
    world.fault("infobip", "/sms/3/messages", kind)

    world.customer_writes("sms", "Hello")
    time_travel(world, minutes=1)

    assert [sent["text"] for sent in world.sent("sms")] == ["Thank you."]


def test_who_opts_out_at_once_gets_nothing(world):
    auto_reply(("greeting", "sms", "en", WITH_KEY))

    world.customer_writes("sms", "STOP")

    assert len(world.requests()) == 1
    assert world.sent("sms") == []
