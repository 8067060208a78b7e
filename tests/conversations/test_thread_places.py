"""Pieces of a long thread: what has changed in it, going far up, and what is left between."""

from datetime import UTC, datetime, timedelta

import pytest

from conversations import audit, thread
from conversations.contracts import SendState
from conversations.errors import NotFound
from conversations.models import Message
from conversations.thread import LEAD_IN, PAGE, WITHIN_REACH, Screen
from tests.factories import ConversationFactory, MessageFactory, SendFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def conversation(inside_acme):
    return ConversationFactory(version=1)


@pytest.fixture
def fill(conversation):
    """Write many messages, some minutes apart, and return them in order."""

    def write(count, *, minutes=5):
        first = MessageFactory(conversation=conversation, occurred_at=NOON - timedelta(minutes=1))
        shared = {
            "conversation": conversation,
            "direction": "in",
            "channel": "sms",
            "sender_id": first.sender_id,
            "address_id": first.address_id,
            "version": 1,
        }
        times = [NOON + timedelta(minutes=minutes * number) for number in range(1, count)]
        made = [Message(occurred_at=at, **shared) for at in times]
        return [first, *Message.objects.bulk_create(made)]

    return write


def change(*messages, version=5):
    Message.objects.filter(pk__in=[each.pk for each in messages]).update(version=version)


def ids(rows):
    return [row.pk for row in rows if row.kind == "msg"]


def changed(conversation, **how):
    return thread.changes(conversation, 4, zone=UTC, **how).rows


def test_one_changed_row_far_up_is_one_row(conversation, fill):
    made = fill(1500)
    change(made[3])

    assert ids(changed(conversation)) == [made[3].pk]


def test_change_costs_the_same_in_a_long_thread(
    conversation, fill, django_assert_num_queries, django_assert_max_num_queries
):
    send = SendFactory(message__conversation=conversation, message__version=5)
    with django_assert_max_num_queries(6) as few:
        changed(conversation)
    fill(600)

    with django_assert_num_queries(len(few)):
        assert ids(changed(conversation)) == [send.message_id]


def test_neighbour_of_a_change_far_away_is_not_told_as_changed(conversation, fill):
    made = fill(40, minutes=1)
    change(made[5], made[30])

    assert ids(changed(conversation)) == [made[5].pk, made[6].pk, made[30].pk, made[31].pk]


def test_group_of_a_changed_row_is_right(conversation, fill):
    made = fill(10, minutes=1)
    change(made[5])

    assert [row.joined for row in changed(conversation) if row.kind == "msg"] == [True, True]


def test_failure_parts_its_row_and_the_next_from_their_group(conversation):
    sends = [
        SendFactory(
            message__conversation=conversation,
            message__occurred_at=NOON + timedelta(seconds=number),
            state=SendState.FAILED if number == 1 else SendState.SENT,
        )
        for number in range(4)
    ]
    change(sends[1].message)

    rows = [row for row in changed(conversation) if row.kind == "msg"]
    assert [(row.pk, row.joined) for row in rows] == [
        (sends[1].message_id, False),
        (sends[2].message_id, False),
    ]


def test_rows_above_the_screen_stay_unread(conversation, fill):
    made = fill(PAGE + 10)
    shown = thread.newest(conversation, zone=UTC)
    change(made[0], made[-1])

    assert ids(changed(conversation, screen=Screen(shown.more_before))) == [made[-1].pk]


def test_day_line_comes_with_its_row(conversation, fill):
    made = fill(2)
    change(made[1])

    assert [row.kind for row in changed(conversation)] == ["day", "msg"]


def test_event_comes_with_the_row_that_it_parts_from_its_header(conversation, fill):
    fill(3, minutes=1)
    audit.record(
        "conversation.paused", actor_kind=audit.Actor.AGENT, subject=conversation, version=5
    )

    assert [row.text for row in changed(conversation) if row.kind == "event"] == [
        "Conversation paused"
    ]


def test_near_message_is_shown_without_a_gap(conversation, fill):
    made = fill(WITHIN_REACH)
    shown = thread.around(conversation, made[50].pk, zone=UTC)

    assert ids(shown.rows) == [each.pk for each in made[50 - LEAD_IN :]]
    assert shown.more_before == next(row for row in shown.rows if row.kind == "msg").order
    assert "gap" not in {row.kind for row in shown.rows}


def test_far_message_is_shown_with_its_surroundings_and_the_end(conversation, fill):
    made = fill(600)
    shown = thread.around(conversation, made[100].pk, zone=UTC)

    island = made[100 - LEAD_IN : 100 + PAGE - LEAD_IN]
    assert ids(shown.rows) == [each.pk for each in [*island, *made[-PAGE:]]]
    assert sorted(row.order for row in shown.rows) == [row.order for row in shown.rows]


def test_gap_closes_piece_by_piece(conversation, fill):
    made = fill(400)
    shown = thread.around(conversation, made[30].pk, zone=UTC)
    seen, rows = ids(shown.rows), shown.rows
    while gap := next((row.gap for row in rows if row.kind == "gap"), None):
        rows = thread.later(conversation, gap, zone=UTC).rows
        seen += ids(rows)

    assert sorted(seen) == [each.pk for each in made[30 - LEAD_IN :]]
    assert len(seen) == len(set(seen))


def test_closed_gap_brings_the_row_that_stands_under_a_header_now(conversation, fill):
    made = fill(WITHIN_REACH + PAGE, minutes=1)
    shown = thread.around(conversation, made[0].pk, zone=UTC)
    (gap,) = [row.gap for row in shown.rows if row.kind == "gap"]
    while rows := thread.later(conversation, gap, zone=UTC).rows:
        gap = next((row.gap for row in rows if row.kind == "gap"), None)
        if gap is None:
            break

    assert (rows[-1].pk, rows[-1].joined) == (made[-PAGE].pk, True)


def test_rows_in_a_gap_stay_unread(conversation, fill):
    made = fill(400)
    shown = thread.around(conversation, made[30].pk, zone=UTC)
    (gap,) = [row.gap for row in shown.rows if row.kind == "gap"]
    change(made[30], made[200], made[-1])

    screen = Screen(shown.more_before, gap)
    assert ids(changed(conversation, screen=screen)) == [made[30].pk, made[-1].pk]


def test_message_of_another_conversation_is_not_gone_to(conversation):
    with pytest.raises(NotFound):
        thread.around(conversation, MessageFactory().pk, zone=UTC)


def test_moved_messages_are_read_of_newer_versions_alone(conversation, django_assert_num_queries):
    audit.record(
        "message.moved",
        actor_kind=audit.Actor.SYSTEM,
        subject=conversation,
        messages=[7],
        version=5,
    )

    assert thread.changes(conversation, 4, zone=UTC).gone == [7]
    with django_assert_num_queries(2):
        assert thread.changes(conversation, 5, zone=UTC).gone == []


def test_day_that_a_gap_lies_in_is_named_once(conversation, fill):
    made = fill(WITHIN_REACH + PAGE + 2, minutes=1)

    rows = thread.around(conversation, made[0].pk, zone=UTC).rows

    assert [row.label for row in rows if row.kind == "day"] == ["Friday, 20 November 2026"]
    assert [row.order for row in rows] == sorted(row.order for row in rows)
