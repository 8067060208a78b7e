"""What of a conversation is kept in Jira beside the request: its files and its transcripts."""

from django.db import transaction

from conversations import audit
from conversations.models import Attachment, AuditEvent, Conversation
from conversations.outbox import promise

TRANSCRIPT_KEPT = "transcript.kept"


def promise_attachment(attachment: Attachment) -> None:
    """Have a stored file attached to the request of its message's conversation, once it is there.

    Call in the transaction that stores it, or that sends it.
    """
    message = attachment.message
    if message is not None:
        promise("request.attach", group=f"request:{message.conversation_id}", subject=attachment.pk)


@transaction.atomic
def note_transcript(conversation: Conversation, *, until: int) -> None:
    """Jira has a transcript of the conversation up to the message with the id `until`."""
    audit.record(
        TRANSCRIPT_KEPT,
        actor_kind=audit.Actor.SYSTEM,
        subject=conversation,
        conversation=conversation,
        until=until,
    )


def transcript_until(conversation: Conversation) -> int:
    """Return the id of the newest message that a transcript in Jira holds; 0 without one."""
    last = AuditEvent.objects.filter(
        action=TRANSCRIPT_KEPT, subject_type="conversation", subject_id=str(conversation.pk)
    ).order_by("-pk")
    event = last.first()
    return int(event.detail.get("until", 0)) if event else 0
