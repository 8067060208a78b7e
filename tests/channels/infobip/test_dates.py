"""The provider's dates, in every variant its clients meet."""

from datetime import UTC, datetime

import pytest

from channels.infobip.dates import moment

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
WHOLE = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
MILLISECONDS = datetime(2026, 11, 20, 16, 0, 0, 777000, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now(time_machine_at):
    time_machine_at(NOW)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-20T16:00:00.777Z", MILLISECONDS),
        ("2026-11-20T16:00:00.777+0000", MILLISECONDS),
        ("2026-11-20T16:00:00.777+00:00", MILLISECONDS),
        ("2026-11-20T16:00:00.777-0000", MILLISECONDS),
        ("2026-11-20T17:00:00.777+0100", MILLISECONDS),
        ("2026-11-20T17:00:00.777+01:00", MILLISECONDS),
        ("2026-11-20T13:00:00.777-0300", MILLISECONDS),
        ("2026-11-20T13:00:00.777-03:00", MILLISECONDS),
        ("2026-11-20T11:00:00.777-0500", MILLISECONDS),
        ("2026-11-20T21:30:00.777+0530", MILLISECONDS),
        ("2026-11-20T21:30:00.777+05:30", MILLISECONDS),
        ("2026-11-21T06:00:00.777+1400", MILLISECONDS),
        ("2026-11-20T16:00:00.777", MILLISECONDS),
        ("2026-11-20T16:00:00.777000+0000", MILLISECONDS),
        ("2026-11-20 16:00:00.777+0000", MILLISECONDS),
        ("2026-11-20T16:00:00Z", WHOLE),
        ("2026-11-20T16:00:00+0000", WHOLE),
        ("2026-11-20T16:00:00", WHOLE),
        (1795190400000, WHOLE),
        (1795190400777, MILLISECONDS),
    ],
)
def test_twenty_variants(value, expected):
    assert moment(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "yesterday",
        True,
        [],
        {},
        float("nan"),
        float("inf"),
        -1,
        10**30,
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-1400",
        "2026-11-22T12:00:01Z",
        "2026-11-20T16:00:00.777\ud800",
    ],
)
def test_senseless_or_yet_to_come_is_now(value):
    assert moment(value) == NOW
