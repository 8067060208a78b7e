"""The console's page of what must still leave."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from conversations import outbox
from conversations.admin import trail
from conversations.admin.pages import ReadOnlyAdmin
from conversations.admin.site import RECORDS, console
from conversations.models import OutboxEntry

WHAT = {
    "message.deliver": gettext_lazy("Send a message"),
    "message.read": gettext_lazy("Show messages as read"),
    "customer.typing": gettext_lazy("Show that an agent types"),
    "templates.sync": gettext_lazy("List the templates"),
    "file.fetch": gettext_lazy("Fetch a customer's file"),
    "senders.check": gettext_lazy("Test the key and the senders"),
    "provider.reconcile": gettext_lazy("Fetch missed messages and reports"),
    "webhook.readdress": gettext_lazy("Tell the provider a new webhook address"),
    "blocklist.check": gettext_lazy("Read a page of the provider's blocklist"),
    "blocklist.release": gettext_lazy("Lift a customer's block at the provider"),
    "identity.confirm": gettext_lazy("Confirm a changed WhatsApp account"),
    "request.open": gettext_lazy("Open a request"),
    "request.annotate": gettext_lazy("Note the conversation's state in a request"),
    "request.reporter": gettext_lazy("Set a request's reporter"),
    "request.attach": gettext_lazy("Attach a file to a request"),
    "request.transcript": gettext_lazy("Keep a transcript in a request"),
    "request-types.check": gettext_lazy("Look at a request type"),
    "request.refresh": gettext_lazy("Look at a request's status"),
    "requests.reconcile": gettext_lazy("Look for requests whose status has changed"),
}


@admin.register(OutboxEntry, site=console)
class OutboxEntryAdmin(ReadOnlyAdmin[OutboxEntry]):
    group = RECORDS
    place = 30
    list_display = ["what", "subject", "state", "attempts", "run_after", "last_error"]
    list_filter = ["state", "created_at"]
    ordering = ["-pk"]
    actions = ["try_again_now"]
    fields = [
        "what",
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

    @admin.display(description="what")
    def what(self, entry: OutboxEntry) -> str:
        return str(WHAT.get(entry.topic, entry.topic))

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("conversations.change_outboxentry")

    @admin.action(description="Try again now", permissions=["retry"])
    def try_again_now(self, request: HttpRequest, queryset: QuerySet[OutboxEntry]) -> None:
        unsettled = queryset.exclude(state=OutboxEntry.State.DONE)
        count = outbox.retry(unsettled.only("pk"))
        trail.record(request, "outbox.retried", count=count)
        self.message_user(request, f"{count} will be tried again.")
