"""Files that agents attach: kept from the moment they are chosen until they are sent."""

from collections.abc import Sequence
from datetime import timedelta
from math import ceil

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations import files
from conversations.capabilities import CAPABILITIES, FileLimit
from conversations.contracts import Agent, Channel
from conversations.errors import NotFound, SendingRefused, TooOften
from conversations.file_names import name_of
from conversations.file_types import is_disguised
from conversations.models import Attachment, Message
from conversations.services.files import promise_attachment
from conversations.services.outgoing import (
    conversation_of,
    locked_conversation,
    require_right_to_reply,
)
from logins.rate_limits import Limit, spend

MOST_WAITING = 10
KEPT_FOR = timedelta(hours=24)
# Of one agent: more than anybody chooses by hand, and less than fills a disk in an afternoon.
FILES = Limit("uploads", most=200, window=timedelta(minutes=5))
MEGABYTES = Limit("uploaded-megabytes", most=1000, window=timedelta(minutes=15))
MEGABYTE = 1024**2


def take_upload(agent: Agent, file: UploadedFile[bytes], channel: Channel) -> Attachment:
    """Keep a file of the agent's for this request until it is sent; returns its row.

    Call outside any transaction. What the channel does not carry is refused before it is stored:
    raises NotFound or SendingRefused, or TooOften; NotStored when the storage is full or away.
    """
    _require_may_attach(agent, file, channel)
    _require_not_too_often(agent, file)
    facts = files.examine(file, name=file.name or "", said=file.content_type or "")
    limit = CAPABILITIES[channel].limit_for(facts.content_type)
    _require_carried(file.name or "", facts, limit)
    with files.put(file, facts) as held, transaction.atomic():
        # It may have been paused while the file came.
        require_right_to_reply(agent, locked_conversation(agent))
        _require_room(agent)
        attachment = Attachment(
            state=Attachment.State.STORED,
            issue_id=agent.issue_id,
            uploaded_by=agent.account_id,
            name=name_of(
                file.name or "",
                kind=limit.kind if limit else "",
                content_type=facts.content_type,
                occurred_at=timezone.now(),
            ),
        )
        files.place(attachment, held, facts)
        attachment.save()
    return attachment


@transaction.atomic
def discard_upload(agent: Agent, attachment_id: int) -> None:
    """Forget a file that was not sent. Raises NotFound."""
    attachment = _waiting(agent).select_for_update().filter(pk=attachment_id).first()
    if attachment is None:
        raise NotFound(_("This file is not there any more."))
    files.release(attachment)
    attachment.delete()


def waiting_uploads(agent: Agent) -> list[Attachment]:
    """Return the agent's files for this request that are not sent yet, the oldest first."""
    return list(_waiting(agent).order_by("pk"))


def claim_uploads(agent: Agent, attachment_ids: Sequence[int]) -> list[Attachment]:
    """Lock the agent's own unsent files and return them in this order.

    Call in the transaction that gives them their message. Raises NotFound if one is not there.
    """
    found = _waiting(agent).select_for_update().in_bulk(list(attachment_ids))
    if len(found) < len(attachment_ids):
        raise NotFound(_("A file is not there any more. Attach it again."))
    return [found[each] for each in attachment_ids]


def give_upload(attachment: Attachment | None, message: Message) -> None:
    """Let a claimed file, if there is one, go with a message, and to the request in Jira."""
    if attachment is not None:
        attachment.message = message
        attachment.save(update_fields=["message"])
        promise_attachment(attachment)


def require_size(name: str, size: int, largest: int) -> None:
    """Raise SendingRefused for a file that is larger than what is carried."""
    if size > largest:
        raise SendingRefused(
            _("%(name)s has %(size)s, up to %(most)s can be sent. Make it smaller.")
            % {"name": name, "size": filesizeformat(size), "most": filesizeformat(largest)},
            code="file-too-large",
        )


def remove_forgotten() -> int:
    """Remove the current site's uploads that nobody has sent for a day; returns how many."""
    forgotten = Attachment.objects.filter(
        message=None, created_at__lt=timezone.now() - KEPT_FOR
    ).order_by("pk")
    removed = 0
    for pk in list(forgotten.values_list("pk", flat=True)):
        with transaction.atomic():
            attachment = forgotten.select_for_update(skip_locked=True).filter(pk=pk).first()
            if attachment is not None:
                files.release(attachment)
                attachment.delete()
                removed += 1
    return removed


def _waiting(agent: Agent) -> QuerySet[Attachment]:
    return Attachment.objects.filter(
        message=None, issue_id=agent.issue_id, uploaded_by=agent.account_id
    )


def _require_may_attach(agent: Agent, file: UploadedFile[bytes], channel: Channel) -> None:
    require_right_to_reply(agent, conversation_of(agent))
    limits = CAPABILITIES[channel].files
    if not limits:
        raise SendingRefused(_("SMS carries text only. Choose WhatsApp."), code="text-only")
    if not file.size:
        raise SendingRefused(_("%s is empty. Choose another file.") % file.name, code="file-empty")
    require_size(file.name or "", file.size, max(limit.largest for limit in limits))
    _require_room(agent)


def _require_not_too_often(agent: Agent, file: UploadedFile[bytes]) -> None:
    weight = ceil((file.size or 0) / MEGABYTE)
    wait = max(spend(FILES, agent.account_id), spend(MEGABYTES, agent.account_id, weight=weight))
    if wait:
        minutes = ceil(wait / 60)
        words = ngettext(
            "You have attached very many files just now. Try again in %(count)d minute.",
            "You have attached very many files just now. Try again in %(count)d minutes.",
            minutes,
        )
        raise TooOften(words % {"count": minutes}, retry_after=wait)


def _require_room(agent: Agent) -> None:
    if _waiting(agent).count() >= MOST_WAITING:
        raise SendingRefused(
            _("Up to %d files can wait. Send or remove some first.") % MOST_WAITING,
            code="too-many-files",
        )


def _require_carried(name: str, facts: files.Facts, limit: FileLimit | None) -> None:
    if is_disguised(name, facts.content_type):
        raise SendingRefused(
            _("%s is not what its name says. Save it again in the right format.") % name,
            code="file-disguised",
        )
    if limit is None:
        raise SendingRefused(
            _("%s is of a type that is not carried. Choose another file.") % name,
            code="file-type",
        )
    require_size(name, facts.size, limit.largest)
