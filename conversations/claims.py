"""Which promise of a site is next, and taking it in hand: one row, whatever waits behind it."""

from uuid import uuid4

from django.db import connection, transaction
from django.utils import timezone

from conversations.models import OutboxEntry

# The eldest of its group among those that are due. In SQL, for each claim: Django would take four
# times as long to build it as the rest of a claim lasts.
#
# Not "no elder exists": PostgreSQL makes a join of that, which without statistics, as in the first
# minutes of a site, compares all that wait with all of them. And what stands behind one in hand,
# one not due that was the eldest of its group once and still is, is known beforehand and in one
# look: each of ten thousand would be compared with its eldest, for nothing.
#
# `started_at` comes as it was before this try.
TAKE_NEXT = """
    WITH next AS MATERIALIZED (
        SELECT entry.id, entry.started_at FROM conversations_outboxentry AS entry
        WHERE entry.state = 'pending' AND entry.run_after <= %(now)s
            AND entry.id = (
                SELECT elder.id FROM conversations_outboxentry AS elder
                WHERE elder.state = 'pending' AND elder."group" = entry."group"
                ORDER BY elder.id LIMIT 1
            )
            AND NOT (entry."group" IN (
                SELECT held."group" FROM conversations_outboxentry AS held
                WHERE held.state = 'pending' AND held.run_after > %(now)s
                    AND (held.turn_at IS NOT NULL OR held.claim IS NOT NULL OR held.attempts > 0)
            ))
        ORDER BY entry.id LIMIT 1
        FOR UPDATE OF entry SKIP LOCKED
    )
    UPDATE conversations_outboxentry AS taken
    SET attempts = taken.attempts + 1, claim = %(claim)s, run_after = %(until)s,
        started_at = COALESCE(taken.started_at, %(now)s)
    FROM next WHERE taken.id = next.id
    RETURNING taken.id, taken.topic, taken."group", taken.subject, taken.state, taken.attempts,
        taken.run_after, next.started_at, taken.turn_at, taken.claim, taken.last_error,
        taken.dismissed_because, taken.created_at, taken.settled_at
"""


def claim() -> OutboxEntry | None:
    """Take the next promise of the current site in hand; None when nothing is due.

    Pushing run_after forward is the lease: if this worker dies, the entry comes due again by
    itself, uncertain since started_at, and its younger siblings wait meanwhile.
    """
    with transaction.atomic():
        _walk_in_order()
        now = timezone.now()
        given = {"now": now, "claim": uuid4(), "until": now + OutboxEntry.LEASE}
        return next(iter(OutboxEntry.objects.raw(TAKE_NEXT, given)), None)


def _walk_in_order() -> None:
    """Have PostgreSQL walk along the index of those that wait, to the first that is due.

    In the first minute of a rush its statistics know of a few at most: it would rather compare all
    of ten thousand with the eldest of their groups, and sort them, for each single claim.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")
