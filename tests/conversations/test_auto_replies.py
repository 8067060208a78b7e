"""The greeting: once, for the message that opened the request, the way it came."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from conversations.models import Address, AuditEvent, Conversation, Message, OutboxEntry, Send
from conversations.services import auto_replies, delivery, lifecycle
from tests.conversations.auto_replying import (
    HELLO,
    SENDERS,
    auto_reply,
    customer_writes,
    open_request,
    replies,
    texts,
)
from tests.factories import AddressFactory, MessageFactory, SenderFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("inside_acme")]

WITH_KEY = ("greeting", "sms", "en", "Your request is {{request.key}}.")
SMS, WHATSAPP = ("greeting", "sms", "en", HELLO), ("greeting", "whatsapp", "en", "Hello!")


def resolve(message, *, ago=0):
    at = timezone.now() - timedelta(seconds=ago)
    issue_id = Conversation.objects.get(pk=message.conversation_id).issue_id
    lifecycle.take_status(issue_id, status="Done", resolved=True, at=at)


def events(action):
    return AuditEvent.objects.filter(action=action)


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_first_message_is_answered_the_way_it_came(channel):
    auto_reply(SMS, WHATSAPP)

    question = customer_writes(channel)

    (reply,) = replies()
    assert (reply.direction, reply.author, reply.auto_reply) == ("out", "", "greeting")
    assert (reply.channel, reply.sender_id) == (channel, question.sender_id)
    assert (reply.address_id, reply.conversation_id) == (
        question.address_id,
        question.conversation_id,
    )


def test_reply_is_promised_like_any_message():
    auto_reply()

    customer_writes()

    send = Send.objects.get()
    entry = OutboxEntry.objects.get(topic="message.deliver")
    assert (send.message.text, entry.subject) == (HELLO, str(send.pk))
    assert entry.group == f"conversation:{send.message.conversation_id}"


def test_reply_is_recorded_as_nobodys():
    auto_reply()

    customer_writes()

    event = events("message.accepted").get()
    assert (event.actor_kind, event.actor, event.detail) == (
        "system",
        "",
        {"auto_reply": "greeting"},
    )


def test_reply_stands_below_a_message_from_the_future():
    """The provider's clock goes before ours."""
    auto_reply()

    question = customer_writes(occurred_at=timezone.now() + timedelta(seconds=30))

    assert list(Message.objects.in_order()) == [question, *replies()]


def test_second_message_is_not_greeted():
    auto_reply()
    customer_writes()

    customer_writes(text="Hello?")

    assert texts() == [HELLO]


def test_same_message_again_is_not_greeted_again():
    auto_reply()

    for _webhook in range(10):
        customer_writes(provider_id="in-x")

    assert texts() == [HELLO]


def test_next_request_is_greeted_again():
    auto_reply()
    first = customer_writes()
    open_request(first)
    resolve(first)

    customer_writes()

    assert texts() == [HELLO, HELLO]


@pytest.mark.parametrize("fields", [{"enabled": False}, {"enabled": False, "closed_enabled": True}])
def test_nothing_is_sent_while_it_is_off(fields):
    auto_reply(**fields)

    customer_writes()

    assert replies() == []


def test_nothing_is_sent_before_anybody_set_it():
    customer_writes()

    assert replies() == []


def test_channel_without_a_text_is_not_answered():
    auto_reply(WHATSAPP)

    customer_writes("sms")

    assert replies() == []


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("385991903327", "Hvala!"),
        ("436641234567", "Danke!"),
        ("41791234567", "Danke!"),
        ("33612345678", "Thanks!"),
    ],
)
def test_language_is_that_of_the_numbers_country(address, expected):
    words = {"hr": "Hvala!", "de": "Danke!", "en": "Thanks!"}
    auto_reply(*(("greeting", "sms", language, text) for language, text in words.items()))

    customer_writes(address=address)

    assert texts() == [expected]


def test_without_a_text_in_the_default_language_either_nothing_is_sent():
    auto_reply(("greeting", "sms", "de", "Danke!"), language="en")

    customer_writes()

    assert replies() == []


def test_text_with_the_key_waits_for_the_request():
    auto_reply(WITH_KEY)
    question = customer_writes()
    assert replies() == []

    open_request(question)

    assert texts() == ["Your request is SUP-101."]


def test_text_without_the_key_does_not_wait_and_is_not_sent_again():
    auto_reply()
    question = customer_writes()
    assert texts() == [HELLO]

    open_request(question)

    assert texts() == [HELLO]


def test_waiting_text_goes_the_way_of_the_message_that_opened():
    auto_reply(WITH_KEY, ("greeting", "whatsapp", "en", "{{request.key}}"))
    question = customer_writes("sms")
    customer_writes("whatsapp")

    open_request(question)

    (reply,) = replies()
    assert (reply.channel, reply.sender.number) == ("sms", SENDERS["sms"])


def test_text_that_lost_its_key_while_it_waited_is_sent():
    settings = auto_reply(WITH_KEY)
    question = customer_writes()
    settings.texts.update(text=HELLO)

    open_request(question)

    assert texts() == [HELLO]


def test_request_of_a_conversation_that_was_paused_meanwhile_is_not_announced():
    auto_reply(WITH_KEY)
    question = customer_writes()
    Conversation.objects.update(state="paused")

    open_request(question)

    assert replies() == []


def test_customer_is_called_by_their_name():
    auto_reply(("greeting", "sms", "en", "Hi {{customer.name}}, thank you."))

    customer_writes(profile_name="Marko Horvat")

    assert texts() == ["Hi Marko Horvat, thank you."]


def test_customer_without_a_name_is_not_called_by_any():
    auto_reply(("greeting", "sms", "en", "Hi {{customer.name}}, thank you."))

    customer_writes()

    assert texts() == ["Hi, thank you."]


@pytest.mark.parametrize("name", ["n" * 200, "Marko\x07"])
def test_name_that_would_keep_the_text_from_leaving_is_left_out(name):
    auto_reply(("greeting", "sms", "en", f"{{{{customer.name}}}}, {'x' * 900}"))

    customer_writes(profile_name=name)

    assert texts() == ["x" * 900]


def test_text_that_became_too_long_is_not_sent_and_the_thread_says_so():
    auto_reply(("greeting", "sms", "en", "x" * 1001))

    question = customer_writes()

    event = events("auto-reply.refused").get()
    assert replies() == []
    assert event.subject_id == str(question.conversation_id)
    assert event.result == "too-long"


def test_refused_text_is_not_tried_again_when_the_request_exists():
    settings = auto_reply(("greeting", "sms", "en", "x" * 1001))
    question = customer_writes()
    settings.texts.update(text=HELLO)

    open_request(question)

    assert replies() == []


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_who_opts_out_with_the_first_message_gets_nothing(channel):
    auto_reply(SMS, WHATSAPP)

    customer_writes(channel, text="STOP")

    assert replies() == []


def test_who_opts_out_while_a_text_waits_gets_nothing():
    auto_reply(WITH_KEY)
    question = customer_writes()
    customer_writes(text="Stop")

    open_request(question)

    assert replies() == []


def test_who_is_opted_out_gets_nothing():
    AddressFactory(
        phone_number__key="385991903327", value="385991903327", opted_out_at=timezone.now()
    )
    auto_reply()

    customer_writes()

    assert replies() == []


@pytest.mark.parametrize("address", ["12345", "Acme"])
def test_address_that_takes_no_answers_gets_none(address):
    auto_reply()

    customer_writes(address=address)

    assert Address.objects.get().answerable is False
    assert replies() == []


def test_our_own_echo_is_not_answered():
    auto_reply()

    assert customer_writes(address=SENDERS["sms"]) is None
    assert replies() == []


def test_sender_that_is_switched_off_sends_nothing():
    SenderFactory(enabled=False)
    auto_reply()

    customer_writes()

    assert replies() == []


def test_site_without_a_licence_sends_nothing(monkeypatch):
    monkeypatch.setattr(connection.tenant, "licence_active", False)
    auto_reply()

    customer_writes()

    assert replies() == []


@pytest.mark.parametrize(("minutes", "sent"), [(119, 1), (121, 0)])
def test_message_that_came_late_is_not_greeted(minutes, sent):
    auto_reply()

    customer_writes(occurred_at=timezone.now() - timedelta(minutes=minutes))

    assert len(replies()) == sent


def test_closed_window_is_respected(monkeypatch):
    monkeypatch.setattr(auto_replies, "IN_TIME", timedelta(days=3))
    auto_reply(WHATSAPP)

    customer_writes("whatsapp", occurred_at=timezone.now() - timedelta(hours=25))

    assert replies() == []


def test_message_written_after_a_resolve_is_greeted_when_it_has_moved():
    auto_reply(WITH_KEY)
    first = customer_writes()
    open_request(first)
    late = customer_writes()
    resolve(first, ago=1)
    late.refresh_from_db()

    open_request(late, "10102", "SUP-102")

    assert texts() == ["Your request is SUP-101.", "Your request is SUP-102."]
    assert replies()[-1].conversation_id == late.conversation_id


def test_message_that_moved_is_greeted_at_once_where_nothing_waits():
    auto_reply()
    first = customer_writes()
    open_request(first)
    late = customer_writes()

    resolve(first, ago=1)

    late.refresh_from_db()
    assert [reply.conversation_id for reply in replies()] == [
        first.conversation_id,
        late.conversation_id,
    ]


def test_fourth_within_the_hour_is_held_and_the_thread_says_so():
    auto_reply()
    for _request in range(4):
        question = customer_writes()
        Conversation.objects.update(state="ended")

    event = events("auto-reply.held").get()
    assert len(replies()) == auto_replies.MOST_AN_HOUR == 3
    assert event.subject_id == str(question.conversation_id)
    assert event.detail["version"] == Conversation.objects.first().version


def test_held_one_is_not_tried_again_when_the_request_exists():
    auto_reply()
    for _request in range(3):
        customer_writes()
        Conversation.objects.update(state="ended")
    question = customer_writes()

    open_request(question)

    assert (len(replies()), events("auto-reply.held").count()) == (3, 1)


def test_hour_later_there_is_another():
    auto_reply()
    for _request in range(4):
        customer_writes()
        Conversation.objects.update(state="ended")
    Message.objects.exclude(auto_reply="").update(
        occurred_at=timezone.now() - timedelta(minutes=61)
    )

    customer_writes()

    assert len(replies()) == 4


def test_variants_of_a_number_are_counted_as_one():
    """The provider counts a subscriber, however their network writes the number."""
    auto_reply(*(("greeting", "sms", language, HELLO) for language in ("en", "es")))
    for address in ("5215512345678", "525512345678") * 2:
        customer_writes(address=address)
        Conversation.objects.update(state="ended")

    assert len(replies()) == 3


def test_other_customers_are_not_held_up():
    auto_reply()
    for number in range(5):
        customer_writes(address=f"38599190332{number}")

    assert len(replies()) == 5


def test_what_agents_send_is_not_counted():
    auto_reply()
    first = customer_writes()
    for _message in range(5):
        MessageFactory(
            conversation=first.conversation, address=first.address, direction="out", author="ana"
        )
    Conversation.objects.update(state="ended")

    customer_writes()

    assert len(replies()) == 2


def test_two_machines_stop_answering_each_other():
    auto_reply()

    for _answer in range(20):
        customer_writes(text="I am on holiday.")
        Conversation.objects.update(state="ended")

    assert len(replies()) == 3


def test_reply_that_waited_too_long_does_not_leave():
    auto_reply()
    customer_writes()
    send = Send.objects.get()
    Send.objects.update(created_at=timezone.now() - timedelta(minutes=121))

    assert delivery.begin(send.pk) is None

    send.refresh_from_db()
    assert (send.state, send.failure, send.error_permanent) == ("failed", "expired", True)


def test_reply_leaves_before_the_request_exists():
    auto_reply()
    customer_writes()

    outgoing = delivery.begin(Send.objects.get().pk)

    assert (outgoing.text, outgoing.address) == (HELLO, "385991903327")


def test_id_of_a_reply_is_its_conversations():
    auto_reply()

    question = customer_writes()

    (reply,) = replies()
    assert isinstance(reply.client_id, UUID)
    assert reply.client_id == auto_replies._client_id(question, opened=True)
