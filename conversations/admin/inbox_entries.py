"""The console's page of what came in, and of the quarantine in it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from conversations import inbox
from conversations.admin import trail
from conversations.admin.pages import ReadOnlyAdmin
from conversations.admin.site import console
from conversations.models import InboxEntry

LONGEST_SHOWN = 100_000  # bytes


@admin.register(InboxEntry, site=console)
class InboxEntryAdmin(ReadOnlyAdmin[InboxEntry]):
    group = "Records"
    list_display = ["__str__", "state", "reason", "attempts", "received_at", "due_at"]
    list_filter = ["state", "received_at"]
    ordering = ["-pk"]
    actions = ["try_again"]
    fields = ["source", "state", "reason", "attempts", "received_at", "due_at", "raw_body"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboxEntry]:
        return super().get_queryset(request).defer("body")

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("conversations.change_inboxentry")

    @admin.action(description="Try again", permissions=["retry"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[InboxEntry]) -> None:
        quarantined = queryset.filter(state=InboxEntry.State.QUARANTINED)
        count = inbox.retry(quarantined.only("pk"))
        trail.record(request, "inbox.retried", count=count)
        self.message_user(request, f"{count} will be tried again.")

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002 - Django's own signature
        change: bool = False,  # noqa: FBT001, FBT002
        form_url: str = "",
        obj: InboxEntry | None = None,
    ) -> HttpResponse:
        """Show the body, which may hold a customer's words; that it was opened is recorded."""
        if obj is not None:
            trail.record(request, "inbox.opened", subject=obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display(description="body")
    def raw_body(self, entry: InboxEntry) -> SafeString:
        text = bytes(entry.body[:LONGEST_SHOWN]).decode(errors="replace")
        return format_html('<pre class="console-raw">{}</pre>', text)
