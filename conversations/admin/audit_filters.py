"""Filters of the audit log, each answered by an index of its own: who, what, on what, when."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from babel.dates import get_month_names
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from conversations.admin.audit_words import (
    WHAT,
    action_in_words,
    kind_in_words,
    result_in_words,
    subject_type_in_words,
    subject_types,
)
from conversations.admin.date_filters import SINCE, UNTIL, PeriodFilter
from conversations.languages import reading_locale
from conversations.models import AgentProfile, AuditEvent

MOST_PEOPLE = 100
KIND = "kind:"
DECEMBER = 12
# Reads one entry of the index for each value, however many rows there are. That a value is not
# empty is said each time: without it an index of the rows that have one is not for the question.
DISTINCT = """
WITH RECURSIVE found AS (
    (SELECT {column} AS value FROM conversations_auditevent WHERE {column} > ''
     ORDER BY {column} LIMIT 1)
    UNION ALL
    SELECT (SELECT {column} FROM conversations_auditevent
            WHERE {column} > '' AND {column} > found.value ORDER BY {column} LIMIT 1)
    FROM found WHERE found.value IS NOT NULL
)
SELECT value FROM found WHERE value IS NOT NULL
"""


class WhoFilter(admin.SimpleListFilter):
    """By kind, or by person: the console's people and the agents seen last."""

    title = gettext_lazy("Who")
    parameter_name = "who"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        kinds = [(f"{KIND}{kind}", kind_in_words(kind)) for kind in AuditEvent.Actor]
        agents = AgentProfile.objects.order_by("-updated_at").values_list("account_id", "name")
        people = dict(agents[:MOST_PEOPLE])
        for user in User.objects.order_by("-pk")[:MOST_PEOPLE]:
            people[user.username] = user.get_full_name() or user.username
        asked = request.GET.get(self.parameter_name, "")
        if asked and not asked.startswith(KIND):
            people.setdefault(asked, asked)
        return kinds + sorted(people.items(), key=lambda person: person[1].casefold())

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent]
    ) -> QuerySet[AuditEvent]:
        value = self.value() or ""
        if value.startswith(KIND):
            return queryset.filter(actor_kind=value.removeprefix(KIND))
        return queryset.filter(actor=value) if value else queryset


class WhatFilter(admin.SimpleListFilter):
    title = gettext_lazy("What")
    parameter_name = "what"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        known = {*WHAT, *_distinct("action")}
        offered = [(action, action_in_words(action)) for action in known]
        return sorted(offered, key=lambda choice: choice[1].casefold())

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent]
    ) -> QuerySet[AuditEvent]:
        return queryset.filter(action=self.value()) if self.value() else queryset


class SubjectFilter(admin.SimpleListFilter):
    """By kind of row, or by one row, as the history of a page asks: `sender:3`."""

    title = gettext_lazy("On what")
    parameter_name = "subject"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        asked = request.GET.get(self.parameter_name, "")
        kinds = set(_distinct("subject_type"))
        offered = [(kind, subject_type_in_words(kind)) for kind in kinds]
        kind, separator, key = asked.partition(":")
        if separator:
            offered.append((asked, f"{subject_type_in_words(kind)} {key}"))
        elif asked in subject_types().keys() - kinds:
            offered.append((asked, subject_type_in_words(asked)))
        return sorted(offered, key=lambda choice: choice[1].casefold())

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent]
    ) -> QuerySet[AuditEvent]:
        kind, separator, key = (self.value() or "").partition(":")
        if separator:
            return queryset.filter(subject_type=kind, subject_id=key)
        return queryset.filter(subject_type=kind) if kind else queryset


class ResultFilter(admin.SimpleListFilter):
    title = gettext_lazy("Result")
    parameter_name = "result"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        offered = [(code, result_in_words(code)) for code in _distinct("result")]
        return sorted(offered, key=lambda choice: choice[1].casefold())

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent]
    ) -> QuerySet[AuditEvent]:
        return queryset.filter(result=self.value()) if self.value() else queryset

    def has_output(self) -> bool:
        return True


class RecordedFilter(PeriodFilter):
    """By when it was recorded."""

    title = gettext_lazy("Dates")

    def within(self, queryset: QuerySet[Any], since: Any, until: Any) -> QuerySet[Any]:
        if since:
            queryset = queryset.filter(occurred_at__gte=since)
        return queryset.filter(occurred_at__lt=until) if until else queryset

    def spans(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """Yield the choices beside the months: today, the last days."""
        for words, since in self._spans():
            yield {
                "name": words,
                "url": changelist.get_query_string({SINCE: since.isoformat()}, [UNTIL]),
                "selected": (self.since, self.until) == (since, None),
            }


def months(changelist: Any, chosen: RecordedFilter) -> dict[str, Any]:
    """Return the bar of months: those of a year in which there may be events."""
    today = timezone.localdate()
    oldest = AuditEvent.objects.order_by("occurred_at").values_list("occurred_at", flat=True)
    first = oldest.first()
    begun = timezone.localdate(first) if first else today
    shown = chosen.since or chosen.until or today
    year = min(max(shown.year, begun.year), today.year)
    return {
        "year": year,
        "before": _link(changelist, date(year - 1, 1, 1), DECEMBER) if year > begun.year else "",
        "after": _link(changelist, date(year + 1, 1, 1), DECEMBER) if year < today.year else "",
        "months": list(_months_of(changelist, chosen, year, begun, today)),
        "spans": list(chosen.spans(changelist)),
    }


def _months_of(
    changelist: Any, chosen: RecordedFilter, year: int, begun: date, today: date
) -> Iterator[dict[str, Any]]:
    names = get_month_names("abbreviated", locale=reading_locale())
    for number in range(1, DECEMBER + 1):
        first = date(year, number, 1)
        if _end_of(first, 1) < begun or first > today:
            continue
        yield {
            "name": names[number],
            "url": _link(changelist, first, 1),
            "selected": (chosen.since, chosen.until) == (first, _end_of(first, 1)),
        }


def _link(changelist: Any, first: date, count: int) -> str:
    days = {SINCE: first.isoformat(), UNTIL: _end_of(first, count).isoformat()}
    return str(changelist.get_query_string(days))


def _end_of(first: date, count: int) -> date:
    """Return the last day of the last of so many months."""
    ahead = first.month - 1 + count
    return date(first.year + ahead // DECEMBER, ahead % DECEMBER + 1, 1) - timedelta(days=1)


def _distinct(column: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(DISTINCT.format(column=column))
        return [value for (value,) in cursor.fetchall()]
