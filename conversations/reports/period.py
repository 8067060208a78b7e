"""The days that a report covers, as its reader counts them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

MOST_BARS = 92  # of days; then weeks, then months
MOST_WEEKS = 2 * 366  # days
DECEMBER = 12


class Unit(StrEnum):
    """What one bar of a chart stands for; the words are PostgreSQL's."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Period:
    """From the first midnight to the one after the last day, wherever clocks change between."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first, time.min, tzinfo=self.zone)

    @property
    def until(self) -> datetime:
        """The first moment that is not in the period."""
        return datetime.combine(self.last + timedelta(days=1), time.min, tzinfo=self.zone)

    @property
    def before(self) -> "Period":
        """As many days that end where this begins."""
        day = timedelta(days=1)
        return Period(self.first - self.days * day, self.first - day, self.zone)

    @property
    def unit(self) -> Unit:
        if self.days <= MOST_BARS:
            return Unit.DAY
        return Unit.WEEK if self.days <= MOST_WEEKS else Unit.MONTH

    @property
    def buckets(self) -> list[date]:
        """The first day of every day, week or month that the period touches."""
        found = [_start(self.first, self.unit)]
        while (following := _after(found[-1], self.unit)) <= self.last:
            found.append(following)
        return found


def _start(day: date, unit: Unit) -> date:
    match unit:
        case Unit.DAY:
            return day
        case Unit.WEEK:
            return day - timedelta(days=day.weekday())
        case Unit.MONTH:
            return day.replace(day=1)


def _after(start: date, unit: Unit) -> date:
    match unit:
        case Unit.DAY:
            return start + timedelta(days=1)
        case Unit.WEEK:
            return start + timedelta(weeks=1)
        case Unit.MONTH:
            years, month = divmod(start.month, DECEMBER)
            return date(start.year + years, month + 1, 1)
