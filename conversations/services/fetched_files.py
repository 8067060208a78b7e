"""What becomes of the files that come with customers' messages and lie at the provider at first."""

from typing import IO

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from conversations import audit, files
from conversations.contracts import Agent, InboundFile
from conversations.errors import NotFound, SendingRefused
from conversations.file_names import name_of, safe_name
from conversations.file_problems import EMPTY, FINAL, FORBIDDEN_ADDRESS
from conversations.models import Attachment, Message
from conversations.nudges import ring
from conversations.outbox import promise
from conversations.services.customers import lock_customer_of
from conversations.services.files import promise_attachment
from conversations.storable import storable

LONGEST_ADDRESS = 2048  # characters
LONGEST_TYPE = 100


def expect_file(message: Message, file: InboundFile) -> Attachment:
    """Note that a message has a file at the provider, and promise to fetch it.

    Call in the transaction that stores the message.
    """
    fetchable = 0 < len(file.url) <= LONGEST_ADDRESS
    attachment = message.attachments.create(
        name=safe_name(file.name),
        content_type=storable(file.content_type)[:LONGEST_TYPE],
        source_url=storable(file.url) if fetchable else "",
        state=Attachment.State.PENDING if fetchable else Attachment.State.REFUSED,
        problem="" if fetchable else FORBIDDEN_ADDRESS,
    )
    if fetchable:
        _promise_fetch(attachment)
    return attachment


def awaited(attachment_id: int) -> Attachment | None:
    """Return a file that has still to be fetched; None when that is settled."""
    pending = Attachment.objects.filter(pk=attachment_id, state=Attachment.State.PENDING)
    return pending.exclude(message=None).select_related("message").first()


def store_file(
    attachment: Attachment, content: IO[bytes], *, name: str = "", said: str = ""
) -> None:
    """Keep what was fetched, under the name and type that came with it or better ones.

    Call outside any transaction. A file that is settled by now stays as it is.
    """
    facts = files.examine(
        content, name=name or attachment.name, said=said or attachment.content_type
    )
    if not facts.size:
        give_up(attachment, EMPTY)
        return
    with files.put(content, facts) as held, transaction.atomic():
        row = _locked(attachment)
        if row is None or row.message is None:
            return
        version = _show(row.message)
        files.place(row, held, facts)
        row.name = name_of(
            name or row.name,
            kind=row.message.kind,
            content_type=facts.content_type,
            occurred_at=row.message.occurred_at,
        )
        row.state, row.problem = Attachment.State.STORED, ""
        row.save()
        promise_attachment(row)
        _record(row, size=facts.size)
        ring(row.message.conversation_id, version)


@transaction.atomic
def give_up(attachment: Attachment, problem: str) -> None:
    """Show that a file was not fetched, and why: one of the codes of `file_problems`."""
    row = _locked(attachment)
    if row is None or row.message is None:
        return
    row.state = Attachment.State.REFUSED if problem in FINAL else Attachment.State.FAILED
    row.problem = problem
    row.save(update_fields=["state", "problem"])
    version = _show(row.message)
    _record(row, problem=problem)
    ring(row.message.conversation_id, version)


@transaction.atomic
def note_delay(attachment: Attachment, problem: str) -> None:
    """Show, once, why a file takes long: it is tried again all the same."""
    row = _locked(attachment)
    if row is None or row.message is None or row.problem:
        return
    row.problem = problem
    row.save(update_fields=["problem"])
    version = _show(row.message)
    ring(row.message.conversation_id, version)


@transaction.atomic
def fetch_again(agent: Agent, attachment_id: int) -> None:
    """Have a file fetched that could not be. Raises NotFound or SendingRefused."""
    found = Attachment.objects.filter(
        pk=attachment_id, message__conversation__issue_id=agent.issue_id
    ).select_related("message__conversation")
    row = _with_customer_locked(found)
    if row is None or row.message is None:
        raise NotFound(_("This file is not of this request."))
    if not agent.may_reply:
        raise SendingRefused(_("You can read this conversation but not reply."), code="read-only")
    if row.state in {Attachment.State.PENDING, Attachment.State.STORED}:
        return
    if row.state == Attachment.State.REFUSED:
        raise SendingRefused(_("This file cannot be had, however often we try."), code="refused")
    row.state, row.problem = Attachment.State.PENDING, ""
    row.save(update_fields=["state", "problem"])
    _promise_fetch(row)
    version = _show(row.message)
    audit.record(
        "file.asked-again",
        actor_kind=audit.Actor.AGENT,
        actor=agent.account_id,
        subject=row,
        conversation=row.message.conversation,
    )
    ring(row.message.conversation_id, version)


def _promise_fetch(attachment: Attachment) -> None:
    # A group of its own: a file that does not come must not hold up another.
    promise("file.fetch", group=f"file:{attachment.pk}", subject=attachment.pk)


def _locked(attachment: Attachment) -> Attachment | None:
    pending = Attachment.objects.filter(pk=attachment.pk, state=Attachment.State.PENDING)
    return _with_customer_locked(pending.select_related("message__conversation"))


def _with_customer_locked(found: QuerySet[Attachment]) -> Attachment | None:
    """Return the row, locked after its customer: its message might move to another request."""
    row = found.first()
    if row is None or row.message is None:
        return None
    lock_customer_of(row.message.conversation_id)
    return found.select_for_update(of=("self",)).first()


def _show(message: Message) -> int:
    version = message.conversation.raise_version()
    Message.objects.filter(pk=message.pk).update(version=version)
    return version


def _record(attachment: Attachment, *, size: int = 0, problem: str = "") -> None:
    message = attachment.message
    audit.record(
        f"file.{attachment.state}",
        actor_kind=audit.Actor.SYSTEM,
        subject=attachment,
        conversation=message.conversation if message else None,
        result=problem,
        size=size,
    )
