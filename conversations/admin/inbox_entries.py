"""The console's page of what came in, and of the quarantine in it."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Min, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations import inbox
from conversations.admin import trail
from conversations.admin.notices import Notice
from conversations.admin.pages import ReadOnlyAdmin
from conversations.admin.site import RECORDS, console
from conversations.masking import masked
from conversations.models import InboxEntry

LONGEST_SHOWN = 100_000  # bytes
QUARANTINE = f"?state__exact={InboxEntry.State.QUARANTINED}"


def quarantine_notice() -> Iterator[Notice]:
    """Yield what an admin should know of the quarantine, if anything is in it."""
    quarantined = InboxEntry.objects.filter(state=InboxEntry.State.QUARANTINED)
    count = quarantined.count()
    if not count:
        return
    oldest = quarantined.aggregate(Min("received_at"))["received_at__min"]
    text = _("The oldest for %(time)s. See why, and have them tried again once that is mended.")
    yield Notice(
        "warning",
        ngettext("%(count)d item is in quarantine", "%(count)d items are in quarantine", count)
        % {"count": count},
        text % {"time": timesince(oldest)},
        reverse("admin:conversations_inboxentry_changelist") + QUARANTINE,
    )


@admin.register(InboxEntry, site=console)
class InboxEntryAdmin(ReadOnlyAdmin[InboxEntry]):
    group = RECORDS
    place = 20
    list_display = ["__str__", "state", "reason", "waits_since", "attempts"]
    list_filter = ["state", "source", "received_at"]
    ordering = ["-pk"]
    actions = ["try_again"]
    change_list_template = "admin/conversations/inboxentry/change_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboxEntry]:
        return super().get_queryset(request).defer("body")

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("conversations.change_inboxentry")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.try_all_again)
        return [path("try-all-again/", view, name="try_all_again"), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        reasons = (
            InboxEntry.objects.filter(state=InboxEntry.State.QUARANTINED)
            .values_list("reason", flat=True)
            .distinct()
            .order_by("reason")
        )
        may_retry = self.has_retry_permission(request)
        context = {"reasons": reasons if may_retry else []}
        return super().changelist_view(request, context | (extra_context or {}))

    @admin.action(description="Try again", permissions=["retry"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[InboxEntry]) -> None:
        self._retry(request, queryset)

    def try_all_again(self, request: HttpRequest) -> HttpResponse:
        """Have all that was quarantined for one reason understood again, or all of it."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_retry_permission(request):
            raise PermissionDenied
        chosen = InboxEntry.objects.all()
        if request.POST.get("reason"):
            chosen = chosen.filter(reason=request.POST["reason"])
        self._retry(request, chosen)
        return HttpResponseRedirect(reverse("admin:conversations_inboxentry_changelist"))

    def _retry(self, request: HttpRequest, chosen: QuerySet[InboxEntry]) -> None:
        quarantined = chosen.filter(state=InboxEntry.State.QUARANTINED)
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
        """Show the body, whole only if that is asked for: what was opened is recorded."""
        if obj is not None:
            trail.record(
                request, "inbox.revealed" if whole(request) else "inbox.opened", subject=obj
            )
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_fields(self, request: HttpRequest, obj: InboxEntry | None = None) -> list[Any]:
        body = "whole_body" if whole(request) else "masked_body"
        return ["source", "state", "reason", "attempts", "received_at", "due_at", body]

    get_readonly_fields = get_fields

    @admin.display(description="waits since")
    def waits_since(self, entry: InboxEntry) -> str:
        if entry.state == InboxEntry.State.DONE:
            return ""
        return f"{entry.received_at:%Y-%m-%d %H:%M}, {timesince(entry.received_at)}"

    @admin.display(description="body")
    def masked_body(self, entry: InboxEntry) -> SafeString:
        return format_html(
            '<pre class="console-raw">{}</pre><p><a href="?whole=1">Show it whole</a>'
            " (this is recorded)</p>",
            masked(bytes(entry.body))[:LONGEST_SHOWN],
        )

    @admin.display(description="body")
    def whole_body(self, entry: InboxEntry) -> SafeString:
        text = bytes(entry.body[:LONGEST_SHOWN]).decode(errors="replace")
        return format_html('<pre class="console-raw">{}</pre>', text)


def whole(request: HttpRequest) -> bool:
    """Whether a body is asked for with the words and numbers in it."""
    return request.GET.get("whole") == "1"
