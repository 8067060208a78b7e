"""The console's page of what must still leave, and of what could not."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from conversations import outbox
from conversations.admin.lozenges import lozenge
from conversations.admin.outbox_subjects import Subjects, subjects_of
from conversations.admin.outbox_words import MEANING, REPEATED, WHAT
from conversations.admin.paging import KeysetChangeList
from conversations.admin.queue_words import why_not_sent
from conversations.admin.queues import QueueAdmin, ReasonFilter, StandingFilter
from conversations.admin.site import console
from conversations.masking import hide_numbers
from conversations.models import OutboxEntry
from conversations.moments import ago, exact, written


class TopicFilter(admin.SimpleListFilter):
    title = gettext_lazy("What")
    parameter_name = "topic__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return sorted(
            ((topic, str(words)) for topic, words in WHAT.items()), key=lambda row: row[1]
        )

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(topic=self.value()) if self.value() else queryset


FIELDS = (
    "what_in_words",
    "about",
    "standing",
    "why_and_reason",
    "attempts",
    "next_try",
    "dismissed_because",
    "promised",
    "begun",
    "settled",
    "topic",
    "group",
    "subject",
)


class OutboxList(KeysetChangeList):
    """Looks up what a page's entries are about at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        _prepare(self.result_list, request)


@admin.register(OutboxEntry, site=console)
class OutboxEntryAdmin(QueueAdmin[OutboxEntry]):
    place = 30
    queue = outbox
    logged_as = "outbox"
    failed = OutboxEntry.State.DEAD
    usual = (OutboxEntry.State.PENDING, OutboxEntry.State.DEAD)
    usual_words = gettext_lazy("Waiting and failed")
    reason_field = "last_error"
    retry_name = "try_outbox_again"
    dismiss_name = "dismiss_failed"
    standings = {
        OutboxEntry.State.PENDING: (gettext_lazy("Waiting"), "info"),
        OutboxEntry.State.DEAD: (gettext_lazy("Failed"), "error"),
        OutboxEntry.State.DISMISSED: (gettext_lazy("Dismissed"), "neutral"),
        OutboxEntry.State.DONE: (gettext_lazy("Done"), "success"),
    }
    list_display = ("what", "about", "standing", "why_and_reason", "since", "attempts", "next_try")
    list_filter = (StandingFilter, TopicFilter, ReasonFilter)
    empty_text = gettext_lazy("Nothing waits and nothing failed.")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return OutboxList

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> OutboxEntry | None:
        entry = super().get_object(request, object_id, from_field)
        if entry is not None:
            _prepare([entry], request)
        return entry

    def get_fields(self, request: HttpRequest, obj: OutboxEntry | None = None) -> list[Any]:
        if obj is None:
            return []
        said = {
            "next_try": obj.state == OutboxEntry.State.PENDING,
            "dismissed_because": obj.dismissed_because,
            "begun": obj.started_at,
            "settled": obj.settled_at,
        }
        return [name for name in FIELDS if said.get(name, True)]

    get_readonly_fields = get_fields

    def may_retry(self, state: str) -> bool:
        return state != OutboxEntry.State.DONE

    def title_of(self, obj: OutboxEntry | None) -> str:
        return self.what_in_words(obj) if obj is not None else ""

    def needed(self, chosen: QuerySet[OutboxEntry]) -> QuerySet[OutboxEntry]:
        return outbox.still_needed(chosen)

    def meaning(self, going: QuerySet[OutboxEntry]) -> Iterable[str]:
        for topic in going.order_by("topic").values_list("topic", flat=True).distinct():
            yield f"{WHAT.get(topic, topic)}: {MEANING.get(topic, REPEATED)}"

    @admin.display(description=gettext_lazy("What"))
    def what_in_words(self, entry: OutboxEntry) -> str:
        return str(WHAT.get(entry.topic, entry.topic))

    @admin.display(description=gettext_lazy("What"))
    def what(self, entry: OutboxEntry) -> SafeString:
        return self.link_to(entry, self.what_in_words(entry))

    @admin.display(description=gettext_lazy("About"))
    def about(self, entry: Any) -> SafeString | str:
        subjects: Subjects = entry.subjects
        conversation = subjects.conversations.get(entry.group)
        if conversation is None or not entry.may_open:
            return str(conversation or subjects.numbers.get(entry.group, ""))
        where = reverse("admin:conversations_conversation_change", args=[conversation.pk])
        return format_html('<a href="{}">{}</a>', where, conversation)

    @admin.display(description=gettext_lazy("State"))
    def standing(self, entry: OutboxEntry) -> SafeString:
        words, level = self.standings[entry.state]
        return lozenge(str(words), level)

    @admin.display(description=gettext_lazy("Why"))
    def why(self, entry: OutboxEntry) -> str:
        if entry.state not in self.usual:
            return ""
        return why_not_sent(entry.last_error, failed=entry.state == self.failed)

    @admin.display(description=gettext_lazy("Why"))
    def why_and_reason(self, entry: OutboxEntry) -> SafeString | str:
        if not entry.last_error:
            return self.why(entry)
        return format_html(
            '{}<br><code class="console-quiet">{}</code>',
            why_not_sent(entry.last_error, failed=entry.state != OutboxEntry.State.PENDING),
            hide_numbers(entry.last_error),
        )

    @admin.display(description=gettext_lazy("Since"))
    def since(self, entry: OutboxEntry) -> SafeString:
        at = entry.created_at
        return format_html('<time title="{}">{}</time>', exact(at), ago(at))

    @admin.display(description=gettext_lazy("Next try"))
    def next_try(self, entry: OutboxEntry) -> str:
        return written(entry.run_after) if entry.state == OutboxEntry.State.PENDING else ""

    @admin.display(description=gettext_lazy("Promised"))
    def promised(self, entry: OutboxEntry) -> str:
        return exact(entry.created_at)

    @admin.display(description=gettext_lazy("End of a try unknown since"))
    def begun(self, entry: OutboxEntry) -> str:
        return exact(entry.started_at) if entry.started_at else ""

    @admin.display(description=gettext_lazy("Settled"))
    def settled(self, entry: OutboxEntry) -> str:
        return exact(entry.settled_at) if entry.settled_at else ""


def _prepare(entries: Iterable[Any], request: HttpRequest) -> None:
    """Note with entries what they are about, and whether the reader may open that."""
    subjects = subjects_of(entries)
    may_open = request.user.has_perm("conversations.view_conversation")
    for entry in entries:
        entry.subjects, entry.may_open = subjects, may_open
