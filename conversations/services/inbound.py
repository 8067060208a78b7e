"""What customers do: they write."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from conversations import audit
from conversations.contracts import Channel, InboundMessage
from conversations.errors import NotUnderstood
from conversations.models import Address, Conversation, Customer, Message, Sender
from conversations.nudges import ring
from conversations.outbox import promise
from conversations.services.customers import lock_author
from conversations.storable import storable


@transaction.atomic
def receive_message(event: InboundMessage) -> Message:
    """Store a customer's message once, in their one active conversation, opening one if needed.

    Locks the customer. Called twice with the same provider id, it returns the message of the first
    call. Raises NotUnderstood when the message went to a sender that is not ours.
    """
    event = _storable(event)
    sender = Sender.objects.filter(channel=event.channel, number=event.sender_number).first()
    if sender is None:
        raise NotUnderstood(f"No {event.channel} sender has the number this was sent to.")
    customer, address = lock_author(event)
    seen = Message.objects.filter(channel=event.channel, provider_id=event.provider_id).first()
    if seen is not None:
        return seen

    _remember_name(customer, event.profile_name)
    conversation = customer.conversations.active().first() or open_conversation(
        customer, channel=event.channel, message_at=event.occurred_at
    )
    switch_on(conversation, event.channel)
    return _store(event, conversation, sender, address)


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
    return conversation


def switch_on(conversation: Conversation, channel: Channel) -> None:
    """Where a customer writes they can be answered, whatever an agent has chosen before."""
    if conversation.channels is not None and channel not in conversation.channels:
        conversation.channels = [*conversation.channels, channel.value]
        conversation.save(update_fields=["channels"])


def _remember_name(customer: Customer, profile_name: str) -> None:
    if profile_name and not customer.name:
        customer.name = profile_name[:200]
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


def _storable(event: InboundMessage) -> InboundMessage:
    """The message as the database can hold it; the inbox keeps the original."""
    return replace(
        event,
        provider_id=storable(event.provider_id),
        text=storable(event.text),
        content=storable(event.content),
        profile_name=storable(event.profile_name),
    )
