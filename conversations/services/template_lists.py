"""What a provider says of a sender's templates; our tags stay ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from conversations.contracts import TemplateUpdate
from conversations.models import MessageTemplate, Sender
from conversations.templates import Structure

PROVIDERS_WORDS = (
    "provider_id",
    "status",
    "category",
    "quality",
    "structure",
    "raw",
    "not_understood",
    "synced_at",
    "gone_at",
)


@dataclass(frozen=True)
class ProviderTemplate:
    """A template as a provider lists it; `not_understood` names the part that we cannot send."""

    provider_id: str
    name: str
    language: str
    status: str
    category: str
    quality: str
    rejected_for: str
    structure: Structure
    not_understood: str
    raw: dict[str, Any]


@dataclass(frozen=True)
class Taken:
    """What a list has changed: how many it names, and how many it names no more."""

    listed: int
    gone: int


@transaction.atomic
def take_list(
    sender: Sender, templates: Sequence[ProviderTemplate], *, asked_at: datetime, complete: bool
) -> Taken:
    """Store a sender's templates as they were listed; what we know from later stays as it is.

    What a complete list names no more is gone: it is kept with its tags, and not offered.
    """
    _lock(sender)
    ours = MessageTemplate.objects.filter(sender=sender)
    later = set(ours.filter(synced_at__gt=asked_at).values_list("name", "language"))
    rows = {
        (each.name, each.language): _row(sender, each, asked_at)
        for each in templates
        if (each.name, each.language) not in later
    }
    MessageTemplate.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["sender", "name", "language"],
        update_fields=PROVIDERS_WORDS,
    )
    for each in templates:
        if each.rejected_for:
            take_reason(TemplateUpdate(each.name, each.language, asked_at, each.rejected_for))
    gone = 0
    if complete:
        missing = ours.filter(gone_at=None, synced_at__lt=asked_at)
        gone = missing.update(gone_at=asked_at, synced_at=asked_at)
    return Taken(len(templates), gone)


def take_reason(update: TemplateUpdate) -> None:
    """Keep why a template was rejected: only one event says it, and most lists do not."""
    if update.rejected_for:
        rejected = MessageTemplate.objects.filter(name=update.name, language=update.language)
        rejected.update(rejected_for=update.rejected_for[:100])


@transaction.atomic
def take_one(sender: Sender, template: ProviderTemplate, *, at: datetime) -> MessageTemplate:
    """Store one template, as a provider answered when it was submitted."""
    _lock(sender)
    found, _created = MessageTemplate.objects.update_or_create(
        sender=sender,
        name=template.name,
        language=template.language,
        defaults={**_words(template, at), "rejected_for": ""},
    )
    return found


@transaction.atomic
def take_deletion(sender: Sender, name: str, *, at: datetime) -> int:
    """A template was deleted in all languages; returns how many of ours that are."""
    _lock(sender)
    ours = MessageTemplate.objects.filter(sender=sender, name=name, gone_at=None)
    return ours.update(status=MessageTemplate.Status.PENDING_DELETION, gone_at=at, synced_at=at)


def _lock(sender: Sender) -> None:
    """Keep out other news of its templates, but not messages, which only refer to the sender."""
    Sender.objects.select_for_update(no_key=True).get(pk=sender.pk)


def _row(sender: Sender, template: ProviderTemplate, at: datetime) -> MessageTemplate:
    return MessageTemplate(
        sender=sender, name=template.name, language=template.language, **_words(template, at)
    )


def _words(template: ProviderTemplate, at: datetime) -> dict[str, Any]:
    return {
        "provider_id": template.provider_id,
        "status": template.status,
        "category": template.category,
        "quality": template.quality,
        "structure": template.structure.as_json(),
        "raw": template.raw,
        "not_understood": template.not_understood,
        "synced_at": at,
        "gone_at": None,
    }
