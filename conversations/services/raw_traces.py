"""Finding raw items and answers of neighbours that name a person, and emptying them."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.db.models import Max

from conversations.models import InboxEntry, OutboxEntry

ROWS_AT_ONCE = 5000  # a statement each: none lasts long, and none locks much

# What is not read yet stays: it came like any message from somebody unknown.
INBOX = """
    UPDATE conversations_inboxentry
    SET body = '', reason = '',
        dismissed_because = CASE state WHEN 'quarantined' THEN 'erased' ELSE dismissed_because END,
        state = CASE state WHEN 'quarantined' THEN 'dismissed' ELSE state END
    WHERE id > %s AND id <= %s AND state <> 'new' AND EXISTS (
        SELECT FROM unnest(%s::bytea[]) AS trace WHERE position(trace IN body) > 0
    )
"""
UNREAD = """
    SELECT EXISTS (
        SELECT FROM conversations_inboxentry
        WHERE state = 'new' AND received_at <= %s AND EXISTS (
            SELECT FROM unnest(%s::bytea[]) AS trace WHERE position(trace IN body) > 0
        )
    )
"""
OUTBOX = """
    UPDATE conversations_outboxentry SET last_error = ''
    WHERE id > %s AND id <= %s AND last_error <> '' AND EXISTS (
        SELECT FROM unnest(%s::bytea[]) AS trace
        WHERE position(trace IN convert_to(last_error, 'UTF8')) > 0
    )
"""


def erase_traces(traces: Iterable[str]) -> int:
    """Empty the raw items and the last errors that hold one of these; returns how many rows.

    Call outside any transaction: each piece is one of its own.
    """
    needles = [trace.encode() for trace in traces]
    if not needles:
        return 0
    last_inbox = InboxEntry.objects.aggregate(last=Max("pk"))["last"] or 0
    last_outbox = OutboxEntry.objects.aggregate(last=Max("pk"))["last"] or 0
    return _empty(INBOX, last_inbox, needles) + _empty(OUTBOX, last_outbox, needles)


def is_unread(traces: Iterable[str], *, until: datetime) -> bool:
    """Whether a raw item that came until then, and holds one of these, is not read yet."""
    with connection.cursor() as cursor:
        cursor.execute(UNREAD, [until, [trace.encode() for trace in traces]])
        (unread,) = cursor.fetchone()
    return bool(unread)


def _empty(statement: str, last: int, needles: list[bytes]) -> int:
    emptied = 0
    with connection.cursor() as cursor:
        for first in range(0, last, ROWS_AT_ONCE):
            cursor.execute(statement, [first, first + ROWS_AT_ONCE, needles])
            emptied += cursor.rowcount
    return emptied
