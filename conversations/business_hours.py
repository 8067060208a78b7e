"""When somebody is at work: hours on the days of the week by the site's own clock, and holidays."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from itertools import pairwise

MIDNIGHT = time(0)


@dataclass(frozen=True, order=True)
class Hours:
    """From when to when on a day of the week; 0 is Monday. A close at 00:00 is the day's end."""

    weekday: int
    opens_at: time
    closes_at: time

    def holds(self, local: datetime) -> bool:
        """Whether a moment of the site's clock is within; the very end of them is not."""
        clock = local.time().replace(tzinfo=None)
        return local.weekday() == self.weekday and self.opens_at <= clock and not self.ended(clock)

    def ended(self, clock: time) -> bool:
        return self.closes_at != MIDNIGHT and self.closes_at <= clock


def is_open(
    at: datetime, *, zone: tzinfo, hours: Iterable[Hours], holidays: Collection[date]
) -> bool:
    """Whether somebody is at work at a moment.

    The clock on the wall counts, so that a day on which it is changed opens as any other.
    """
    local = at.astimezone(zone)
    return local.date() not in holidays and any(each.holds(local) for each in hours)


def overlapping(hours: Iterable[Hours]) -> list[tuple[Hours, Hours]]:
    """Return pairs of hours that have a moment in common, each after the one that it meets."""
    return [
        (earlier, later)
        for earlier, later in pairwise(sorted(hours))
        if earlier.weekday == later.weekday and not earlier.ended(later.opens_at)
    ]
