"""The sections of a report: the same rows for the page's tables and for their downloads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from babel.dates import format_date, format_skeleton
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from conversations.admin.charts import Chart, Data, Label, Series
from conversations.admin.figures import COUNT, Measure, duration, number, percent
from conversations.languages import reading_locale
from conversations.reports.period import Unit
from conversations.reports.report import Report

Cell = str | int | float | date | Promise | None


@dataclass(frozen=True)
class Column:
    """`name` stands above it on the page; `unit` is what its numbers are in a download."""

    name: str
    write: Callable[[Any], str] = number
    unit: str = ""
    numeric: bool = True

    @property
    def head(self) -> str:
        return f"{self.name} ({self.unit})" if self.unit else self.name


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    notes: Sequence[str]
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    charts: Sequence[Chart] = field(default_factory=tuple)

    @property
    def shown(self) -> list[list[tuple[Column, str]]]:
        return [
            [(column, column.write(cell)) for column, cell in zip(self.columns, row, strict=True)]
            for row in self.rows
        ]

    @property
    def heads(self) -> list[str]:
        return [column.head for column in self.columns]


def words(name: str) -> Column:
    return Column(name, str, numeric=False)


def seconds(name: str) -> Column:
    return Column(name, duration, _("seconds"))


def share(name: str) -> Column:
    return Column(name, percent)


def whole(value: float | None) -> int | None:
    """Return seconds without what nobody asks for."""
    return None if value is None else round(value)


def part(count: int, of: int) -> float | None:
    return round(count / of, 3) if of else None


def bucket(report: Report) -> Column:
    """Return the column that says which day, week or month a row is of."""
    return Column(unit_words(report), partial(_in_full, report.scope.period.unit), numeric=False)


def unit_words(report: Report) -> str:
    units = {Unit.DAY: _("Day"), Unit.WEEK: _("Week from"), Unit.MONTH: _("Month")}
    return units[report.scope.period.unit]


def labels(report: Report) -> list[Label]:
    unit = report.scope.period.unit
    return [
        Label(
            format_skeleton("yMMM" if unit is Unit.MONTH else "MMMd", day, locale=reading_locale()),
            _in_full(unit, day),
        )
        for day in report.scope.period.buckets
    ]


def course(
    report: Report,
    name: str,
    title: str,
    *series: tuple[str, Sequence[float | None]],
    measure: Measure = COUNT,
) -> Data:
    """Return what a chart over the days, weeks or months of a report shows."""
    every = [Series(words_, values) for words_, values in series]
    return Data(name, title, unit_words(report), labels(report), every, measure)


def _in_full(unit: Unit, day: date) -> str:
    if unit is Unit.MONTH:
        return format_skeleton("yMMMM", day, locale=reading_locale())
    return format_date(day, "medium", locale=reading_locale())
