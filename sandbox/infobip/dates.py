"""Times as Infobip writes them: milliseconds, and an offset without a colon."""

from __future__ import annotations

from datetime import UTC, datetime


def wire_time(at: float) -> str:
    moment = datetime.fromtimestamp(at, tz=UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"


def epoch(text: str) -> float | None:
    """Seconds since 1970, or None for a text that is no time; without an offset it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
