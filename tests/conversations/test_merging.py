"""Two customers whom an admin makes one, while they write."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.errors import InvalidTransition, NotFound
from conversations.models import Address, AuditEvent, Conversation, Customer, Message
from conversations.services.deletions import delete_number
from conversations.services.erasure import erase
from conversations.services.inbound import receive_message
from conversations.services.merging import merge
from tests.conversations.concurrency import together
from tests.factories import (
    AddressFactory,
    ConversationFactory,
    InboundMessageFactory,
    MessageFactory,
    SenderFactory,
)

pytestmark = pytest.mark.django_db
FIRST, SECOND = "385991903327", "385915550123"


@pytest.fixture
def pair():
    SenderFactory()
    numbers = [AddressFactory(phone_number__key=key).phone_number for key in (FIRST, SECOND)]
    for number in numbers:
        conversation = ConversationFactory(customer=number.customer)
        MessageFactory(conversation=conversation, address=number.addresses.get())
    return [number.customer for number in numbers]


def test_older_customer_keeps_everything(pair):
    kept = merge(pair[1].pk, pair[0].pk, by="ana")

    assert kept == pair[0] == Customer.objects.get()
    assert kept.phone_numbers.count() == kept.conversations.count() == 2
    joined = AuditEvent.objects.get(action="customer.joined")
    assert (joined.actor_kind, joined.actor) == ("admin", "ana")


def test_newer_used_conversation_stays_active(pair):
    older, newer = Conversation.objects.order_by("pk")
    older.raise_version(message_at=timezone.now() + timedelta(minutes=1))

    merge(pair[0].pk, pair[1].pk, by="ana")

    states = dict(Conversation.objects.values_list("pk", "state"))
    assert states == {older.pk: "active", newer.pk: "paused"}


def test_consent_of_one_number_is_not_the_others(pair):
    delete_number(pair[1].phone_numbers.get().pk, reason="stop", by="ana")

    merge(pair[0].pk, pair[1].pk, by="ana")

    open_ = Address.objects.filter(opted_out_at=None).values_list("value", flat=True)
    assert list(open_) == [FIRST]


def test_customer_is_not_merged_with_themselves_nobody_or_the_erased(pair):
    with pytest.raises(InvalidTransition):
        merge(pair[0].pk, pair[0].pk, by="ana")
    with pytest.raises(NotFound):
        merge(pair[0].pk, 4711, by="ana")
    erase(pair[1].pk, by="ana")
    with pytest.raises(InvalidTransition):
        merge(pair[0].pk, pair[1].pk, by="ana")


@pytest.mark.django_db(transaction=True)
def test_merging_from_both_sides_while_both_write_loses_nothing(pair):
    def write(number):
        return lambda: receive_message(
            InboundMessageFactory(address=number, provider_id=f"meanwhile-{number}")
        )

    def join(first, second):
        def attempt():
            try:
                merge(first.pk, second.pk, by="ana")
            except NotFound:
                return False
            return True

        return attempt

    results = together(write(FIRST), join(*pair), join(*reversed(pair)), write(SECOND))

    assert sorted(results[1:3]) == [False, True]
    assert Customer.objects.count() == 1
    assert Message.objects.count() == 4
    assert Conversation.objects.active().count() == 1
