"""Which promise of a site is next, and taking it in hand: one row, whatever waits behind it."""

from uuid import uuid4

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from conversations.models import OutboxEntry


def claim() -> OutboxEntry | None:
    """Take the next promise of the current site in hand; None when nothing is due.

    Pushing run_after forward is the lease: if this worker dies, the entry comes due again by
    itself, uncertain since started_at, and its younger siblings wait meanwhile.
    """
    with transaction.atomic():
        _walk_in_order()
        now = timezone.now()
        queue = OutboxEntry.objects.next_in_line(now)
        entry = queue.select_for_update(skip_locked=True, of=("self",)).first()
        if entry is not None:
            entry.attempts += 1
            entry.claim = uuid4()
            OutboxEntry.objects.filter(pk=entry.pk).update(
                attempts=entry.attempts,
                claim=entry.claim,
                run_after=now + OutboxEntry.LEASE,
                started_at=Coalesce(F("started_at"), now),
            )
        return entry


def _walk_in_order() -> None:
    """Have PostgreSQL walk along the index of those that wait, to the first that is due.

    In the first minute of a rush its statistics know of a few at most: it would rather compare all
    of ten thousand with the eldest of their groups, and sort them, for each single claim.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")
