"""Which sites have something due: one small row a site, so that idle sites cost nothing.

**The mark comes before the row.** A process that is about to write inbox, outbox or audit rows of
a site first renews the site's mark, in a statement of its own, by the database's clock. A mark is
valid for 60 s; the process trusts it for 20 s without asking; no transaction lives longer than
30 s (`tenants.postgresql`). So every row commits under a live mark, and whoever finds the mark run
out, the queues then empty and the revision unchanged, may drop the mark: no row can be unseen.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from django.db import connection

from tenants.side_connection import SideConnection

TRUST_SECONDS = 20
# How long a marked site is left alone between two sweeps: what a lost nudge leaves waits so long.
REST = timedelta(seconds=15)

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


def due_sites() -> list[str]:
    """Return the schemas that may have something due."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT schema_name FROM public.tenants_pendingwork WHERE due_at <= clock_timestamp()"
        )
        return [name for (name,) in cursor.fetchall()]


def read_mark(schema_name: str) -> Mark | None:
    """Read the mark; look into the queues only afterwards."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT revision, marked_until, marked_until < clock_timestamp()
            FROM public.tenants_pendingwork WHERE schema_name = %s
            """,
            (schema_name,),
        )
        row = cursor.fetchone()
    return Mark(schema_name, *row) if row else None


def settle(seen: Mark, *, next_due_at: datetime | None) -> bool:
    """Drop an expired mark, or put it off until `next_due_at`; True when it was done.

    A live one is put off for `REST` at most. Compare and swap: a mark renewed since it was read
    stays as it is, and so does one that was dropped and made again, whose revisions begin anew.
    """
    as_seen = (seen.schema_name, seen.revision, seen.marked_until)
    with connection.cursor() as cursor:
        if seen.expired and next_due_at is None:
            cursor.execute(
                """
                DELETE FROM public.tenants_pendingwork
                WHERE schema_name = %s AND revision = %s AND marked_until = %s
                """,
                as_seen,
            )
        else:
            cursor.execute(
                """
                UPDATE public.tenants_pendingwork
                SET due_at = LEAST(%s, clock_timestamp() + %s * interval '1 second'),
                    revision = revision + 1
                WHERE schema_name = %s AND revision = %s AND marked_until = %s
                """,
                (next_due_at, None if seen.expired else REST.total_seconds(), *as_seen),
            )
        return bool(cursor.rowcount)


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
