"""Filters of the list of conversations: each is answered by an index, however many there are."""

import re
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin.date_filters import PeriodFilter
from conversations.contracts import SendState
from conversations.models import AgentProfile, Conversation, Message, Send

LOOKED_AT_FOR_PROJECTS = 1000  # the newest: an older project's key can be typed into the address
MOST_AGENTS = 100
PROJECT = re.compile(r"[A-Z][A-Z0-9_]*")
ENDS = {
    "resolved": Conversation.EndReason.RESOLVED,
    "deleted": Conversation.EndReason.DELETED,
    "opted-out": Conversation.EndReason.OPTED_OUT,
}


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("State")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("opening", _("Opening")),
            ("active", _("Active")),
            ("paused", _("Paused")),
            ("resolved", _("Resolved")),
            ("opted-out", _("Opted out")),
            ("deleted", _("Deleted")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if value in ENDS:
            return queryset.filter(state=Conversation.State.ENDED, end_reason=ENDS[value])
        return queryset.filter(state=value) if value in Conversation.State else queryset


class ProjectFilter(admin.SimpleListFilter):
    title = gettext_lazy("Project")
    parameter_name = "project"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        newest = Conversation.objects.exclude(issue_key="").order_by("-last_message_at")
        keys = newest.values_list("issue_key", flat=True)[:LOOKED_AT_FOR_PROJECTS]
        projects = {key.rpartition("-")[0] for key in keys} - {""}
        asked = request.GET.get(self.parameter_name, "")
        projects |= {asked} if PROJECT.fullmatch(asked) else set()
        return [(project, project) for project in sorted(projects)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        project = self.value() or ""
        if not PROJECT.fullmatch(project):
            return queryset
        return queryset.filter(issue_key__startswith=f"{project}-")


class AgentFilter(admin.SimpleListFilter):
    title = gettext_lazy("Agent")
    parameter_name = "agent"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        asked = request.GET.get(self.parameter_name, "")
        agents = AgentProfile.objects.order_by("-updated_at").values_list("account_id", "name")
        offered = {**dict(agents[:MOST_AGENTS]), **dict(agents.filter(account_id=asked))}
        return sorted(offered.items(), key=lambda agent: agent[1].casefold())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        written = Message.objects.filter(author=self.value())
        return queryset.filter(pk__in=written.values("conversation"))


class FailedFilter(admin.SimpleListFilter):
    title = gettext_lazy("Failed")
    parameter_name = "failed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("only", _("With failed messages"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != "only":
            return queryset
        newer = Q(number__gt=OuterRef("number"))
        arrived = Q(state__in=[SendState.DELIVERED, SendState.READ])
        mended = Send.objects.filter(newer | arrived, message=OuterRef("message"))
        failed = Send.objects.filter(~Exists(mended), state=SendState.FAILED)
        return queryset.filter(pk__in=failed.values("message__conversation"))


class DatesFilter(PeriodFilter):
    """By when it went on: from its opening to its last message."""

    title = gettext_lazy("Dates")

    def within(self, queryset: QuerySet[Any], since: Any, until: Any) -> QuerySet[Any]:
        if since:
            queryset = queryset.filter(last_message_at__gte=since)
        return queryset.filter(created_at__lt=until) if until else queryset
