"""Business hours: by the clock on the site's wall, on days when it is changed too."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from conversations.business_hours import Hours, is_open, overlapping

ZAGREB = ZoneInfo("Europe/Zagreb")
MONDAY, SUNDAY = 0, 6


def opened(at, *hours, holidays=()):
    return is_open(at, zone=ZAGREB, hours=hours, holidays=holidays)


@pytest.mark.parametrize(
    ("clock", "expected"),
    [("07:59", False), ("08:00", True), ("15:59", True), ("16:00", False), ("23:00", False)],
)
def test_hours_begin_with_their_first_minute_and_end_before_their_last(clock, expected):
    at = datetime.fromisoformat(f"2026-11-23T{clock}").replace(tzinfo=ZAGREB)

    assert opened(at, Hours(MONDAY, time(8), time(16))) is expected


def test_break_at_noon_is_closed():
    hours = (Hours(MONDAY, time(8), time(12)), Hours(MONDAY, time(13), time(17)))

    assert opened(datetime(2026, 11, 23, 12, 30, tzinfo=ZAGREB), *hours) is False
    assert opened(datetime(2026, 11, 23, 13, 0, tzinfo=ZAGREB), *hours) is True


def test_other_day_is_closed():
    tuesday = datetime(2026, 11, 24, 9, 0, tzinfo=ZAGREB)

    assert opened(tuesday, Hours(MONDAY, time(8), time(16))) is False


def test_holiday_is_closed():
    monday = datetime(2026, 11, 23, 9, 0, tzinfo=ZAGREB)

    assert opened(monday, Hours(MONDAY, time(8), time(16)), holidays=(date(2026, 11, 23),)) is False


def test_no_hours_are_always_closed():
    assert opened(datetime(2026, 11, 23, 9, 0, tzinfo=ZAGREB)) is False


def test_midnight_is_the_end_of_the_day():
    late = Hours(MONDAY, time(20), time(0))

    assert opened(datetime(2026, 11, 23, 23, 59, 59, tzinfo=ZAGREB), late) is True
    assert opened(datetime(2026, 11, 24, 0, 0, tzinfo=ZAGREB), late) is False


def test_day_belongs_to_the_sites_clock():
    """Half past midnight on Monday in Zagreb is still Sunday in Greenwich."""
    at = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)

    assert opened(at, Hours(MONDAY, time(0), time(6))) is True
    assert opened(at, Hours(SUNDAY, time(0), time(0))) is False


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        # In the spring the clock goes from 02:00 to 03:00 at 01:00 UTC, in autumn back from 03:00.
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), True),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), False),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), True),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), True),
        (datetime(2026, 10, 25, 2, 0, tzinfo=UTC), False),
    ],
)
def test_clock_on_the_wall_counts_when_it_is_changed(at, expected):
    assert opened(at, Hours(SUNDAY, time(1), time(3))) is expected


@pytest.mark.parametrize(
    ("hours", "found"),
    [
        ([(8, 12), (12, 16)], 0),
        ([(13, 17), (8, 14)], 1),
        ([(8, 0), (20, 22)], 1),
        ([(8, 16), (8, 16)], 1),
    ],
)
def test_hours_of_a_day_that_overlap_are_found(hours, found):
    spans = [Hours(MONDAY, time(opens), time(closes)) for opens, closes in hours]

    assert len(overlapping(spans)) == found


def test_same_hours_of_two_days_do_not_overlap():
    assert overlapping([Hours(MONDAY, time(8), time(0)), Hours(1, time(8), time(16))]) == []
