"""The audit log as a file: CSV, or JSON Lines, of exactly what the list is filtered to."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from conversations.admin import trail
from conversations.admin.audit_words import detail_in_words, kind_in_words, names_of, subject, what
from conversations.admin.csv_files import csv_response, download
from conversations.admin.date_filters import SINCE, UNTIL
from conversations.admin.paging import Keyset
from conversations.models import AuditEvent
from conversations.moments import exact

KEYSET = Keyset("-occurred_at", "-id")
CHUNK = 2_000
UNCUT = 1_000_000  # characters: a value is never cut in a file
# Whatever else stands in an address is not written down.
FILTERS = frozenset({"who", "what", "subject", "channel", "result", SINCE, UNTIL})
Phrases = dict[tuple[str, str, str], tuple[str, str, str]]


def export(request: HttpRequest, events: QuerySet[AuditEvent], form: str) -> StreamingHttpResponse:
    """Return these events as a download, up to those of now, and record who took which."""
    newest = events.order_by(*KEYSET.names).first()
    filters = {name: value for name, value in request.GET.items() if name in FILTERS}
    # What was searched for may be a number.
    if request.GET.get("q"):
        filters["searched"] = "yes"
    trail.record(
        request,
        "audit.exported",
        form=form,
        filters=filters,
        newest=newest.pk if newest else None,
    )
    taken = events.filter(occurred_at__lte=newest.occurred_at) if newest else events.none()
    return FORMS[form](taken)


def _as_csv(events: QuerySet[AuditEvent]) -> StreamingHttpResponse:
    zone = timezone.localtime().tzname()
    heads = [
        _("Time (%(zone)s)") % {"zone": zone},
        _("Who"),
        _("Account"),
        _("What"),
        _("Action"),
        _("On"),
        _("Subject"),
        _("Channel"),
        _("Result"),
        _("Detail"),
        _("From"),
        _("ID"),
    ]
    rows = _rows(events, timezone.get_current_timezone(), translation.get_language() or "en")
    return csv_response("audit-log", heads, rows)


def _rows(events: QuerySet[AuditEvent], zone: Any, language: str) -> Iterator[list[Any]]:
    """Rows are read when the reader's time zone and language were left already."""
    phrases: Phrases = {}
    for chunk in KEYSET.chunks(events, CHUNK):
        with timezone.override(zone), translation.override(language):
            rows = _written(chunk, phrases)
        yield from rows


def _written(chunk: list[AuditEvent], phrases: Phrases) -> list[list[Any]]:
    names = names_of(chunk)
    return [
        [
            exact(event.occurred_at),
            names.get(event.actor) or event.actor or kind,
            event.actor,
            happened,
            event.action,
            subject(event),
            f"{event.subject_type}:{event.subject_id}" if event.subject_type else "",
            channel,
            event.result,
            detail_in_words(event, longest=UNCUT),
            event.detail.get("source", ""),
            event.pk,
        ]
        for event in chunk
        for kind, happened, channel in [_phrases_of(event, phrases)]
    ]


def _phrases_of(event: AuditEvent, known: Phrases) -> tuple[str, str, str]:
    """Return whose kind it was, what happened and the channel; translated once for each of them."""
    key = (event.actor_kind, event.action, event.channel)
    if key not in known:
        known[key] = kind_in_words(event.actor_kind), what(event), event.get_channel_display()
    return known[key]


def _as_json(events: QuerySet[AuditEvent]) -> StreamingHttpResponse:
    """JSON Lines: an object a line, as it was recorded."""
    return download("audit-log", "jsonl", "application/jsonl", _lines(events))


def _lines(events: QuerySet[AuditEvent]) -> Iterator[str]:
    for chunk in KEYSET.chunks(events, CHUNK):
        yield "".join(f"{json.dumps(as_json(event), ensure_ascii=False)}\n" for event in chunk)


def as_json(event: AuditEvent) -> dict[str, Any]:
    """Return an event as it was recorded."""
    return {
        "id": event.pk,
        "occurred_at": event.occurred_at.isoformat(),
        "actor_kind": event.actor_kind,
        "actor": event.actor,
        "action": event.action,
        "subject_type": event.subject_type,
        "subject_id": event.subject_id,
        "issue_key": event.issue_key,
        "channel": event.channel,
        "address_hash": event.address_hash,
        "result": event.result,
        "detail": event.detail,
        "transaction_id": event.transaction_id,
    }


FORMS: dict[str, Callable[[QuerySet[AuditEvent]], StreamingHttpResponse]] = {
    "csv": _as_csv,
    "json": _as_json,
}
