"""Messages that came after their request had ended, before we heard of its end: they move on."""

from datetime import datetime

from conversations import audit
from conversations.contracts import Channel
from conversations.models import Attachment, Conversation, Message, OutboxEntry
from conversations.nudges import ring
from conversations.services import auto_replies
from conversations.services.files import promise_attachment
from conversations.services.inbound import open_conversation, switch_on


def move_later_messages(conversation: Conversation, since: datetime) -> None:
    """Move what the customer wrote after `since` to their active conversation, or to a new one.

    The conversation has ended, its version is raised, and the caller holds the customer's lock.
    What agents wrote stays where they wrote it.
    """
    late = Message.objects.from_customer().filter(conversation=conversation, occurred_at__gt=since)
    moved = list(late.in_order())
    if not moved:
        return
    last_at = moved[-1].occurred_at
    customer = conversation.customer
    target = customer.conversations.active().first()
    opened = target is None
    if target is None:
        target = open_conversation(customer, channel=moved[0].channel, message_at=last_at)
    for channel in {message.channel for message in moved}:
        switch_on(target, Channel(channel))
    version = target.raise_version(message_at=last_at)
    ids = [message.pk for message in moved]
    Message.objects.filter(pk__in=ids).update(conversation=target, version=version)
    audit.record(
        "message.moved",
        actor_kind=audit.Actor.SYSTEM,
        subject=conversation,
        conversation=conversation,
        to=target.pk,
        messages=ids,
        version=conversation.version,
    )
    _attach_again(ids)
    ring(target.pk, version)
    if opened:
        auto_replies.answer_opening(target)


def _attach_again(message_ids: list[int]) -> None:
    """Have stored files attached to the new request too, unless their first try is still ahead."""
    stored = Attachment.objects.filter(
        message__in=message_ids, state=Attachment.State.STORED
    ).select_related("message")
    for attachment in stored:
        ahead = OutboxEntry.objects.pending().filter(topic="request.attach", claim=None)
        # Locked, so that no worker begins it before the message has moved.
        waiting = ahead.filter(subject=str(attachment.pk)).select_for_update(skip_locked=True)
        if waiting.first() is None:
            promise_attachment(attachment)
