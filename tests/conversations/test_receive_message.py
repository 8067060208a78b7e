"""A customer's message: stored once, in the one active conversation."""

import pytest
import time_machine

from conversations import nudges
from conversations.contracts import Channel, InboundFile
from conversations.errors import NotUnderstood
from conversations.models import (
    Address,
    AuditEvent,
    Conversation,
    Customer,
    Message,
    OutboxEntry,
    PhoneNumber,
    Sender,
)
from conversations.services.inbound import receive_message
from tests.factories import ConversationFactory, InboundMessageFactory, SenderFactory, SendFactory

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


def test_profile_name_turns_nothing_around_that_stands_beside_it():
    message = receive_message(whatsapp(profile_name="\u2067Ana\u2069 \u202ecod.exe"))

    assert message.conversation.customer.name == "Ana cod.exe"


def test_text_that_the_database_cannot_hold_is_made_storable():
    message = receive_message(InboundMessageFactory(text="a\x00b\ud800c"))

    assert message.text == "a\ufffdb\ufffdc"


def test_unknown_sender_of_ours_is_refused_and_nothing_is_stored():
    with pytest.raises(NotUnderstood):
        receive_message(InboundMessageFactory(sender_number="385000000000"))

    assert not Customer.objects.exists()
    assert not OutboxEntry.objects.exists()


@pytest.mark.parametrize(
    "written", ["385951006719", "+385951006719", "+385 95 100 6719", "00385951006719"]
)
def test_our_sender_is_known_however_it_is_written(written):
    assert receive_message(InboundMessageFactory(sender_number=written)).sender.channel == "sms"


def test_our_sender_is_known_by_a_variant_of_its_number():
    ours = SenderFactory(channel=Channel.WHATSAPP, number="5215512345678")

    message = receive_message(
        InboundMessageFactory(channel=Channel.WHATSAPP, sender_number="525512345678")
    )

    assert message.sender == ours


def test_our_sender_as_it_was_named_is_preferred_to_a_variant():
    SenderFactory(number="5215512345678")
    ours = SenderFactory(number="525512345678")

    assert receive_message(InboundMessageFactory(sender_number="525512345678")).sender == ours


def test_message_to_nobody_went_to_the_only_sender():
    assert receive_message(InboundMessageFactory(sender_number="")).sender.number == "385951006719"


def test_message_to_nobody_is_refused_where_it_may_have_gone_to_two():
    SenderFactory(number="385951006721")

    with pytest.raises(NotUnderstood):
        receive_message(InboundMessageFactory(sender_number=""))


@pytest.mark.parametrize("author", ["385951006719", "+385 95 100 6720"])
@pytest.mark.parametrize("to", ["385991903327", "385951006719", ""])
def test_echo_of_our_own_sender_opens_nothing(author, to):
    assert receive_message(InboundMessageFactory(address=author, sender_number=to)) is None
    assert Customer.objects.exists() is False
    assert OutboxEntry.objects.exists() is False


def heard_at():
    return Sender.objects.get(channel="sms").heard_at


def test_sender_remembers_when_it_was_heard_at_most_once_a_minute():
    with time_machine.travel("2026-11-20T09:30:00Z", tick=False) as clock:
        receive_message(InboundMessageFactory())
        clock.shift(59)
        receive_message(InboundMessageFactory())
        assert heard_at().isoformat() == "2026-11-20T09:30:00+00:00"
        clock.shift(2)
        receive_message(InboundMessageFactory())

    assert heard_at().isoformat() == "2026-11-20T09:31:01+00:00"


def test_file_is_to_be_fetched():
    file = InboundFile("https://api.infobip.com/media/1", "cup.jpg", "image/jpeg")

    message = receive_message(whatsapp(kind="image", files=(file,)))

    attachment = message.attachments.get()
    assert (attachment.state, attachment.source_url) == ("pending", file.url)
    assert (attachment.name, attachment.content_type) == ("cup.jpg", "image/jpeg")
    promised = OutboxEntry.objects.get(topic="file.fetch")
    assert (promised.subject, promised.group) == (str(attachment.pk), f"file:{attachment.pk}")


def test_message_has_all_of_its_files():
    files = tuple(InboundFile(f"https://api.infobip.com/media/{n}") for n in range(3))

    message = receive_message(whatsapp(kind="image", files=files))

    assert message.attachments.count() == 3
    assert OutboxEntry.objects.filter(topic="file.fetch").count() == 3


def test_file_at_an_address_too_long_to_keep_is_refused_and_the_message_stays():
    file = InboundFile("https://api.infobip.com/" + "x" * 3000, "n" * 10_000, "t" * 10_000)

    attachment = receive_message(whatsapp(kind="image", files=(file,))).attachments.get()

    assert (attachment.state, attachment.problem) == ("refused", "forbidden-address")
    assert OutboxEntry.objects.filter(topic="file.fetch").exists() is False


def test_same_message_twice_has_its_file_once():
    event = whatsapp(kind="image", files=(InboundFile("https://api.infobip.com/media/1"),))
    receive_message(event)

    receive_message(event)

    assert OutboxEntry.objects.filter(topic="file.fetch").count() == 1


def test_answer_to_a_message_of_ours_quotes_it():
    question = receive_message(whatsapp())
    send = SendFactory(message__conversation=question.conversation)

    assert receive_message(whatsapp(quoted_id=str(send.pk))).quoted == send.message


def test_answer_to_a_message_of_their_own_quotes_it():
    question = receive_message(whatsapp())

    assert receive_message(whatsapp(quoted_id=question.provider_id)).quoted == question


@pytest.mark.parametrize("quoted_id", ["wamid.GONE==", "3f0a1b52-7c7e-4e0d-9d6a-1f2e3d4c5b6a"])
def test_answer_to_a_message_we_do_not_know_keeps_its_id(quoted_id):
    message = receive_message(whatsapp(quoted_id=quoted_id))

    assert (message.quoted, message.quoted_provider_id) == (None, quoted_id)


def test_message_of_another_customer_is_not_quoted():
    theirs = receive_message(whatsapp(address="385911112222"))

    assert receive_message(whatsapp(quoted_id=theirs.provider_id)).quoted is None


def test_long_fields_are_stored():
    message = receive_message(
        whatsapp(
            kind="location",
            text="t" * 10_000,
            content={"name": "n" * 10_000},
            profile_name="p" * 10_000,
            address="a" * 10_000,
            user_id="u" * 10_000,
        )
    )

    assert len(message.content["name"]) == 10_000
    assert len(message.conversation.customer.name) == 200


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
    with django_assert_max_num_queries(14):
        receive_message(InboundMessageFactory())
