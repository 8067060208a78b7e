"""Emptying a conversation: its texts, contents and files go, that there were messages stays."""

from collections.abc import Collection

from django.db.models import Q, QuerySet
from django.utils import timezone

from conversations import files
from conversations.models import (
    Attachment,
    Conversation,
    Draft,
    Message,
    OutboxEntry,
    Send,
)
from conversations.nudges import ring

MESSAGES_AT_ONCE = 500
OF_FILES = ("file.fetch", "request.attach")


def unerased(conversation: Conversation) -> QuerySet[Message]:
    """Return the messages that still hold what was written."""
    return conversation.messages.exclude(content__has_key=Message.ERASED)


def erase_texts(conversation: Conversation, *, at_most: int = MESSAGES_AT_ONCE) -> bool:
    """Empty some messages of a conversation for ever; True while there may be more of them.

    Call in a transaction that holds the customer's lock, again and again until it returns False:
    the last call takes drafts and unsent files with it. Bytes leave the storage after the commit,
    unless another message has the same. Panels show the messages as erased.
    """
    ids = list(unerased(conversation).order_by("pk").values_list("pk", flat=True)[:at_most])
    if not ids:
        return _erase_unsent(conversation)
    if _erase_files(Attachment.objects.filter(message__in=ids)):
        return True
    # In the order in which a report takes them: its send, the conversation, the message.
    Send.objects.filter(message__in=ids).exclude(error_text="").update(error_text="")
    version = conversation.raise_version()
    Message.objects.filter(pk__in=ids).update(
        text="", content={Message.ERASED: True}, reaction="", reacted_at=None, version=version
    )
    ring(conversation.pk, version)
    return True


def put_away(topics: Collection[str], subjects: Collection[object], *, because: str) -> None:
    """Keep no promise any more that speaks of what is erased."""
    unkept = Q(state=OutboxEntry.State.PENDING) | Q(state=OutboxEntry.State.DEAD)
    OutboxEntry.objects.filter(
        unkept, topic__in=topics, subject__in=[str(each) for each in subjects]
    ).update(
        state=OutboxEntry.State.DISMISSED,
        dismissed_because=because,
        # A worker that has begun it shall not say afterwards what became of it.
        claim=None,
        last_error="",
        settled_at=timezone.now(),
    )


def _erase_unsent(conversation: Conversation) -> bool:
    if not conversation.issue_id:
        return False
    Draft.objects.filter(issue_id=conversation.issue_id).delete()
    return _erase_files(Attachment.objects.filter(message=None, issue_id=conversation.issue_id))


def _erase_files(attachments: QuerySet[Attachment]) -> bool:
    """Take some files away, as many as a slow storage removes in time; False if there were none."""
    # By their content, which is locked, too: two who share files wait for each other, but not both.
    ordered = attachments.order_by("sha256", "pk")
    some = list(ordered.select_for_update(of=("self",))[: files.AT_ONCE])
    put_away(OF_FILES, [attachment.pk for attachment in some], because="erased")
    for attachment in some:
        files.release(attachment)
        attachment.delete()
    return bool(some)
