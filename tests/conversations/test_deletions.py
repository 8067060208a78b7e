"""Deleting a number at an admin's word, with proof; the customer's START or consent undoes it."""

import pytest
from django.utils import timezone

from conversations import audit
from conversations.contracts import Channel, FailureKind, SendState
from conversations.errors import InvalidTransition
from conversations.models import (
    Address,
    AuditEvent,
    Conversation,
    Customer,
    NumberDeletion,
    OutboxEntry,
    PhoneNumber,
)
from conversations.services import delivery
from conversations.services.activation import ActivationRefused, activate
from conversations.services.consent import has_opted_out
from conversations.services.deletions import delete_number, record_consent, would_end
from conversations.services.inbound import receive_message
from tests.conversations.concurrency import together
from tests.conversations.consenting import NUMBER, WHATSAPP, make_senders, say, whatsapp
from tests.factories import (
    AddressFactory,
    AgentFactory,
    ConversationFactory,
    InboundMessageFactory,
    SendFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _senders(inside_acme, request):
    make_senders()


@pytest.fixture
def number():
    say("Hello")
    Conversation.objects.update(state="active", issue_id="9001", issue_key="SUP-101")
    return PhoneNumber.objects.get()


def delete(number, **given):
    return delete_number(number.pk, **({"reason": "stop", "by": "ana"} | given))


def now_says(text, **fields):
    event = InboundMessageFactory(text=text, occurred_at=timezone.now(), **fields)
    return receive_message(event)


def test_both_channels_are_closed_by_an_admin(number):
    delete(number)

    closed = Address.objects.order_by("channel").values_list("channel", "value", "opted_out_by")
    assert list(closed) == [("sms", NUMBER, "admin"), ("whatsapp", NUMBER, "admin")]
    assert not Address.objects.filter(opted_out_at=None).exists()


def test_proof_of_each_channel_holds_the_hash_only(number):
    delete(number, reason="asked", note="By letter")

    proofs = NumberDeletion.objects.order_by("channel")
    facts = ("channel", "number_hash", "reason", "note", "deleted_by", "lifted_at")
    assert list(proofs.values_list(*facts)) == [
        (channel, audit.hash_of(NUMBER), "asked", "By letter", "ana", None)
        for channel in ("sms", "whatsapp")
    ]


def test_active_conversation_ends_when_no_way_is_left(number):
    assert would_end(number) == 1

    assert delete(number) == 1

    conversation = Conversation.objects.get()
    assert (conversation.state, conversation.end_reason) == ("ended", "opted out")
    assert conversation.state_changed_by == "ana"
    ended = AuditEvent.objects.get(action="conversation.opted out")
    assert (ended.actor_kind, ended.actor, ended.issue_key) == ("admin", "ana", "SUP-101")


def test_conversation_goes_on_while_another_number_is_left(number):
    AddressFactory(phone_number__customer=number.customer)

    assert (would_end(number), delete(number)) == (0, 0)
    assert Conversation.objects.get().state == "active"


def test_panels_and_the_request_are_told(number):
    version = Conversation.objects.get().version

    delete(number)

    assert Conversation.objects.get().version > version
    assert OutboxEntry.objects.filter(topic="request.annotate").exists()
    told = AuditEvent.objects.filter(action="customer.opted-out").order_by("pk")
    assert list(told.values_list("channel", "actor")) == [("sms", "ana"), ("whatsapp", "ana")]


def test_what_waits_does_not_leave(number):
    send = SendFactory(
        message__conversation=Conversation.objects.get(), message__address=Address.objects.get()
    )
    AddressFactory(phone_number__customer=number.customer)
    delete(number)

    assert delivery.begin(send.pk) is None

    send.refresh_from_db()
    assert (send.state, send.failure) == (SendState.FAILED, FailureKind.OPTED_OUT)


def test_deleting_twice_is_refused(number):
    delete(number)

    with pytest.raises(InvalidTransition, match="deleted already"):
        delete(number)

    assert NumberDeletion.objects.count() == 2


def test_deletion_is_shown_though_the_customer_had_said_stop(number):
    say("STOP", minute=1)

    delete(number)

    assert set(Address.objects.values_list("opted_out_by", flat=True)) == {"admin"}


def test_user_id_is_closed_on_its_channel_alone():
    whatsapp("Hello", address="HR.482913")

    delete(PhoneNumber.objects.get())

    assert list(NumberDeletion.objects.values_list("channel", flat=True)) == ["whatsapp"]


def test_deleted_number_that_writes_opens_a_request_and_stays_opted_out(number):
    delete(number)

    message = now_says("Are you there?")

    assert message.conversation.state == "opening"
    assert not Address.objects.filter(opted_out_at=None).exists()


def test_start_lifts_the_proof_of_its_channel(number):
    delete(number)

    now_says("START")

    lifted = NumberDeletion.objects.exclude(lifted_at=None).get()
    assert (lifted.channel, lifted.lifted_by) == ("sms", "")
    assert [has_opted_out(NUMBER, channel) for channel in Channel] == [False, True]


def test_start_from_before_the_deletion_changes_nothing(number):
    delete(number)

    say("START", minute=5)

    assert NumberDeletion.objects.in_force().count() == 2


def forget_the_number():
    PhoneNumber.objects.update(key="erased:1")
    for address in Address.objects.all():
        Address.objects.filter(pk=address.pk).update(value=f"erased:{address.pk}")


@pytest.mark.parametrize("text", ["Hello", "START"])
def test_deletion_holds_when_the_number_was_forgotten(number, text):
    delete(number)
    forget_the_number()

    message = now_says(text)

    assert message.conversation.customer != number.customer
    assert has_opted_out(NUMBER, Channel.SMS) is (text == "Hello")
    assert NumberDeletion.objects.in_force().count() == (1 if text == "START" else 2)


def test_forgotten_number_is_still_known_as_opted_out(number):
    delete(number)
    forget_the_number()

    assert has_opted_out(f"+{NUMBER}", Channel.SMS)


@pytest.mark.parametrize("forgotten", [True, False])
def test_agent_cannot_enter_a_deleted_number(number, forgotten):
    delete(number)
    if forgotten:
        forget_the_number()

    with pytest.raises(ActivationRefused) as refused:
        activate(AgentFactory(issue_id="10555"), numbers={Channel.SMS: NUMBER})

    assert "opted out of SMS" in refused.value.problems[Channel.SMS]
    assert "when an admin records their consent" in refused.value.problems[Channel.SMS]
    assert not Conversation.objects.filter(issue_id="10555").exists()


def test_consent_opens_the_chosen_channel(number):
    delete(number)

    opened = record_consent(number.pk, [Channel.SMS], because="By telephone", by="vera")

    assert opened == [Channel.SMS]
    assert [has_opted_out(NUMBER, channel) for channel in Channel] == [False, True]
    proof = NumberDeletion.objects.get(channel="sms")
    assert (proof.lifted_by, proof.lifted_because) == ("vera", "By telephone")
    assert NumberDeletion.objects.get(channel="whatsapp").lifted_at is None


def test_consent_asks_the_provider_to_lift_its_block(number):
    delete(number)

    record_consent(number.pk, [Channel.SMS], because="By telephone", by="vera")

    address = Address.objects.get(channel="sms")
    release = OutboxEntry.objects.get(topic="blocklist.release")
    assert release.subject == str(address.pk)


def test_conversation_goes_on_where_it_had_ended(number):
    delete(number)

    record_consent(number.pk, list(Channel), because="By telephone", by="vera")

    conversation = Conversation.objects.get()
    assert (conversation.state, conversation.end_reason) == ("active", "")
    assert OutboxEntry.objects.filter(topic="request.refresh").exists()


def test_conversation_waits_while_another_is_active(number):
    delete(number)
    ConversationFactory(customer=number.customer)

    record_consent(number.pk, [Channel.SMS], because="By telephone", by="vera")

    assert Conversation.objects.get(issue_id="9001").state == "paused"


def test_consent_after_the_customers_own_stop_leaves_a_proof(number):
    say("STOP", minute=1)

    record_consent(number.pk, [Channel.SMS], because="By telephone", by="vera")

    proof = NumberDeletion.objects.get()
    assert (proof.deleted_by, proof.lifted_by, proof.lifted_because) == (
        "customer",
        "vera",
        "By telephone",
    )


def test_consent_where_nothing_was_closed_changes_nothing(number):
    assert record_consent(number.pk, list(Channel), because="So", by="vera") == []
    assert not NumberDeletion.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_delete_at_once_one_does(number):
    def attempt():
        try:
            return delete(number)
        except InvalidTransition:
            return "deleted"

    assert sorted(map(str, together(attempt, attempt))) == ["1", "deleted"]


@pytest.mark.django_db(transaction=True)
def test_deleting_while_the_customer_writes_leaves_both(number):
    def write():
        now_says("Hello again", address=NUMBER)

    together(lambda: delete(number), write)

    assert NumberDeletion.objects.in_force().count() == 2
    assert Customer.objects.count() == 1
    assert not Address.objects.filter(opted_out_at=None).exists()


@pytest.fixture
def number_with_user_id():
    whatsapp("Hello", address=NUMBER, user_id="HR.482913")
    return PhoneNumber.objects.get(key=NUMBER)


def test_user_id_that_is_one_with_the_number_is_closed_too(number_with_user_id):
    delete(number_with_user_id)

    message = whatsapp("Hello again", minute=10, address="HR.482913")

    assert message.address.opted_out_by == "admin"


def test_start_lifts_the_user_ids_proof_too(number_with_user_id):
    delete(number_with_user_id)

    now_says("START", channel=Channel.WHATSAPP, sender_number=WHATSAPP)

    assert list(NumberDeletion.objects.in_force().values_list("channel", flat=True)) == ["sms"]
