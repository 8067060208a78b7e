"""Leases on promises that are being kept: short, and renewed for as long as the try lasts.

So what a killed worker has left comes due again within seconds, however long others may take.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Lock, Thread
from time import monotonic, sleep

from django.db import Error
from django.utils import timezone
from psycopg import sql

from conversations.models import OutboxEntry
from tenants.context import current_schema
from tenants.side_connection import SideConnection

RENEW_SECONDS = 5.0
# A site that is just being migrated holds its tables: the leases of others must not run out for it.
LOCK_SECONDS = 1
# A try that hangs for longer has to do without: another worker asks what became of it.
LONGEST_TRY = timedelta(minutes=15)
RENEW = """
UPDATE {table} SET run_after = %s WHERE id = ANY(%s) AND claim = ANY(%s) AND state = 'pending'
"""

logger = logging.getLogger(__name__)


class Leases:
    """What this process holds, and the thread that renews it."""

    def __init__(self) -> None:
        self._connection = SideConnection(lock_seconds=LOCK_SECONDS)
        self._lock = Lock()
        self._held: dict[tuple[str, int, object], float] = {}
        self._thread: Thread | None = None

    @contextmanager
    def held(self, entry: OutboxEntry) -> Iterator[None]:
        """Renew the lease on a claimed entry of the current site meanwhile."""
        lease = (current_schema(), entry.pk, entry.claim)
        with self._lock:
            self._held[lease] = monotonic() + LONGEST_TRY.total_seconds()
            if self._thread is None or not self._thread.is_alive():
                # On first use: servers fork after this module is imported.
                self._thread = Thread(target=self._run, name="leases", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                del self._held[lease]

    def renew(self) -> None:
        """Renew what is held, in one statement a site. A site that fails stops no other."""
        with self._lock:
            now = monotonic()
            held = [lease for lease, until in self._held.items() if until > now]
        by_site: dict[str, list[tuple[int, object]]] = defaultdict(list)
        for schema_name, entry_id, claim in held:
            by_site[schema_name].append((entry_id, claim))
        for schema_name, entries in by_site.items():
            try:
                self._renew_at(schema_name, entries)
            except Error as failure:
                # Then leases run out: whoever takes over knows that these tries may have left.
                told = {"schema": schema_name, "failure": type(failure).__name__}
                logger.warning("leases_not_renewed", extra=told)

    def close(self) -> None:
        self._connection.close()

    def _run(self) -> None:
        while True:
            # Most tries are over before the first look: then nothing is written for them.
            sleep(RENEW_SECONDS)
            self.renew()

    def _renew_at(self, schema_name: str, entries: list[tuple[int, object]]) -> None:
        ids, claims = (list(values) for values in zip(*entries, strict=True))
        table = sql.Identifier(schema_name, "conversations_outboxentry")
        self._connection.execute(
            sql.SQL(RENEW).format(table=table),
            (timezone.now() + OutboxEntry.LEASE, ids, claims),
        )


leases = Leases()
