"""A customer's reaction: with the message it means, whatever the order in which news comes."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from threading import Event

import pytest
from django.db import connection, transaction

from conversations import nudges
from conversations.contracts import Channel, InboundReaction
from conversations.errors import NotYetKnown
from conversations.models import AuditEvent, Conversation, Customer, Message, OutboxEntry
from conversations.services.reactions import take_reaction
from tests.conversations.concurrency import PATIENCE_SECONDS, somebody_waits, together
from tests.factories import ConversationFactory, MessageFactory, SenderFactory, SendFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def ours():
    return SendFactory(message__channel=Channel.WHATSAPP, state="delivered")


def reaction(target, emoji="👍", *, minute=0, address="385991903327"):
    return InboundReaction(
        channel=Channel.WHATSAPP,
        target_id=str(target),
        address=address,
        sender_number="385951006720",
        occurred_at=NOON + timedelta(minutes=minute),
        emoji=emoji,
    )


def test_reaction_to_a_message_of_ours(ours):
    assert take_reaction(reaction(ours.pk)) is True

    message = Message.objects.get()
    assert (message.reaction, message.reacted_at) == ("👍", NOON)
    assert message.version == message.conversation.version == 1


def test_reaction_by_the_providers_own_id(ours):
    ours.provider_id = "wamid.OURS=="
    ours.save()

    assert take_reaction(reaction("wamid.OURS==")) is True


def test_reaction_to_a_message_of_theirs():
    MessageFactory(channel=Channel.WHATSAPP, provider_id="wamid.THEIRS==")

    assert take_reaction(reaction("wamid.THEIRS==")) is True


@pytest.mark.parametrize("order", list(permutations([("👍", 0), ("❤️", 1), ("", 2), ("🎉", 3)])))
def test_newest_reaction_stays_in_every_order(ours, order):
    for emoji, minute in order:
        take_reaction(reaction(ours.pk, emoji, minute=minute))

    assert Message.objects.get().reaction == "🎉"


def test_reaction_is_taken_back(ours):
    take_reaction(reaction(ours.pk))

    assert take_reaction(reaction(ours.pk, "", minute=1)) is True
    assert Message.objects.get().reaction == ""


def test_same_reaction_twice_changes_nothing(ours):
    take_reaction(reaction(ours.pk))

    assert take_reaction(reaction(ours.pk)) is False
    assert Message.objects.get().version == 1


def test_reaction_opens_no_request(ours):
    Conversation.objects.update(state="ended", end_reason="resolved")

    take_reaction(reaction(ours.pk))

    assert Conversation.objects.count() == 1
    assert OutboxEntry.objects.exists() is False


def test_reaction_rings_the_panels(ours, monkeypatch, django_capture_on_commit_callbacks):
    rung = []
    monkeypatch.setattr(nudges._bells, "add", lambda subject, version: rung.append(subject[1]))

    with django_capture_on_commit_callbacks(execute=True):
        take_reaction(reaction(ours.pk))

    assert rung == [ours.message.conversation_id]


@pytest.mark.parametrize("target", ["wamid.UNKNOWN==", "3f0a1b52-7c7e-4e0d-9d6a-1f2e3d4c5b6a"])
def test_reaction_to_a_message_that_is_not_known_yet(target):
    with pytest.raises(NotYetKnown):
        take_reaction(reaction(target))


def test_message_of_the_other_channel_is_not_meant():
    MessageFactory(channel=Channel.SMS, provider_id="wamid.THEIRS==")

    with pytest.raises(NotYetKnown):
        take_reaction(reaction("wamid.THEIRS=="))


@pytest.mark.parametrize("reference", ["wamid.THEIRS==", "3f0a1b52-7c7e-4e0d-9d6a-1f2e3d4c5b6a"])
def test_message_is_found_without_reading_all_of_them(reference):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    plan = Message.objects.known_as("whatsapp", reference).explain()

    assert "inbound_message_stored_once" in plan


def test_echo_of_our_own_reaction_is_none(ours):
    SenderFactory(channel=Channel.WHATSAPP, number="385951006720")

    assert take_reaction(reaction(ours.pk, address="+385951006720")) is False
    assert Message.objects.get().reaction == ""


@pytest.mark.parametrize("emoji", ["x" * 10_000, "a\x00\ud800", "👨‍👩‍👧‍👦"])
def test_whatever_calls_itself_an_emoji_can_be_stored(ours, emoji):
    take_reaction(reaction(ours.pk, emoji))

    assert 0 < len(Message.objects.get().reaction) <= 64


def test_audit_holds_no_emoji(ours):
    take_reaction(reaction(ours.pk))

    event = AuditEvent.objects.get(action="message.reacted")
    assert (event.actor_kind, event.result, event.detail) == ("customer", "added", {})


@pytest.mark.django_db(transaction=True)
def test_reaction_to_a_message_that_is_just_moving_shows_where_it_moves_to():
    theirs = MessageFactory(channel=Channel.WHATSAPP, provider_id="wamid.THEIRS==")
    customer = theirs.conversation.customer
    target = ConversationFactory(customer=customer, state="paused", version=7)
    locked, reacted = Event(), Event()

    def move():
        with transaction.atomic():
            Customer.objects.lock([customer.pk])
            locked.set()
            while not reacted.is_set() and not somebody_waits():
                pass
            Message.objects.update(conversation=target)

    def react():
        locked.wait(PATIENCE_SECONDS)
        take_reaction(reaction("wamid.THEIRS=="))
        reacted.set()

    together(move, react)

    assert Message.objects.get().version == 8


@pytest.mark.django_db(transaction=True)
def test_reaction_and_report_of_one_message_do_not_wait_for_each_other(ours):
    message, reported = ours.message, Event()

    def report():
        with transaction.atomic():
            message.conversation.raise_version()
            reported.set()
            while not somebody_waits():
                pass
            Message.objects.update(version=1)

    def react():
        reported.wait(PATIENCE_SECONDS)
        return take_reaction(reaction(ours.pk))

    assert together(report, react)[1] is True
    assert Message.objects.get().version == 2
