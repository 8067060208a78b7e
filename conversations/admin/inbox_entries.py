"""The console's page of what came in, and of the quarantine in it."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import BinaryField, Case, Count, F, Func, IntegerField, Min, QuerySet, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from conversations import inbox
from conversations.admin import trail
from conversations.admin.lozenges import lozenge
from conversations.admin.notices import Notice
from conversations.admin.queue_words import why_not_read
from conversations.admin.queues import QueueAdmin, ReasonFilter, StandingFilter
from conversations.admin.reveal import is_revealed, reveal
from conversations.admin.site import console
from conversations.masking import hide_numbers, masked
from conversations.models import InboxEntry
from conversations.moments import ago, exact
from conversations.phone_numbers import AddressKind, identify, mask

LONGEST_SHOWN = 100_000  # bytes
LONGEST_READ = 20_000  # bytes of a body that a list looks into
QUARANTINE = f"?state__exact={InboxEntry.State.QUARANTINED}"
SOURCES = {
    "infobip": gettext_lazy("Message, report or event from Infobip"),
    "infobip-reports": gettext_lazy("Delivery report from Infobip"),
    "jira": gettext_lazy("Event from Jira"),
}
WHO = ("from", "sender", "to", "destination")  # as neighbours name the two ends of a message


def quarantine_notice() -> Iterator[Notice]:
    """Yield what an admin should know of the quarantine, if anything is in it."""
    quarantined = InboxEntry.objects.filter(state=InboxEntry.State.QUARANTINED)
    found = quarantined.aggregate(count=Count("pk"), oldest=Min("received_at"))
    count = found["count"]
    if not count:
        return
    text = _("The oldest for %(time)s. See why, and have them tried again once that is mended.")
    yield Notice(
        "warning",
        ngettext("%(count)d item is in quarantine", "%(count)d items are in quarantine", count)
        % {"count": count},
        text % {"time": timesince(found["oldest"])},
        reverse("admin:conversations_inboxentry_changelist") + QUARANTINE,
    )


class SourceFilter(admin.SimpleListFilter):
    title = gettext_lazy("What")
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(source, str(words)) for source, words in SOURCES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(source=self.value()) if self.value() else queryset


@admin.register(InboxEntry, site=console)
class InboxEntryAdmin(QueueAdmin[InboxEntry]):
    place = 20
    queue = inbox
    logged_as = "inbox"
    failed = InboxEntry.State.QUARANTINED
    usual = (InboxEntry.State.QUARANTINED,)
    usual_words = gettext_lazy("In quarantine")
    reason_field = "reason"
    retry_name = "try_all_again"
    dismiss_name = "dismiss_quarantined"
    standings = {
        InboxEntry.State.NEW: (gettext_lazy("Waiting"), "info"),
        InboxEntry.State.QUARANTINED: (gettext_lazy("In quarantine"), "error"),
        InboxEntry.State.DISMISSED: (gettext_lazy("Dismissed"), "neutral"),
        InboxEntry.State.DONE: (gettext_lazy("Done"), "success"),
    }
    list_display = ("what", "about", "standing", "why_and_reason", "since", "attempts")
    list_filter = (StandingFilter, SourceFilter, ReasonFilter)
    empty_text = gettext_lazy("Nothing is in quarantine: all that came in was understood.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboxEntry]:
        size = Func(F("body"), function="octet_length", output_field=IntegerField())
        short = Case(When(size__lte=LONGEST_READ, then=F("body")), output_field=BinaryField())
        found = super().get_queryset(request).defer("body")
        return found.annotate(size=size).annotate(short_body=short)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.reveal_body))
        address = "<int:inboxentry_id>/reveal/"
        return [path(address, view, name="reveal_inboxentry"), *super().get_urls()]

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
            trail.record(request, "inbox.opened", subject=obj)
            if _may_reveal(request) and not is_revealed(request, obj):
                context["reveal_url"] = reverse("admin:reveal_inboxentry", args=[obj.pk])
        return super().render_change_form(request, context, add, change, form_url, obj)

    def reveal_body(self, request: HttpRequest, inboxentry_id: int) -> HttpResponse:
        """Show a body with the words and numbers in it for some minutes; that is recorded."""
        if not _may_reveal(request) or not self.has_view_permission(request):
            raise PermissionDenied
        reveal(request, get_object_or_404(InboxEntry, pk=inboxentry_id))
        return HttpResponseRedirect(self.address_of("change", str(inboxentry_id)))

    def get_fields(self, request: HttpRequest, obj: InboxEntry | None = None) -> list[Any]:
        fields = ["what_in_words", "about", "standing", "why_and_reason", "attempts", "received"]
        if obj is not None and obj.dismissed_because:
            fields.append("dismissed_because")
        shown = obj is not None and is_revealed(request, obj)
        return [*fields, "whole_body" if shown else "masked_body"]

    get_readonly_fields = get_fields

    def title_of(self, obj: InboxEntry | None) -> str:
        return self.what_in_words(obj) if obj is not None else ""

    def meaning(self, going: QuerySet[InboxEntry]) -> Iterable[str]:
        yield _(
            "What they hold is not read: a message among them stays unseen by agents, a report"
            " changes no status. They stay here until retention removes them."
        )

    @admin.display(description=gettext_lazy("What"))
    def what_in_words(self, entry: InboxEntry) -> str:
        return str(SOURCES.get(entry.source, entry.source))

    @admin.display(description=gettext_lazy("What"))
    def what(self, entry: InboxEntry) -> SafeString:
        return self.link_to(entry, self.what_in_words(entry))

    @admin.display(description=gettext_lazy("About"))
    def about(self, entry: Any) -> str:
        return ", ".join(ends_in(bytes(entry.short_body or b"")))

    @admin.display(description=gettext_lazy("State"))
    def standing(self, entry: InboxEntry) -> SafeString:
        words, level = self.standings[entry.state]
        return lozenge(str(words), level)

    @admin.display(description=gettext_lazy("Why"))
    def why_and_reason(self, entry: InboxEntry) -> SafeString | str:
        if not entry.reason:
            return ""
        return format_html(
            '{}<br><code class="console-quiet">{}</code>',
            why_not_read(entry.reason),
            hide_numbers(entry.reason),
        )

    @admin.display(description=gettext_lazy("Since"))
    def since(self, entry: InboxEntry) -> SafeString:
        at = entry.received_at
        return format_html('<time title="{}">{}</time>', exact(at), ago(at))

    @admin.display(description=gettext_lazy("Received"))
    def received(self, entry: InboxEntry) -> str:
        return exact(entry.received_at)

    @admin.display(description=gettext_lazy("As it came"))
    def masked_body(self, entry: InboxEntry) -> SafeString:
        return _raw(masked(bytes(entry.body))[:LONGEST_SHOWN])

    @admin.display(description=gettext_lazy("As it came"))
    def whole_body(self, entry: InboxEntry) -> SafeString:
        return _raw(bytes(entry.body[:LONGEST_SHOWN]).decode(errors="replace"))


def ends_in(body: bytes) -> Iterator[str]:
    """Yield whom or what an item names on top: numbers masked, and a request's key."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return
    if not isinstance(parsed, dict):
        return
    for name in WHO:
        said = parsed.get(name)
        if isinstance(said, str) and identify(said).kind is AddressKind.NUMBER:
            yield mask(said)
    issue = parsed.get("issue")
    if isinstance(issue, dict) and isinstance(issue.get("key"), str):
        yield issue["key"]


def _raw(text: str) -> SafeString:
    return format_html('<pre class="console-raw">{}</pre>', text)


def _may_reveal(request: HttpRequest) -> bool:
    return request.user.has_perm("conversations.reveal_conversation")
