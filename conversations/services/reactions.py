"""What customers do without writing: they put an emoji to a message, or take it back."""

from django.db import transaction
from django.db.models import Q

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
    emoji = storable(event.emoji)[:LONGEST]
    newer = Q(reacted_at=None) | Q(reacted_at__lte=event.occurred_at)
    known = Q(reaction=emoji, reacted_at=event.occurred_at)
    changed = Message.objects.filter(newer, pk=meant.pk).exclude(known)
    if not changed.update(reaction=emoji, reacted_at=event.occurred_at):
        return False
    # Only now: until the lock was ours, it may have moved to another request.
    message = Message.objects.select_related("conversation").get(pk=meant.pk)
    version = message.conversation.raise_version()
    Message.objects.filter(pk=message.pk).update(version=version)
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
