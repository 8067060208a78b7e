"""What customers see of agents: that a message was read, and that somebody is writing."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from conversations.capabilities import CAPABILITIES
from conversations.contracts import Agent
from conversations.models import Conversation, Message, SendingSettings
from conversations.models.message import MessageQuerySet
from conversations.outbox import promise
from conversations.services.outgoing import window_is_open
from tenants.context import current_site

SHOWN_FOR = timedelta(seconds=20)  # the customer sees "typing" for about so long
SHOWING = [channel for channel, able in CAPABILITIES.items() if able.presence]


@transaction.atomic
def note_seen(agent: Agent) -> None:
    """Let the customer see that an agent has opened the conversation: their messages are read.

    The newest message of each chat is told, once; it stands for all before it. Cheap to call at
    every opening; does nothing for those who may only look.
    """
    conversation = _conversation(agent)
    if conversation is None or not SendingSettings.objects.current().mark_read:
        return
    chats = _from_customer(conversation).filter(conversation=conversation)
    newest = chats.order_by("sender_id", "address_id", "-occurred_at", "-pk").distinct(
        "sender_id", "address_id"
    )
    for message in newest:
        told = message.read_told_at is None and Message.objects.filter(
            pk=message.pk, read_told_at=None
        ).update(read_told_at=timezone.now())
        if told:
            promise("message.read", group=f"read:{conversation.pk}", subject=message.pk)


@transaction.atomic
def note_typing(agent: Agent, sender_id: int, address_id: int) -> None:
    """Let the customer see that somebody is writing to them; at most once in 20 seconds.

    Call it as often as the agent types; does nothing where it may not or cannot be shown.
    """
    conversation = _conversation(agent)
    if conversation is None or conversation.state != Conversation.State.ACTIVE:
        return
    settings = SendingSettings.objects.current()
    # Whoever sees that somebody writes sees their message as read too.
    if not (settings.show_typing and settings.mark_read):
        return
    chat = _from_customer(conversation).filter(sender=sender_id, address=address_id)
    last = chat.select_related("sender", "address").order_by("-occurred_at", "-pk").first()
    if last is None or not window_is_open(last.address, last.sender):
        return
    now = timezone.now()
    due = Q(typing_told_at=None) | Q(typing_told_at__lte=now - SHOWN_FOR)
    if Conversation.objects.filter(due, pk=conversation.pk).update(typing_told_at=now):
        promise("customer.typing", group=f"typing:{conversation.pk}", subject=last.pk)


def _conversation(agent: Agent) -> Conversation | None:
    """Return the conversation of the agent's request if anything of it may be shown."""
    if not agent.may_reply or not current_site().licence_active:
        return None
    return Conversation.objects.live().filter(issue_id=agent.issue_id).first()


def _from_customer(conversation: Conversation) -> MessageQuerySet:
    """Return what may be answered by a sign: by the provider's id, to who wants messages."""
    return (
        Message.objects.from_customer()
        .filter(channel__in=SHOWING, address__phone_number__customer=conversation.customer_id)
        .filter(sender__enabled=True, address__opted_out_at=None)
        .exclude(provider_id="")
    )
