"""What was about to leave when a backup was made may have left since: it is asked for first."""

from datetime import datetime
from typing import Any

from psycopg import sql

MAY_HAVE_LEFT = """
UPDATE {} SET started_at = coalesce(started_at, %s), claim = NULL, run_after = now()
WHERE state = 'pending'
"""


def note_may_have_left(cursor: Any, schema_name: str, since: datetime) -> int:
    """Make every waiting promise of a site uncertain since a moment; returns how many there are."""
    outbox = sql.Identifier(schema_name, "conversations_outboxentry")
    cursor.execute(sql.SQL(MAY_HAVE_LEFT).format(outbox), (since,))
    count: int = cursor.rowcount
    return count
