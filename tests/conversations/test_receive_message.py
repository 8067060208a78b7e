"""A customer's message: stored once, in the one active conversation."""

import pytest

from conversations import nudges
from conversations.contracts import Channel
from conversations.errors import NotUnderstood
from conversations.models import (
    Address,
    AuditEvent,
    Conversation,
    Customer,
    Message,
    OutboxEntry,
    PhoneNumber,
)
from conversations.services.inbound import receive_message
from tests.factories import ConversationFactory, InboundMessageFactory, SenderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _senders(inside_acme):
    SenderFactory()
    SenderFactory(channel=Channel.WHATSAPP, number="385951006720")


def whatsapp(**fields):
    return InboundMessageFactory(channel=Channel.WHATSAPP, sender_number="385951006720", **fields)


def test_first_message_opens_a_conversation_and_promises_a_request():
    message = receive_message(InboundMessageFactory())

    assert message.conversation.state == Conversation.State.OPENING
    promised = OutboxEntry.objects.get()
    assert (promised.topic, promised.subject) == ("request.open", str(message.conversation.pk))


def test_second_message_joins_the_conversation():
    first = receive_message(InboundMessageFactory())

    second = receive_message(InboundMessageFactory(text="Hello?"))

    assert second.conversation == first.conversation
    assert OutboxEntry.objects.count() == 1


def test_message_on_the_other_channel_joins_the_conversation():
    first = receive_message(InboundMessageFactory())

    assert receive_message(whatsapp()).conversation == first.conversation


def test_same_provider_id_is_stored_once():
    event = InboundMessageFactory()

    assert receive_message(event) == receive_message(event)
    assert Message.objects.count() == 1


def test_message_after_the_end_opens_a_new_conversation():
    ended = receive_message(InboundMessageFactory()).conversation
    Conversation.objects.filter(pk=ended.pk).update(state="ended", end_reason="resolved")

    assert receive_message(InboundMessageFactory()).conversation != ended


def test_message_while_paused_opens_a_new_conversation():
    paused = receive_message(InboundMessageFactory()).conversation
    Conversation.objects.filter(pk=paused.pk).update(state="paused")

    assert receive_message(InboundMessageFactory()).conversation != paused


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5215512345678", "525512345678"),
        ("5491123456789", "541123456789"),
        ("5511987654321", "551187654321"),
    ],
    ids=["Mexico", "Argentina", "Brazil"],
)
def test_variants_of_a_number_are_one_customer_and_two_addresses(one, other):
    receive_message(InboundMessageFactory(address=one))
    receive_message(whatsapp(address=other))

    assert Customer.objects.count() == 1
    assert set(Address.objects.values_list("value", flat=True)) == {one, other}


@pytest.mark.parametrize("address", ["INFOBANK", "12345", "", "x" * 64])
def test_sender_that_is_no_number_is_stored_and_cannot_be_answered(address):
    message = receive_message(InboundMessageFactory(address=address))

    assert message.address.answerable is False


def test_user_without_a_number_can_be_answered():
    message = receive_message(whatsapp(address="HR.482913", user_id="HR.482913"))

    assert (message.address.value, message.address.answerable) == ("HR.482913", True)


def test_new_user_with_id_and_number_is_one_customer_from_the_start():
    receive_message(whatsapp(address="385991903327", user_id="HR.482913"))

    assert (Customer.objects.count(), PhoneNumber.objects.count()) == (1, 2)
    assert not AuditEvent.objects.filter(action="customer.joined").exists()


def test_number_that_appears_later_joins_the_user():
    receive_message(whatsapp(address="HR.482913", user_id="HR.482913"))
    receive_message(whatsapp(address="385991903327", user_id="HR.482913"))

    assert Customer.objects.count() == 1
    assert PhoneNumber.objects.count() == 2


def test_user_and_number_of_two_customers_become_one_with_one_active_conversation():
    older = receive_message(InboundMessageFactory(address="385991903327")).conversation
    newer = receive_message(whatsapp(address="HR.482913", user_id="HR.482913")).conversation

    joined = receive_message(whatsapp(address="385991903327", user_id="HR.482913"))

    assert Customer.objects.count() == 1
    assert joined.conversation.pk in {older.pk, newer.pk}
    states = Conversation.objects.order_by("state").values_list("state", flat=True)
    assert list(states) == ["opening", "paused"]


def test_panel_and_request_of_a_conversation_paused_by_a_join_are_told(
    monkeypatch, django_capture_on_commit_callbacks
):
    rung = []
    monkeypatch.setattr(nudges._bells, "add", lambda subject, version: rung.append(subject[1]))
    older = receive_message(InboundMessageFactory(address="385991903327")).conversation
    Conversation.objects.filter(pk=older.pk).update(state="active", issue_id="10107")
    receive_message(whatsapp(address="HR.482913", user_id="HR.482913"))

    with django_capture_on_commit_callbacks(execute=True):
        receive_message(whatsapp(address="385991903327", user_id="HR.482913"))

    assert older.pk in rung
    assert OutboxEntry.objects.get(topic="request.annotate").subject == str(older.pk)


def test_profile_name_is_remembered():
    message = receive_message(whatsapp(profile_name="Marko Horvat"))

    assert message.conversation.customer.name == "Marko Horvat"


def test_text_that_the_database_cannot_hold_is_made_storable():
    message = receive_message(InboundMessageFactory(text="a\x00b\ud800c"))

    assert message.text == "a\ufffdb\ufffdc"


def test_unknown_sender_of_ours_is_refused_and_nothing_is_stored():
    with pytest.raises(NotUnderstood):
        receive_message(InboundMessageFactory(sender_number="385000000000"))

    assert not Customer.objects.exists()
    assert not OutboxEntry.objects.exists()


def test_version_rises_with_every_message():
    conversation = ConversationFactory()
    first = receive_message(InboundMessageFactory())

    second = receive_message(InboundMessageFactory())

    assert second.version == first.version + 1
    assert conversation.version == 0


def test_audit_names_the_address_by_a_hash_only():
    receive_message(InboundMessageFactory(text="secret words"))

    event = AuditEvent.objects.get(action="message.received")
    assert len(event.address_hash) == 64
    assert "385991903327" not in str(event.__dict__)
    assert "secret words" not in str(event.__dict__)


def test_known_customer_costs_few_statements(django_assert_max_num_queries):
    receive_message(InboundMessageFactory())

    # With the savepoint pair of the test's own transaction.
    with django_assert_max_num_queries(13):
        receive_message(InboundMessageFactory())
