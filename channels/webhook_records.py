"""What is written down of requests to the webhook beside their items: that it was called, refusals.

Written by a thread of each process, at most once a second: who floods the webhook moves a counter
in memory, and waits for no row.
"""

from collections import Counter
from threading import Lock
from time import monotonic

from django.db import DatabaseError, connection

from conversations.coalescing import Coalescer
from tenants.side_connection import SideConnection

BETWEEN_TOUCHES = 60.0  # seconds

_side_connection = SideConnection()
_lock = Lock()
_uncounted: Counter[tuple[str, str]] = Counter()
_touched_at: dict[str, float] = {}


def count_refusal(schema_name: str, reason: str) -> None:
    """Have a refused request of a site counted; returns at once."""
    with _lock:
        _uncounted[schema_name, reason] += 1
    _refusals.add((schema_name, reason))


def note_call(schema_name: str) -> None:
    """Have it noted that the site's webhook was called, at most once a minute."""
    now = monotonic()
    if now - _touched_at.get(schema_name, -BETWEEN_TOUCHES) >= BETWEEN_TOUCHES:
        _touched_at[schema_name] = now
        _calls.add(schema_name)


def forget() -> None:
    """Drop what this process remembers, and what it has not written yet."""
    with _lock:
        _uncounted.clear()
    _touched_at.clear()


def close() -> None:
    """Give the database connection back."""
    _side_connection.close()


def _write_refusals(subjects: list[tuple[tuple[str, str], int]]) -> None:
    for (schema_name, reason), _number in subjects:
        with _lock:
            count = _uncounted.pop((schema_name, reason), 0)
        table = f"{connection.ops.quote_name(schema_name)}.channels_webhookrefusal"
        try:
            _side_connection.execute(
                f"""
                INSERT INTO {table} AS known (day, reason, count, last_at)
                VALUES ((now() AT TIME ZONE 'UTC')::date, %s, %s, now())
                ON CONFLICT (day, reason) DO UPDATE
                SET count = known.count + excluded.count, last_at = excluded.last_at
                """,  # noqa: S608 - a quoted name and placeholders
                (reason, count),
            )
        except DatabaseError:
            with _lock:
                _uncounted[schema_name, reason] += count  # written with the next one
            raise


def _write_calls(subjects: list[tuple[str, int]]) -> None:
    for schema_name, _number in subjects:
        table = f"{connection.ops.quote_name(schema_name)}.channels_provideraccount"
        _side_connection.execute(f"UPDATE {table} SET heard_at = now()", ())  # noqa: S608


_refusals: Coalescer[tuple[str, str]] = Coalescer(_write_refusals, interval=1.0)
_calls: Coalescer[str] = Coalescer(_write_calls, interval=1.0)
