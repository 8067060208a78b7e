"""The pace of senders: who leaves now, who waits, and for how long."""

from functools import partial

import pytest
from django.utils import timezone

from channels import pace
from channels.models import Pace
from conversations import outbox
from conversations.contracts import Channel, OutgoingMessage, Promise
from conversations.errors import NotYetItsTurn
from conversations.models import OutboxEntry, Send, Sender
from tests.channels.delivering import promised, row, sent_ids
from tests.conversations.concurrency import together
from tests.factories import ConversationFactory, SenderFactory

pytestmark = pytest.mark.django_db

SLOW = 0.01  # a turn in 100 seconds: what a test takes is nothing against it


def fresh(**changes):
    return Promise("t", "1", attempt=1, promised_at=timezone.now(), **changes)


def wait_for_turn(key="sender:1", cost=1, promise=None):
    try:
        pace.take_turn(promise or fresh(), key, per_second=SLOW, cost=cost)
    except NotYetItsTurn as turn:
        return turn.retry_after
    return 0


def test_the_first_goes_at_once_and_the_others_one_after_the_other():
    waits = [wait_for_turn() for _ in range(3)]

    assert waits == [0, pytest.approx(100, abs=5), pytest.approx(200, abs=5)]


def test_cost_takes_as_many_steps():
    wait_for_turn(cost=3)

    assert wait_for_turn() == pytest.approx(300, abs=5)


def test_keys_keep_their_own_pace():
    wait_for_turn("sender:1")

    assert wait_for_turn("sender:2") == 0


def test_a_turn_that_was_waited_for_is_kept():
    wait_for_turn()

    assert wait_for_turn(promise=fresh(has_turn=True)) == 0


def test_asking_for_what_may_have_left_takes_no_turn():
    wait_for_turn(promise=fresh(uncertain_since=timezone.now()))

    assert not Pace.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("inside_acme")
def test_workers_at_once_get_a_turn_each():
    waits = together(*[partial(wait_for_turn, "sender:7") for _ in range(8)])

    assert sorted(waits) == [0, *(pytest.approx(100 * n, abs=5) for n in range(1, 8))]


def senders_pace(per_second):
    Sender.objects.update(messages_per_second=per_second)


def two_promised(channel=Channel.SMS):
    first = promised(channel)
    other = ConversationFactory(channel=channel)
    second = promised(channel, conversation=other)
    return first, second


@pytest.mark.usefixtures("account")
def test_of_a_burst_what_the_pace_allows_leaves_and_the_rest_is_no_failed_try(infobip):
    first, second = two_promised()
    senders_pace(1)
    infobip.answer(200, row(first))

    outbox.drain()

    assert sent_ids(infobip) == [str(first.pk)]
    left = OutboxEntry.objects.pending().get()
    assert (left.subject, left.attempts, left.turn_at is None) == (str(second.pk), 0, False)


@pytest.mark.usefixtures("account")
def test_what_waited_for_its_turn_leaves_when_it_has_come(infobip):
    first, second = two_promised()
    senders_pace(1)
    infobip.answer(200, row(first))
    infobip.answer(200, row(second))
    outbox.drain()

    OutboxEntry.objects.pending().update(run_after=timezone.now())
    outbox.drain()

    assert sent_ids(infobip) == [str(first.pk), str(second.pk)]


@pytest.mark.usefixtures("account")
def test_conversations_of_a_sender_take_turns(infobip):
    busy = ConversationFactory()
    many = [promised(conversation=busy) for _ in range(6)]
    quiet = promised(conversation=ConversationFactory())
    senders_pace(1)
    for send in (*many, quiet):
        infobip.answer(200, row(send))

    for _ in range(3):
        OutboxEntry.objects.pending().update(run_after=timezone.now())
        outbox.drain()

    assert sent_ids(infobip).index(str(quiet.pk)) == 2


@pytest.mark.usefixtures("account")
def test_a_provider_that_asks_to_wait_is_left_alone_by_the_whole_sender(infobip):
    two_promised()
    infobip.answer(429, {}, headers={"Retry-After": "40"})

    outbox.drain()

    assert len(sent_ids(infobip)) == 1
    until = (Pace.objects.get().free_at - timezone.now()).total_seconds()
    assert until == pytest.approx(40, abs=5)


@pytest.mark.usefixtures("account")
def test_another_sender_goes_on_while_one_is_held(infobip):
    first, second = two_promised()
    Send.objects.filter(pk=second.pk).update(sender=SenderFactory(number="385951000777"))
    infobip.answer(429, {}, headers={"Retry-After": "40"})
    infobip.answer(200, row(second))

    outbox.drain()

    assert sent_ids(infobip) == [str(first.pk), str(second.pk)]


@pytest.mark.usefixtures("account")
def test_a_burst_to_one_person_is_slowed_once_whatsapp_complains(infobip):
    first = promised(Channel.WHATSAPP)
    status = {"groupName": "REJECTED", "id": 7017, "name": "EC_TOO_MANY_REQUESTS"}
    infobip.answer(200, row(first, status))
    outbox.drain()

    def turn():
        pace.take_senders_turn(fresh(), message_of(first))

    turn()
    with pytest.raises(NotYetItsTurn) as waits:
        turn()
    assert waits.value.retry_after == pytest.approx(6, abs=2)


def message_of(send):
    return OutgoingMessage(
        str(send.pk),
        Channel(send.channel),
        send.sender.number,
        send.address.value,
        "Hello",
        sender_id=send.sender_id,
        address_id=send.address_id,
    )
