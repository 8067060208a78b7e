"""The rows of a thread: order, days, groups, and what became of each message."""

from datetime import UTC, datetime, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
import time_machine

from conversations import audit, thread
from conversations.contracts import MessageKind, SendState
from conversations.initials import initials
from conversations.models import AgentProfile, Message
from conversations.thread_rows import order_of, place_of
from tests.factories import AddressFactory, ConversationFactory, MessageFactory, SendFactory

pytestmark = pytest.mark.django_db

ZAGREB = ZoneInfo("Europe/Zagreb")
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def conversation(inside_acme):
    return ConversationFactory(customer__name="Marko Horvat", version=1)


@pytest.fixture
def say(conversation):
    """The customer says something some minutes after noon."""
    address = AddressFactory(phone_number__customer=conversation.customer)

    def write(minutes=0, **changes):
        at = NOON + timedelta(minutes=minutes)
        values = {"conversation": conversation, "address": address, "occurred_at": at}
        return MessageFactory(**(values | changes))

    return write


def rows(conversation, kind="msg", zone=UTC):
    return [row for row in thread.newest(conversation, zone=zone).rows if row.kind == kind]


def answer(conversation, state, **changes):
    return SendFactory(
        message__conversation=conversation,
        message__occurred_at=NOON,
        message__author="ana",
        state=state,
        **changes,
    )


def test_rows_stand_in_the_providers_order(conversation, say):
    late, early = say(5), say(1)

    assert [row.pk for row in rows(conversation)] == [early.pk, late.pk]


def test_neighbours_within_two_minutes_share_a_header(conversation, say):
    for minutes in (0, 2, 4.1):
        say(minutes)

    assert [row.joined for row in rows(conversation)] == [False, True, False]


def test_another_author_channel_or_direction_begins_anew(conversation, say):
    say(0)
    say(0.1, channel="whatsapp")
    say(0.2, channel="whatsapp", direction="out", author="ana")
    say(0.3, channel="whatsapp", direction="out", author="ivan")

    assert not any(row.joined for row in rows(conversation))


def test_failed_message_stands_alone(conversation):
    for state in (SendState.SENT, SendState.FAILED, SendState.SENT):
        answer(conversation, state)

    assert not any(row.joined for row in rows(conversation))


def test_days_are_the_readers(conversation, say):
    say(occurred_at=datetime(2026, 11, 20, 22, 59, tzinfo=UTC))
    say(occurred_at=datetime(2026, 11, 20, 23, 1, tzinfo=UTC))
    days = [row.day.isoformat() for row in rows(conversation, "day", zone=ZAGREB)]

    assert days == ["2026-11-20", "2026-11-21"]
    assert [row.day.isoformat() for row in rows(conversation, "day")] == ["2026-11-20"]


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "just now"), (59, "just now"), (300, "5 min"), (3600, "12:00")]
)
def test_young_times_are_distances(conversation, say, seconds, said):
    say()
    with time_machine.travel(NOON + timedelta(seconds=seconds), tick=False):
        (row,) = rows(conversation)
        assert row.moment.relative == said


def test_full_time_names_its_zone(conversation, say):
    say()
    (row,) = rows(conversation, zone=ZAGREB)

    assert (row.moment.full, row.moment.iso) == (
        "20 Nov 2026, 13:00 CET",
        "2026-11-20T13:00:00+01:00",
    )


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (SendState.QUEUED, "Sending…"),
        (SendState.SENDING, "Sending…"),
        (SendState.UNCONFIRMED, "Not confirmed"),
        (SendState.SENT, "Sent"),
        (SendState.FAILED, "Not delivered"),
        (SendState.DELIVERED, "Delivered"),
    ],
)
def test_what_became_of_it_is_said_in_words(conversation, state, words):
    answer(conversation, state)
    (row,) = rows(conversation)

    assert (row.state, row.status.words) == (state, words)


def test_reading_says_when(conversation):
    at = NOON + timedelta(minutes=7)
    answer(conversation, SendState.READ, message__channel="whatsapp", read_at=at)

    assert rows(conversation)[0].status.words == "Read 12:07"


def test_sms_ends_at_delivered(conversation):
    answer(conversation, SendState.READ)
    (row,) = rows(conversation)

    assert (row.state, row.status.words) == ("delivered", "Delivered")


def test_long_sending_says_so(conversation):
    send = answer(conversation, SendState.SENDING)
    with time_machine.travel(send.message.created_at + timedelta(seconds=61), tick=False):
        assert rows(conversation)[0].status.words == "Still sending…"


def test_failure_says_why(conversation):
    answer(conversation, SendState.FAILED, failure="unreachable")

    assert rows(conversation)[0].status.reason == "the phone was unreachable."


def test_details_hold_what_support_asks_for(conversation):
    send = answer(conversation, SendState.FAILED, error_code="27", error_text="Absent Subscriber")
    details = dict(rows(conversation)[0].status.details)

    assert details["Code"] == "27"
    assert details["Provider's words"] == "Absent Subscriber"
    assert details["Message ID"] == str(send.pk)


@pytest.mark.parametrize(
    ("kind", "content", "label"),
    [
        (MessageKind.TEXT, {}, ""),
        (MessageKind.IMAGE, {"type": "IMAGE"}, "Image"),
        (MessageKind.LOCATION, {"type": "LOCATION"}, "Location"),
        (MessageKind.UNSUPPORTED, {"type": "ORDER"}, "Unsupported message (ORDER)"),
        (MessageKind.UNSUPPORTED, {"type": "UNSUPPORTED"}, "Unsupported message"),
        (MessageKind.UNSUPPORTED, {}, "Unsupported message"),
    ],
)
def test_what_is_not_text_is_named(conversation, say, kind, content, label):
    say(kind=kind, content=content, text="Like this")

    assert [(row.label, row.text) for row in rows(conversation)] == [(label, "Like this")]


def test_authors_have_names(conversation, say):
    AgentProfile.objects.create(account_id="ana", name="Ana Kovač")
    say(0)
    say(1, direction="out", author="ana")
    say(2, direction="out", author="")

    authors = [row.author for row in rows(conversation)]
    assert authors == ["Marko Horvat", "Ana Kovač", "Auto-reply"]


def test_customer_without_a_name_is_called_by_the_number(say):
    message = say()
    message.conversation.customer.name = ""
    message.address.value = "385991903327"
    message.address.save()

    assert [row.author for row in rows(message.conversation)] == ["+385 99 190 3327"]


def test_events_say_who_did_it(conversation):
    AgentProfile.objects.create(account_id="ana", name="Ana Kovač")
    audit.record(
        "conversation.paused",
        actor_kind=audit.Actor.AGENT,
        actor="ana",
        subject=conversation,
        conversation=conversation,
    )

    assert [row.text for row in rows(conversation, "event")] == ["Conversation paused by Ana Kovač"]


def test_changes_bring_the_row_whose_group_they_change(conversation, say):
    say(0)
    middle, last = say(1), say(2)
    Message.objects.filter(pk=middle.pk).update(version=5)
    changed = thread.changes(conversation, 4, zone=UTC).rows

    assert [row.pk for row in changed if row.kind == "msg"] == [middle.pk, last.pk]


def test_nothing_changed_is_nothing(conversation, say):
    say()

    assert thread.changes(conversation, 1, zone=UTC) == thread.Changes([], [])


def test_pages_meet_without_gap_or_overlap(conversation, say):
    made = [say(5 * number).pk for number in range(thread.PAGE + 30)]
    newest = thread.newest(conversation, zone=UTC)
    older = thread.earlier(conversation, newest.more_before, zone=UTC)

    shown = [row.pk for page in (older, newest) for row in page.rows if row.kind == "msg"]
    assert shown == made
    assert older.more_before is None


def test_row_comes_again_that_stands_under_an_earlier_header(conversation, say):
    for minutes in range(thread.PAGE + 1):
        say(minutes)
    newest = thread.newest(conversation, zone=UTC)
    older = thread.earlier(conversation, newest.more_before, zone=UTC)

    first = next(row for row in newest.rows if row.kind == "msg")
    assert [row.joined for row in older.rows if row.kind == "msg"] == [False, True]
    assert (older.rows[-1].pk, first.joined) == (first.pk, False)


def test_five_thousand_messages_open_fast(conversation, say):
    first = say()
    Message.objects.bulk_create(
        Message(
            conversation=conversation,
            direction="in",
            channel="sms",
            sender_id=first.sender_id,
            address_id=first.address_id,
            occurred_at=NOON + timedelta(seconds=number),
            version=1,
        )
        for number in range(5000)
    )
    began = perf_counter()
    shown = rows(conversation)

    assert len(shown) == thread.PAGE
    assert perf_counter() - began < 1


@pytest.mark.parametrize("at", [NOON, datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=ZAGREB)])
def test_order_can_be_read_back(at):
    assert place_of(order_of(at, 42)) == (at, 42)


def test_order_sorts_as_text():
    moments = [NOON, NOON + timedelta(microseconds=1), NOON + timedelta(days=9000)]
    orders = [order_of(at, pk) for at in moments for pk in (9, 10)]

    assert sorted(orders) == orders


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Marko Horvat", "MH"),
        ("Ana Marija Kovač", "AK"),
        ("đuro", "Đ"),
        ("+385 99 190", ""),
        ("", ""),
    ],
)
def test_initials(name, expected):
    assert initials(name) == expected
