"""Infobip's dates: offsets with and without colon, none at all, milliseconds, nothing."""

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone


def moment(value: Any) -> datetime:
    """Return the moment a field names; now when it is missing, unreadable or yet to come.

    Text without offset is UTC; a number is milliseconds since 1970.
    """
    now = timezone.now()
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return min(datetime.fromtimestamp(value / 1000, UTC), now)
        found = datetime.fromisoformat(value)
        return min(found if found.tzinfo else found.replace(tzinfo=UTC), now)
    except (TypeError, ValueError, OverflowError, OSError):
        return now
