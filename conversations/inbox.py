"""What comes in: kept raw at once, understood later, nothing lost and nothing twice.

`keep` is all that a webhook waits for. `drain` gives every kept item to the handler that settings
name for its source, one transaction each, in the order they came.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from conversations.errors import NotUnderstood, NotYetKnown, TemporaryFailure
from conversations.fair_share import MUCH, FairShare, courtesy
from conversations.models import InboxEntry
from conversations.nudges import wake_now
from tenants import pending_work
from tenants.context import connection, current_schema

DRAIN_TASK = "conversations.tasks.drain_inbox"
BATCH = 5  # a step: others may go first after it
# A report may overtake the answer it reports on, and accounts are shared with other systems.
WAIT_FOR_ITS_SUBJECT = timedelta(minutes=10)
# `%b`: the values travel as they are, not written out.
ONE_ROW = "VALUES (%b, %b, %b, %b, %b, 0, now(), now())"
MANY_ROWS = """
    SELECT %b, dedupe_key, body, state, reason, 0, now(), now()
    FROM unnest(%b::text[], %b::bytea[], %b::text[], %b::text[])
        AS item (dedupe_key, body, state, reason)
"""

logger = logging.getLogger(__name__)
_share = FairShare(1, courtesy)


class Handler(Protocol):
    def __call__(self, body: bytes) -> None:
        """Understand one item; called inside its transaction.

        Raises NotUnderstood, NotYetKnown or TemporaryFailure.
        """


@dataclass(frozen=True)
class Item:
    """One item as it came. `refused` says why it goes to quarantine unread."""

    dedupe_key: str
    body: bytes
    refused: str = ""


def keep(source: str, items: Iterable[Item], *, schema_name: str = "") -> int:
    """Commit every item as one raw row, in one statement, and return how many are new.

    Those kept before are left alone.
    Goes to the current site, or to that of `schema_name` without a statement to switch to it.
    Raises django.db.DatabaseError: then nothing was kept, and the neighbour must try again.
    """
    schema_name = schema_name or current_schema()
    rows = [
        (item.dedupe_key, item.body, "quarantined" if item.refused else "new", item.refused)
        for item in items
    ]
    if not rows:
        return 0
    pending_work.mark(schema_name)
    # Bound as arrays, many rows cost a fifth of what they do as so many values of a statement.
    selected, values = (
        (ONE_ROW, rows[0]) if len(rows) == 1 else (MANY_ROWS, map(list, zip(*rows, strict=True)))
    )
    kept = connection.execute_qualified(
        f"""
        INSERT INTO {connection.ops.quote_name(schema_name)}.conversations_inboxentry
            (source, dedupe_key, body, state, reason, attempts, received_at, due_at)
        {selected} ON CONFLICT DO NOTHING
        """,
        [source, *values],
    )
    wake_now(DRAIN_TASK, schema_name)
    return int(kept.rowcount)


def drain() -> int:
    """Take in what the current site has kept; returns how many items were settled.

    One worker at a time, for a while only: whoever finds the lease taken leaves the work to its
    holder, who looks once more after giving it back.
    """
    schema_name = current_schema()
    settled = 0

    def take_in_batch() -> bool:
        nonlocal settled
        if not _has_due() or not _take_lease():
            return False
        try:
            settled += _drain_batch()
        finally:
            _give_lease_back()
        return True

    _share.work(schema_name, take_in_batch, put_off=_put_rest_off)
    return settled


def _put_rest_off() -> bool:
    wake_now(DRAIN_TASK, current_schema())
    return InboxEntry.objects.due(timezone.now()).order_by()[: MUCH + 1].count() > MUCH


def retry(entries: Iterable[InboxEntry]) -> int:
    """Have items understood again that are in quarantine or were dismissed, as if for the first."""
    schema_name = current_schema()
    pending_work.mark(schema_name)
    put_aside = [InboxEntry.State.QUARANTINED, InboxEntry.State.DISMISSED]
    count = InboxEntry.objects.filter(
        pk__in=[entry.pk for entry in entries], state__in=put_aside
    ).update(
        state=InboxEntry.State.NEW,
        reason="",
        dismissed_because="",
        attempts=0,
        due_at=timezone.now(),
    )
    wake_now(DRAIN_TASK, schema_name)
    return count


def dismiss(entries: Iterable[InboxEntry], *, because: str) -> int:
    """Put quarantined items away, for a reason; `retry` brings them back.

    Those that somebody has had tried again meanwhile are left alone.
    """
    return InboxEntry.objects.filter(
        pk__in=[entry.pk for entry in entries], state=InboxEntry.State.QUARANTINED
    ).update(state=InboxEntry.State.DISMISSED, dismissed_because=because)


def _has_due() -> bool:
    return InboxEntry.objects.due(timezone.now()).exists()


def _drain_batch() -> int:
    ids = list(InboxEntry.objects.due(timezone.now()).values_list("pk", flat=True)[:BATCH])
    return sum(_take_in(entry_id) for entry_id in ids)


def _take_in(entry_id: int) -> bool:
    """Understand one item in a transaction of its own; an item that fails spoils no other."""
    entry = InboxEntry.objects.get(pk=entry_id)
    try:
        with transaction.atomic():
            _handler(entry.source)(bytes(entry.body))
            return _settle(entry, state=InboxEntry.State.DONE)
    except NotYetKnown:
        return _wait_for_subject(entry)
    except (TemporaryFailure, OperationalError, InterfaceError) as failure:
        return _put_off(entry, reason=f"{type(failure).__name__}, will be tried again")
    except NotUnderstood as failure:
        return _settle(entry, state=InboxEntry.State.QUARANTINED, reason=str(failure))
    except Exception as failure:  # an item that fails spoils no other
        # Its text may hold the customer's words: the reason gets its type and place.
        reason = f"{type(failure).__name__} in {_place(failure)}"
        logger.exception("inbox_item_failed", extra={"entry": entry.pk, "reason": reason})
        return _settle(entry, state=InboxEntry.State.QUARANTINED, reason=reason)


def _settle(entry: InboxEntry, *, state: InboxEntry.State, reason: str = "") -> bool:
    return bool(
        InboxEntry.objects.filter(pk=entry.pk, state=InboxEntry.State.NEW).update(
            state=state, reason=reason[:300], attempts=entry.attempts + 1
        )
    )


def _wait_for_subject(entry: InboxEntry) -> bool:
    if timezone.now() - entry.received_at > WAIT_FOR_ITS_SUBJECT:
        return _settle(entry, state=InboxEntry.State.DONE, reason="not ours")
    return _put_off(entry, reason="waits for what it speaks of")


def _put_off(entry: InboxEntry, *, reason: str) -> bool:
    due_at = timezone.now() + timedelta(seconds=min(0.25 * 2 ** min(entry.attempts, 10), 60))
    InboxEntry.objects.filter(pk=entry.pk).update(
        due_at=due_at, attempts=entry.attempts + 1, reason=reason
    )
    pending_work.expect(current_schema(), due_at)
    return False


def _place(failure: BaseException) -> str:
    trace = failure.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else "?"


def _handler(source: str) -> Handler:
    handler: Handler = import_string(settings.INBOX_HANDLERS[source])
    return handler


# A session lock of PostgreSQL as the lease: it ends with the worker that held it.
def _take_lease() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_lock(hashtext('inbox'), hashtext(%s))", (current_schema(),)
        )
        (taken,) = cursor.fetchone()
    return bool(taken)


def _give_lease_back() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_unlock(hashtext('inbox'), hashtext(%s))", (current_schema(),)
        )
