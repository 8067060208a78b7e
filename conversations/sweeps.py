"""What marked sites have to do next: one question for many, since few ever have something due.

A sweep is for what a lost nudge has left. For a minute after anything happened at a site it is
looked at again and again, and nearly always for nothing: a task for each look would cost thirty
times what the look does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError
from django.utils import timezone
from psycopg import sql

from conversations import audit
from tenants import directory, pending_work
from tenants.pending_work import Mark
from tenants.side_connection import SideConnection

SITES_AT_ONCE = 100
# A table that is being changed holds up the question for all of them no longer than this.
LOCK_SECONDS = 0.2
# In the order of `WORK`.
QUESTION = sql.SQL("""
    SELECT {name},
        (SELECT due_at FROM {schema}.conversations_inboxentry
         WHERE state = 'new' ORDER BY due_at LIMIT 1),
        (SELECT run_after FROM {schema}.conversations_outboxentry
         WHERE state = 'pending' ORDER BY run_after LIMIT 1),
        (SELECT occurred_at + {seal_every} FROM {schema}.conversations_auditevent
         WHERE transaction_id >= {unsealed} ORDER BY transaction_id, id LIMIT 1)
""")
WORK = ("inbox", "outbox", "audit")

# Of its own: what PostgreSQL learns of a site's tables, a third of a megabyte, it learns once and
# not on the connection of each thread.
_side_connection = SideConnection(lock_seconds=LOCK_SECONDS)


@dataclass(frozen=True)
class NextDue:
    """When each kind of `WORK` has something to do next at a site."""

    each: tuple[datetime | None, ...] = (None,) * len(WORK)

    @property
    def first(self) -> datetime | None:
        return min((at for at in self.each if at), default=None)

    @property
    def work(self) -> list[str]:
        """What is due by now."""
        now = timezone.now()
        return [work for work, at in zip(WORK, self.each, strict=True) if at and at <= now]


def sites_with_work() -> Iterator[tuple[str, list[str]]]:
    """Let those marked sites rest that have nothing due; yield schema and work of the others."""
    marks = pending_work.due_marks()
    for start in range(0, len(marks), SITES_AT_ONCE):
        yield from let_rest(marks[start : start + SITES_AT_ONCE])


def let_rest(marks: list[Mark]) -> list[tuple[str, list[str]]]:
    """Let those sites rest until their next work that have none now; return the others with it.

    The marks were read before: looking into the queues comes last.
    Sites that could not be asked, because a table of one is locked or gone, may have all kinds.
    """
    try:
        found = next_due(directory.sites_at_work([mark.schema_name for mark in marks]))
    except DatabaseError:
        return [(mark.schema_name, list(WORK)) for mark in marks]
    # A site that is not active sleeps: nothing is due there until it is marked again.
    each = [(mark, found.get(mark.schema_name, NextDue())) for mark in marks]
    pending_work.settle((mark, due.first) for mark, due in each if not due.work)
    return [(mark.schema_name, due.work) for mark, due in each if due.work]


def next_due(schema_names: list[str]) -> dict[str, NextDue]:
    """Return what each site has to do next.

    Where the end of a site's chain is not known, all its audit events count as unsealed.
    Raises django.db.DatabaseError when one of them cannot be asked.
    """
    if not schema_names:
        return {}
    sealed_until = audit.sealed_until(schema_names)
    questions = [
        QUESTION.format(
            name=name,
            schema=sql.Identifier(name),
            seal_every=audit.SEAL_EVERY,
            unsealed=sealed_until.get(name, 0),
        )
        for name in schema_names
    ]
    rows = _side_connection.ask(sql.SQL(" UNION ALL ").join(questions))
    return {name: NextDue(tuple(each)) for name, *each in rows}


def close() -> None:
    """Close this process's connection for the question; the next one opens it again."""
    _side_connection.close()
