"""What customers do without writing: they put an emoji to a message, or take it back."""

from django.db import transaction

from conversations import audit
from conversations.contracts import InboundReaction
from conversations.errors import NotYetKnown
from conversations.models import Message, Sender
from conversations.nudges import ring
from conversations.services.customers import lock_customer_of
from conversations.storable import storable

LONGEST = 64  # characters; the longest emoji are families of a dozen


@transaction.atomic
def take_reaction(event: InboundReaction) -> bool:
    """Show a customer's reaction with the message it means; False when that changes nothing.

    Opens no request. Locks the customer. Raises NotYetKnown when no message has that id.
    """
    ours = Sender.objects.known_as(event.address).filter(channel=event.channel)
    if ours.exists():
        return False
    meant = Message.objects.known_as(event.channel, storable(event.target_id)).first()
    if meant is None:
        raise NotYetKnown
    lock_customer_of(meant.conversation_id)
    # Only now: until the lock was ours, it may have moved to another request.
    message = Message.objects.select_related("conversation").get(pk=meant.pk)
    emoji, at = storable(event.emoji)[:LONGEST], event.occurred_at
    known_at = message.reacted_at
    if known_at and (known_at > at or (known_at, message.reaction) == (at, emoji)):
        return False
    # The conversation before its message, as all do: reports take no lock of the customer's.
    version = message.conversation.raise_version()
    Message.objects.filter(pk=message.pk).update(reaction=emoji, reacted_at=at, version=version)
    audit.record(
        "message.reacted",
        actor_kind=audit.Actor.CUSTOMER,
        subject=message,
        conversation=message.conversation,
        channel=event.channel,
        result="added" if emoji else "removed",
    )
    ring(message.conversation_id, version)
    return True
