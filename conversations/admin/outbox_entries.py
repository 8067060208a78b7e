"""The console's page of what must still leave."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from conversations import outbox
from conversations.admin import trail
from conversations.admin.pages import ReadOnlyAdmin
from conversations.admin.site import console
from conversations.models import OutboxEntry


@admin.register(OutboxEntry, site=console)
class OutboxEntryAdmin(ReadOnlyAdmin[OutboxEntry]):
    group = "Records"
    list_display = ["topic", "subject", "state", "attempts", "run_after", "last_error"]
    list_filter = ["state", "created_at"]
    ordering = ["-pk"]
    actions = ["try_again_now"]
    fields = [
        "topic",
        "group",
        "subject",
        "state",
        "attempts",
        "run_after",
        "started_at",
        "last_error",
        "created_at",
        "settled_at",
    ]

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("conversations.change_outboxentry")

    @admin.action(description="Try again now", permissions=["retry"])
    def try_again_now(self, request: HttpRequest, queryset: QuerySet[OutboxEntry]) -> None:
        unsettled = queryset.exclude(state=OutboxEntry.State.DONE)
        count = outbox.retry(unsettled.only("pk"))
        trail.record(request, "outbox.retried", count=count)
        self.message_user(request, f"{count} will be tried again.")
