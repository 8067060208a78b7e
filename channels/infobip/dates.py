"""Infobip's dates: offsets with and without colon, none at all, milliseconds, nothing."""

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


def moment(value: Any) -> datetime:
    """Return the moment a field names; now when it is missing, senseless or yet to come.

    Text without offset is UTC; a number is milliseconds since 1970.
    """
    return told_moment(value) or timezone.now()


def told_moment(value: Any) -> datetime | None:
    """Return the moment a field names, now when it is yet to come; None when it names none."""
    try:
        found = _read(value)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return min(found, timezone.now()) if found >= EARLIEST else None


def _read(value: Any) -> datetime:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value / 1000, UTC)
    found = datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
