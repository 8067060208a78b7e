"""Which sites have something due: one small row a site, so that idle sites cost nothing.

**The mark comes before the row.** A process that is about to write inbox, outbox or audit rows of
a site first renews the site's mark, in a statement of its own, by the database's clock. A mark is
valid for 60 s; the process trusts it for 20 s without asking; no transaction lives longer than
30 s (`tenants.postgresql`). So every row commits under a live mark, and whoever finds the mark run
out, the queues then empty and the revision unchanged, may drop the mark: no row can be unseen.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db import connection

from tenants.side_connection import SideConnection

TRUST_SECONDS = 20
# How long a marked site is left alone between two sweeps: what a lost nudge leaves waits so long.
REST = timedelta(seconds=15)
READ_MARKS = """
    SELECT schema_name, revision, marked_until, marked_until < clock_timestamp()
    FROM public.tenants_pendingwork
"""
SETTLE = """
    WITH seen AS MATERIALIZED (
        SELECT work.schema_name, read.expired, read.next_due_at
        FROM public.tenants_pendingwork AS work
        JOIN unnest(%s::text[], %s::bigint[], %s::timestamptz[], %s::bool[],
                    %s::timestamptz[])
            AS read (schema_name, revision, marked_until, expired, next_due_at)
            USING (schema_name, revision, marked_until)
        FOR UPDATE OF work SKIP LOCKED
    ), dropped AS (
        DELETE FROM public.tenants_pendingwork AS work USING seen
        WHERE work.schema_name = seen.schema_name
            AND seen.expired AND seen.next_due_at IS NULL
    ), put_off AS (
        UPDATE public.tenants_pendingwork AS work
        SET due_at = LEAST(
                seen.next_due_at,
                CASE WHEN NOT seen.expired THEN
                    clock_timestamp() + %s * interval '1 second' END
            ),
            revision = revision + 1
        FROM seen
        WHERE work.schema_name = seen.schema_name
            AND NOT (seen.expired AND seen.next_due_at IS NULL)
    )
    SELECT count(*) FROM seen
"""

_side_connection = SideConnection()
_trusted_until: dict[tuple[str, str], float] = {}


@dataclass(frozen=True)
class Mark:
    """A site's mark as it was read: `expired` by the database's clock."""

    schema_name: str
    revision: int
    marked_until: datetime
    expired: bool


def mark(schema_name: str) -> None:
    """Say that `schema_name` is about to have work; call before the rows are written."""
    key = (connection.settings_dict["NAME"], schema_name)
    asked_at = monotonic()
    if _trusted_until.get(key, 0.0) > asked_at:
        return
    _side_connection.execute(
        """
        INSERT INTO public.tenants_pendingwork (schema_name, revision, due_at, marked_until)
        VALUES (%s, 1, clock_timestamp(), clock_timestamp() + interval '60 seconds')
        ON CONFLICT (schema_name) DO UPDATE SET
            revision = tenants_pendingwork.revision + 1,
            due_at = LEAST(
                tenants_pendingwork.due_at, clock_timestamp() + %s * interval '1 second'
            ),
            marked_until = excluded.marked_until
        """,
        (schema_name, REST.total_seconds()),
    )
    _trusted_until[key] = asked_at + TRUST_SECONDS


def mark_every_site() -> int:
    """Mark all active sites, each due at a moment of its own within the hour; returns how many.

    The belt beside the proof: a process that was frozen for a minute between mark and row, a server
    that cannot cut transactions, a failover that lost a mark leave nothing unseen for longer than
    the pause between two calls.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO public.tenants_pendingwork (schema_name, revision, due_at, marked_until)
            SELECT schema_name, 1,
                   clock_timestamp()
                   + make_interval(secs => (hashtext(schema_name) & 2147483647) % 3600),
                   clock_timestamp()
            FROM public.tenants_site WHERE state = 'active'
            ON CONFLICT (schema_name) DO UPDATE SET
                revision = tenants_pendingwork.revision + 1,
                due_at = LEAST(tenants_pendingwork.due_at, excluded.due_at)
            """
        )
        return int(cursor.rowcount)


def due_marks() -> list[Mark]:
    """Return the marks of the sites that may have something due; look into queues afterwards."""
    return _marks("due_at <= clock_timestamp()")


def read_mark(schema_name: str) -> Mark | None:
    """Read the mark of one site; look into its queues only afterwards."""
    return next(iter(read_marks([schema_name])), None)


def read_marks(schema_names: list[str]) -> list[Mark]:
    """Read the marks of some sites, of those that have one."""
    return _marks("schema_name = ANY(%s)", schema_names)


def settle(seen: Iterable[tuple[Mark, datetime | None]]) -> int:
    """Drop the expired marks with nothing due, put off the others; returns how many it were.

    Each until what is due next, but a live one for `REST` at most. Compare and swap: a mark renewed
    since it was read stays as it is, and so does one that was dropped and made again, whose
    revisions begin anew. Nobody is waited for: what another process has in hand it renews.
    """
    marks = list(seen)
    if not marks:
        return 0
    columns: list[list[Any]] = [
        [mark.schema_name for mark, _at in marks],
        [mark.revision for mark, _at in marks],
        [mark.marked_until for mark, _at in marks],
        [mark.expired for mark, _at in marks],
        [at for _mark, at in marks],
    ]
    with connection.cursor() as cursor:
        cursor.execute(SETTLE, [*columns, REST.total_seconds()])
        (settled,) = cursor.fetchone()
    return int(settled)


def expect(schema_name: str, at: datetime) -> None:
    """Say that marked work, which was put off, comes due before a sweep may look again."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE public.tenants_pendingwork
            SET due_at = LEAST(due_at, %s), revision = revision + 1 WHERE schema_name = %s
            """,
            (at, schema_name),
        )


def close() -> None:
    """Close this process's connection for marks; the next mark opens it again."""
    _side_connection.close()


def distrust() -> None:
    """Forget which marks this process trusts."""
    _trusted_until.clear()


def _marks(condition: str, *parameters: list[str]) -> list[Mark]:
    with connection.cursor() as cursor:
        cursor.execute(f"{READ_MARKS} WHERE {condition}", parameters)
        return [Mark(*row) for row in cursor.fetchall()]
