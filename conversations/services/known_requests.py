"""Which requests in Jira are ours, whether Jira shows them, and having it asked how they stand."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from conversations import audit
from conversations.models import Conversation, OutboxEntry
from conversations.outbox import promise

# Between Jira's clock and ours.
CLOCKS_DIFFER = timedelta(minutes=1)


def is_ours(issue_id: str) -> bool:
    """Whether a request has a conversation."""
    return Conversation.objects.filter(issue_id=issue_id).exists()


def goes_on(issue_id: str) -> bool:
    """Whether a request has a conversation that has not ended, as far as we know."""
    return Conversation.objects.live().filter(issue_id=issue_id).exists()


def awaits_request(created_at: datetime) -> bool:
    """Whether a request made in Jira at that time may become a conversation's.

    Ask before looking for its conversation: afterwards, it may have been attached in between.
    """
    opening = OutboxEntry.objects.pending().filter(topic="request.open")
    return opening.filter(created_at__lte=created_at + CLOCKS_DIFFER).exists()


def ask_for_status(issue_id: str, *, delay: timedelta = timedelta(0)) -> bool:
    """Have Jira asked for the status of a request; False when it is no request of ours."""
    conversation = Conversation.objects.filter(issue_id=issue_id).first()
    if conversation is None:
        return False
    waiting = OutboxEntry.objects.pending().filter(topic="request.refresh", claim=None)
    if not waiting.filter(subject=str(conversation.pk)).exists():
        promise_refresh(conversation, delay)
    return True


def take_visibility(issue_id: str, *, hidden: bool) -> None:
    """Jira does not show the app a request of ours, or does again; its data stays as it is."""
    other = Conversation.objects.filter(issue_id=issue_id, issue_hidden_since__isnull=hidden)
    if not other.exists():
        return  # as nearly always
    with transaction.atomic():
        for conversation in other.select_for_update():
            conversation.issue_hidden_since = timezone.now() if hidden else None
            conversation.save(update_fields=["issue_hidden_since"])
            audit.record(
                "request.hidden" if hidden else "request.visible",
                actor_kind=audit.Actor.JIRA,
                subject=conversation,
                conversation=conversation,
            )
            if not hidden:
                promise_property(conversation)  # what it missed meanwhile


def promise_refresh(conversation: Conversation, delay: timedelta = timedelta(0)) -> None:
    promise(
        "request.refresh",
        group=f"refresh:{conversation.pk}",
        subject=conversation.pk,
        delay=delay,
    )


def promise_property(conversation: Conversation) -> None:
    promise("request.annotate", group=f"annotate:{conversation.pk}", subject=conversation.pk)
