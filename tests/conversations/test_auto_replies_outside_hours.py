"""The text outside business hours: in the greeting's place, and to who goes on with a request."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from conversations.models import AuditEvent, Conversation, Message
from tests.conversations.auto_replying import (
    CLOSED,
    HELLO,
    auto_reply,
    customer_writes,
    open_request,
    replies,
    texts,
)
from tests.factories import AddressFactory, MessageFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("inside_acme")]

GREETING, OUTSIDE = ("greeting", "sms", "en", HELLO), ("closed", "sms", "en", CLOSED)
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # a Monday
EVENING = NOON.replace(hour=20)


@pytest.fixture
def hours():
    """Open from 8 to 16 every day, in London."""
    fields = {"closed_enabled": True, "time_zone": "Europe/London"}
    return auto_reply(GREETING, OUTSIDE, opens=(8, 16), **fields)


@pytest.fixture
def clock():
    with time_machine.travel(EVENING, tick=False) as traveller:
        yield traveller


def occasions():
    return [reply.auto_reply for reply in replies()]


@pytest.mark.usefixtures("hours")
def test_closed_text_goes_instead_of_the_greeting(clock):
    customer_writes()

    assert (occasions(), texts()) == (["closed"], [CLOSED])


@pytest.mark.usefixtures("hours")
def test_greeting_goes_within_the_hours(clock):
    clock.move_to(NOON)

    customer_writes()

    assert occasions() == ["greeting"]


@pytest.mark.usefixtures("hours")
def test_time_of_the_message_counts_and_not_when_it_came_in(clock):
    clock.move_to(NOON.replace(hour=16, minute=30))

    customer_writes(occurred_at=NOON.replace(hour=15, minute=59))

    assert occasions() == ["greeting"]


def test_hours_are_those_of_the_sites_time_zone(hours, clock):
    hours.time_zone = "America/New_York"
    hours.save()

    customer_writes()

    assert occasions() == ["greeting"]


def test_holiday_is_outside_of_the_hours(hours, clock):
    clock.move_to(NOON)
    hours.holidays.create(day=NOON.date())

    customer_writes()

    assert occasions() == ["closed"]


def test_greeting_goes_at_any_time_while_hours_do_not_matter(hours, clock):
    hours.closed_enabled = False
    hours.save()

    customer_writes()

    assert occasions() == ["greeting"]


def test_closed_text_goes_with_the_greeting_off(hours, clock):
    hours.enabled = False
    hours.save()
    customer_writes()

    clock.move_to(NOON)
    customer_writes(address="385991903328")

    assert occasions() == ["closed"]


def test_channel_without_a_closed_text_is_greeted(hours, clock):
    hours.texts.create(occasion="greeting", channel="whatsapp", language="en", text=HELLO)

    customer_writes("whatsapp")

    assert occasions() == ["greeting"]


@pytest.mark.usefixtures("hours")
def test_who_goes_on_with_a_request_is_told_too(clock):
    clock.move_to(NOON)
    open_request(customer_writes())

    clock.move_to(EVENING)
    customer_writes(text="Anybody there?")

    assert occasions() == ["greeting", "closed"]


@pytest.mark.usefixtures("hours")
def test_who_was_told_lately_is_told_nothing_more(clock):
    customer_writes()
    customer_writes(text="Hello?")
    Conversation.objects.update(state="ended")

    customer_writes(text="A new thing")

    assert occasions() == ["closed"]


@pytest.mark.usefixtures("hours")
def test_who_was_told_is_greeted_within_the_hours(clock):
    customer_writes()
    Conversation.objects.update(state="ended")

    clock.move_to(NOON + timedelta(days=1))
    customer_writes()

    assert occasions() == ["closed", "greeting"]


@pytest.mark.parametrize(("minutes", "told"), [(119, 1), (121, 2)])
def test_told_again_after_the_hours_between(hours, clock, minutes, told):
    hours.hours_between = 2
    hours.save()
    customer_writes()

    clock.move_to(EVENING + timedelta(minutes=minutes))
    customer_writes()

    assert len(replies()) == told


def test_told_once_on_whatever_channel_and_number(hours, clock):
    hours.texts.create(occasion="closed", channel="whatsapp", language="en", text=CLOSED)
    customer_writes("sms")

    customer_writes("whatsapp")

    assert occasions() == ["closed"]


@pytest.mark.parametrize(("minutes", "told"), [(59, 0), (61, 1)])
@pytest.mark.usefixtures("hours")
def test_who_chats_with_an_agent_is_not_told(clock, minutes, told):
    address = AddressFactory(value="385991903327", phone_number__key="385991903327")
    MessageFactory(
        conversation__customer=address.phone_number.customer,
        address=address,
        direction=Message.Direction.OUT,
        author="ana",
        occurred_at=timezone.now() - timedelta(minutes=minutes),
    )

    customer_writes()

    assert len(replies()) == told


def test_closed_text_with_the_key_waits_for_the_request_and_goes_once(hours, clock):
    hours.texts.filter(occasion="closed").update(text="{{request.key}}: we are back at 8.")
    question = customer_writes()
    customer_writes(text="Hello?")
    assert replies() == []

    open_request(question)

    assert texts() == ["SUP-101: we are back at 8."]


@pytest.mark.usefixtures("hours")
def test_same_message_again_is_not_told_again(clock):
    clock.move_to(NOON)
    open_request(customer_writes())
    clock.move_to(EVENING)

    for _webhook in range(10):
        customer_writes(provider_id="in-x")

    assert occasions() == ["greeting", "closed"]


def test_thread_says_once_that_a_text_is_not_sent(clock):
    auto_reply(GREETING, ("closed", "sms", "en", "x" * 1001), opens=(8, 16), closed_enabled=True)

    for _ in range(3):
        customer_writes()

    assert AuditEvent.objects.filter(action="auto-reply.refused").count() == 1
    assert replies() == []
