"""The console's audit log: filtered and searched, never changed."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from conversations import audit
from conversations.admin.pages import ReadOnlyAdmin
from conversations.admin.site import RECORDS, console
from conversations.models import AuditEvent
from conversations.phone_numbers import AddressKind, identify, variants

LOOKED_AT_FOR_ACTIONS = 10_000
NEWEST_FIRST = ("-occurred_at", "-id")


class ActionFilter(admin.SimpleListFilter):
    """Offers the actions of the latest events: asking for all would read the whole log."""

    title = "action"
    parameter_name = "action"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, str]]:
        latest = AuditEvent.objects.order_by(*NEWEST_FIRST)[:LOOKED_AT_FOR_ACTIONS]
        actions = AuditEvent.objects.filter(pk__in=latest.values("pk")).order_by("action")
        return [(action, action) for action in actions.values_list("action", flat=True).distinct()]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent]
    ) -> QuerySet[AuditEvent]:
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(AuditEvent, site=console)
class AuditEventAdmin(ReadOnlyAdmin[AuditEvent]):
    group = RECORDS
    place = 10
    list_display = ["time", "who", "action", "subject", "channel", "result", "detail"]
    list_filter = [ActionFilter, "actor_kind", "channel", "occurred_at"]
    keyset = NEWEST_FIRST
    search_fields = ["issue_key"]
    search_help_text = "A request key, an id, or a whole number with its country code."
    fields = [
        "time",
        "actor_kind",
        "actor",
        "action",
        "subject_type",
        "subject_id",
        "issue_key",
        "channel",
        "address_hash",
        "result",
        "detail_indented",
    ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[AuditEvent], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        wanted = Q(issue_key=term.upper()) | Q(subject_id=term)
        return queryset.filter(wanted | Q(address_hash__in=hashes_of(term))), False

    @admin.display(description="time (UTC)")
    def time(self, event: AuditEvent) -> str:
        return f"{event.occurred_at:%Y-%m-%d %H:%M:%S}.{event.occurred_at.microsecond // 1000:03}"

    @admin.display(description="who")
    def who(self, event: AuditEvent) -> str:
        return event.actor or event.get_actor_kind_display()

    @admin.display(description="on")
    def subject(self, event: AuditEvent) -> str:
        return event.issue_key or f"{event.subject_type} {event.subject_id}".strip()

    @admin.display(description="detail")
    def detail_indented(self, event: AuditEvent) -> SafeString:
        text = json.dumps(event.detail, indent=2, ensure_ascii=False)
        return format_html('<pre class="console-raw">{}</pre>', text)


def hashes_of(typed: str) -> set[str]:
    """Return the keyed hashes that events may name a typed number or address by."""
    forms = {typed}
    identity = identify(typed)
    if identity.kind is not AddressKind.UNKNOWN:
        forms.add(identity.address)
    if identity.kind is AddressKind.NUMBER:
        forms.update(variants(identity.address))
    return {audit.hash_of(form) for form in forms}
