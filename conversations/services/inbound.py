"""What customers do: they write."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from conversations import audit
from conversations.contracts import Channel, InboundFile, InboundMessage
from conversations.direction import kept_to_itself
from conversations.errors import NotUnderstood
from conversations.models import Address, Conversation, Customer, Message, Sender
from conversations.nudges import ring
from conversations.outbox import promise
from conversations.services import auto_replies, consent
from conversations.services.customers import lock_author
from conversations.services.fetched_files import expect_file
from conversations.services.other_requests import ring_paused
from conversations.storable import storable

# Of a sender that many write to, the row is not to be waited for.
HEARD_EVERY = timedelta(minutes=1)


def receive_message(event: InboundMessage) -> Message | None:
    """Store a customer's message once, in their one active conversation, opening one if needed.

    Locks the customer. Called twice with the same provider id, it returns the message of the first
    call. None for the echo of a message of our own. Raises NotUnderstood when the message went to a
    sender that is not ours.
    """
    event = _storable(event)
    sender = _sender_of(event)
    return None if sender is None else _receive(event, sender)


@transaction.atomic(savepoint=False)  # what fails in the inbox's transaction fails with it
def _receive(event: InboundMessage, sender: Sender) -> Message:
    customer, address = lock_author(event)
    seen = Message.objects.filter(channel=event.channel, provider_id=event.provider_id).first()
    if seen is not None:
        return seen

    _remember_name(customer, event.profile_name)
    conversation = customer.conversations.active().first()
    opened = conversation is None
    if conversation is None:
        conversation = open_conversation(
            customer, channel=event.channel, message_at=event.occurred_at
        )
    switch_on(conversation, event.channel)
    message = _store(event, conversation, sender, address)
    for file in event.files:
        expect_file(message, file)
    _note_heard(sender)
    consent.heed_words(message)
    auto_replies.answer(message, opened=opened)
    return message


def open_conversation(customer: Customer, *, channel: str, message_at: datetime) -> Conversation:
    """Open a conversation and promise its request.

    The caller holds the customer's lock, and the customer has no active one.
    """
    conversation = customer.conversations.create(channel=channel, last_message_at=message_at)
    promise("request.open", group=f"request:{conversation.pk}", subject=conversation.pk)
    audit.record(
        "conversation.opened",
        actor_kind=audit.Actor.CUSTOMER,
        subject=conversation,
        channel=channel,
    )
    ring_paused(customer.pk, but=conversation.pk)
    return conversation


def switch_on(conversation: Conversation, channel: Channel) -> None:
    """Where a customer writes they can be answered, whatever an agent has chosen before."""
    if conversation.channels is not None and channel not in conversation.channels:
        conversation.channels = [*conversation.channels, channel.value]
        conversation.save(update_fields=["channels"])


def _sender_of(event: InboundMessage) -> Sender | None:
    """Return the sender of ours that was written to; None when one of ours has written.

    A message that does not say where it went can have gone to the channel's only sender.
    """
    ours = list(Sender.objects.known_as(event.sender_number, event.address))
    if any(sender.is_known_as(event.address) for sender in ours):
        return None
    if not event.sender_number:
        ours = list(Sender.objects.filter(channel=event.channel)[:2])
    here = [sender for sender in ours if sender.channel == event.channel]
    exact = [sender for sender in here if sender.number == event.sender_number]
    found = exact or here
    if not found or (not event.sender_number and len(found) > 1):
        raise NotUnderstood(f"No {event.channel} sender has the number this was sent to.")
    return found[0]


def _remember_name(customer: Customer, profile_name: str) -> None:
    name = kept_to_itself(profile_name)
    if name and not customer.name:
        customer.name = name[:200]
        customer.save(update_fields=["name"])


def _store(
    event: InboundMessage, conversation: Conversation, sender: Sender, address: Address
) -> Message:
    version = conversation.raise_version(message_at=event.occurred_at)
    message = Message.objects.create(
        conversation=conversation,
        direction=Message.Direction.IN,
        channel=event.channel,
        kind=event.kind,
        text=event.text,
        content=event.content,
        sender=sender,
        address=address,
        provider_id=event.provider_id,
        quoted=_quoted(event, conversation),
        quoted_provider_id=event.quoted_id,
        occurred_at=event.occurred_at,
        version=version,
    )
    audit.record(
        "message.received",
        actor_kind=audit.Actor.CUSTOMER,
        subject=message,
        conversation=conversation,
        channel=event.channel,
        address=address.value,
    )
    ring(conversation.pk, version)
    return message


def _quoted(event: InboundMessage, conversation: Conversation) -> Message | None:
    """Return the message that this one answers, if it is one of this customer's and ours."""
    if not event.quoted_id:
        return None
    meant = Message.objects.known_as(event.channel, event.quoted_id)
    return meant.filter(conversation__customer=conversation.customer_id).first()


def _note_heard(sender: Sender) -> None:
    now = timezone.now()
    if sender.heard_at is None or now - sender.heard_at > HEARD_EVERY:
        stale = Q(heard_at=None) | Q(heard_at__lt=now - HEARD_EVERY)
        Sender.objects.filter(stale, pk=sender.pk).update(heard_at=now)


def _storable(event: InboundMessage) -> InboundMessage:
    """The message as the database can hold it; the inbox keeps the original."""
    files = tuple(
        InboundFile(storable(file.url), storable(file.name), storable(file.content_type))
        for file in event.files
    )
    return replace(
        event,
        provider_id=storable(event.provider_id),
        sender_number=storable(event.sender_number),
        text=storable(event.text),
        content=storable(event.content),
        profile_name=storable(event.profile_name),
        files=files,
        quoted_id=storable(event.quoted_id),
    )
