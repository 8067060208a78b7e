"""Filters of lists by days: today, the last 7 or 30, or from one to another."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from babel.dates import format_date
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from conversations.languages import reading_locale

SINCE, UNTIL = "since", "until"
ONE_DAY = timedelta(days=1)


class PeriodFilter(admin.ListFilter):
    """By days in the reader's time zone, both included; `within` says of what."""

    template = "admin/dates_filter.html"
    parameter_names = (SINCE, UNTIL)

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        for name in (SINCE, UNTIL):
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1]
        self.since, self.until = self._day(SINCE), self._day(UNTIL)

    def within(
        self, queryset: QuerySet[Any], since: datetime | None, until: datetime | None
    ) -> QuerySet[Any]:
        """Return the rows from `since` on and before `until`."""
        raise NotImplementedError

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return [SINCE, UNTIL]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        since = _midnight(self.since) if self.since else None
        until = _midnight(self.until + ONE_DAY) if self.until else None
        return self.within(queryset, since, until)

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        # For the form beside them: what else the list is filtered by.
        self.others = {
            name: value for name, value in changelist.params.items() if name not in (SINCE, UNTIL)
        }
        yield {
            "selected": not self.since and not self.until,
            "query_string": changelist.get_query_string(remove=[SINCE, UNTIL]),
            "display": _("All"),
        }
        for words, since in self._spans():
            yield {
                "selected": (self.since, self.until) == (since, None),
                "query_string": changelist.get_query_string({SINCE: since.isoformat()}, [UNTIL]),
                "display": words,
            }

    @property
    def chosen(self) -> str:
        """Return in words which days are shown."""
        for words, since in self._spans():
            if (self.since, self.until) == (since, None):
                return words
        days = [written_day(day) if day else "" for day in (self.since, self.until)]
        return " \N{EN DASH} ".join(days).strip()

    def _spans(self) -> list[tuple[str, date]]:
        today = timezone.localdate()
        spans = ((_("Today"), 1), (_("Last 7 days"), 7), (_("Last 30 days"), 30))
        return [(words, today - timedelta(days=days - 1)) for words, days in spans]

    def _day(self, name: str) -> date | None:
        try:
            day = parse_date(str(self.used_parameters.get(name, "")))
        except ValueError:
            return None
        # Days at the ends of the calendar have none beside them.
        return day if day and date.min.year < day.year < date.max.year else None


def written_day(day: date) -> str:
    return format_date(day, "medium", locale=reading_locale())


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
