"""What is true when everything happens at the same moment: real threads, real PostgreSQL."""

from datetime import timedelta
from functools import partial
from threading import Event
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from conversations import inbox, outbox
from conversations.claims import claim
from conversations.contracts import Channel
from conversations.models import (
    AuditEvent,
    Conversation,
    Customer,
    InboxEntry,
    Message,
    OutboxEntry,
    PhoneNumber,
)
from conversations.services import lifecycle
from conversations.services.inbound import receive_message
from conversations.services.replies import send_reply
from tests.conversations.concurrency import PATIENCE_SECONDS, together
from tests.factories import (
    AddressFactory,
    AgentFactory,
    ConversationFactory,
    InboundMessageFactory,
    MessageFactory,
    SenderFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 8


@pytest.fixture
def sender(inside_acme):
    return SenderFactory()


@pytest.fixture
def known_customer(sender):
    """Known before the race: for a new number the unique key alone would serialise the writers."""
    return AddressFactory(value="385991903327", phone_number__key="385991903327")


def receive(**fields):
    return partial(receive_message, InboundMessageFactory(**fields))


def test_first_messages_of_a_known_customer_open_one_conversation(known_customer):
    together(*[receive() for _ in range(WRITERS)])

    assert Conversation.objects.count() == 1
    assert Message.objects.count() == WRITERS
    assert OutboxEntry.objects.count() == 1


def test_first_messages_of_an_unknown_number_make_one_customer(sender):
    together(*[receive() for _ in range(WRITERS)])

    assert (Customer.objects.count(), PhoneNumber.objects.count()) == (1, 1)
    assert Conversation.objects.count() == 1


def test_same_message_at_once_is_stored_once(known_customer):
    event = InboundMessageFactory()

    together(*[partial(receive_message, event) for _ in range(WRITERS)])

    assert Message.objects.count() == 1


def test_constraint_refuses_a_second_active_conversation(known_customer):
    """Beneath the lock: even code that forgets it cannot make two."""
    customer = known_customer.phone_number.customer
    ConversationFactory(customer=customer)

    with pytest.raises(IntegrityError, match="one_active_conversation_per_customer"):
        ConversationFactory(customer=customer)


def test_constraint_refuses_the_same_inbound_message_twice(sender):
    MessageFactory(provider_id="in-x")

    with pytest.raises(IntegrityError, match="inbound_message_stored_once"):
        MessageFactory(provider_id="in-x")


def test_joining_two_customers_from_both_ends_does_not_deadlock(sender):
    SenderFactory(channel=Channel.WHATSAPP, number="385951006720")
    numbers = ["385991903327", "385991903328"]
    for number in numbers:
        receive_message(InboundMessageFactory(address=number))

    joining = [
        receive(channel=Channel.WHATSAPP, sender_number="385951006720", address=one, user_id=other)
        for one, other in [(numbers[0], numbers[1]), (numbers[1], numbers[0])] * 3
    ]
    together(*joining)

    assert Customer.objects.count() == 1
    assert Conversation.objects.active().count() == 1
    assert Message.objects.count() == 8


def test_reply_with_one_client_id_is_stored_once(known_customer):
    question = MessageFactory(
        conversation__issue_id="10101",
        conversation__customer=known_customer.phone_number.customer,
        address=known_customer,
    )
    reply = partial(
        send_reply,
        AgentFactory(),
        text="Yes.",
        client_id=uuid4(),
        sender_id=question.sender_id,
        address_id=known_customer.pk,
    )

    together(*[reply] * WRITERS)

    assert Message.objects.filter(direction="out").count() == 1
    assert OutboxEntry.objects.count() == 1


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_message_at_the_moment_of_a_resolve_goes_to_exactly_one_conversation(
    known_customer, seconds
):
    customer = known_customer.phone_number.customer
    for number in range(7):
        ConversationFactory(issue_id=f"2{number}", customer=customer)
        event = InboundMessageFactory(provider_id=f"in-{number}")
        at = event.occurred_at - timedelta(seconds=seconds)
        resolve = partial(
            lifecycle.take_status, f"2{number}", status="Resolved", resolved=True, at=at
        )

        together(resolve, partial(receive_message, event))

        (message,) = Message.objects.filter(provider_id=f"in-{number}")
        assert Conversation.objects.get(issue_id=f"2{number}").state == "ended"
        _require_one_place(message, customer, may_stay=seconds <= 0)
        Conversation.objects.active().update(state="ended")


def _require_one_place(message, customer, *, may_stay):
    """In the old request, or in the one conversation that is opening for it."""
    active = list(customer.conversations.active())
    if message.conversation.state == "ended":
        assert (may_stay, active) == (True, [])
    else:
        assert active == [message.conversation]
        assert message.conversation.state == "opening"
    moved_or_stored = AuditEvent.objects.filter(action="conversation.opened")
    assert moved_or_stored.filter(subject_id=str(message.conversation_id)).count() == len(active)


def test_versions_of_a_conversation_are_never_given_twice(known_customer):
    together(*[receive() for _ in range(WRITERS)])

    versions = list(Message.objects.order_by("version").values_list("version", flat=True))
    assert versions == list(range(1, WRITERS + 1))


def record_calls(monkeypatch, settings):
    calls = []
    settings.OUTBOX_HANDLERS = {"test.topic": f"{__name__}.keep_promise"}
    monkeypatch.setitem(globals(), "keep_promise", lambda promise: calls.append(promise.subject))
    return calls


def keep_promise(promise):
    raise AssertionError("a test replaces this")


def promise_many(groups, per_group):
    for number in range(per_group):
        for group in range(groups):
            outbox.promise("test.topic", group=f"group:{group}", subject=f"{group}-{number}")


def test_workers_keep_each_promise_once_and_in_order(monkeypatch, settings):
    calls = record_calls(monkeypatch, settings)
    promise_many(groups=5, per_group=10)

    # A worker that finds its group in another's hands goes home; the sweep comes back for the rest.
    together(*[outbox.drain] * 6)
    outbox.drain()

    assert sorted(calls) == sorted(f"{g}-{n}" for g in range(5) for n in range(10))
    for group in range(5):
        ours = [call for call in calls if call.startswith(f"{group}-")]
        assert ours == [f"{group}-{number}" for number in range(10)]


def test_entry_in_a_workers_hands_is_not_claimed_by_another(monkeypatch, settings):
    """Without SKIP LOCKED the second worker would wait for the first one's row."""
    outbox.promise("test.topic", group="one", subject="1")
    outbox.promise("test.topic", group="two", subject="2")
    claimed_first, claimed_second = Event(), Event()

    def hold():
        with transaction.atomic():
            entry = claim()
            claimed_first.set()
            assert claimed_second.wait(PATIENCE_SECONDS)
            return entry.subject

    def claim_beside():
        assert claimed_first.wait(PATIENCE_SECONDS)
        entry = claim()
        claimed_second.set()
        return entry.subject

    assert together(hold, claim_beside) == ["1", "2"]


def test_one_worker_at_a_time_drains_a_sites_inbox(monkeypatch, settings):
    bodies, inside = [], []
    settings.INBOX_HANDLERS = {"test": f"{__name__}.take_in"}

    def take(body):
        inside.append(1)
        assert len(inside) == 1
        bodies.append(body)
        inside.pop()

    monkeypatch.setitem(globals(), "take_in", take)
    inbox.keep("test", [inbox.Item(str(n), str(n).encode()) for n in range(50)])

    together(*[inbox.drain] * 4)

    assert bodies == [str(n).encode() for n in range(50)]


def test_worker_that_has_drained_an_inbox_leaves_it_to_another(settings):
    settings.INBOX_HANDLERS = {"test": "builtins.bytes"}
    inbox.keep("test", [inbox.Item("1", b"1")])
    inbox.drain()
    inbox.keep("test", [inbox.Item("2", b"2")])

    assert together(inbox.drain) == [1]


def take_in(body):
    raise AssertionError("a test replaces this")


def test_same_item_kept_at_once_is_one_row():
    keep = partial(inbox.keep, "test", [inbox.Item("same", b"{}")])

    together(*[keep] * WRITERS)

    assert InboxEntry.objects.count() == 1
