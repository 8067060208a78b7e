"""Who is alive: every long-lived process says so each ten seconds, in a public table.

A process that is killed says nothing more; what it said last stays for a day, so that one can see
since when it is silent. `sweep` is no process: it beats when beat, broker and a worker together
have done their round, which is what messages wait for.
"""

import logging
import os
import socket
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from time import monotonic
from typing import Any, LiteralString

import psycopg
from django.db import connection

EVERY_SECONDS = 10.0
SILENT_AFTER = timedelta(seconds=45)
FORGET_AFTER = timedelta(days=1)
REMEMBER_SECONDS = 5.0
SWEEP = "sweep"
KINDS = ("worker", "beat", "stream", SWEEP)
BEAT = """
INSERT INTO public.tenants_pulse AS known (name, kind, since, beaten_at)
VALUES (%(name)s, %(kind)s, coalesce(%(since)s::timestamptz, clock_timestamp()), clock_timestamp())
ON CONFLICT (name) DO UPDATE SET
    since = coalesce(%(since)s::timestamptz, known.since), beaten_at = excluded.beaten_at
"""

logger = logging.getLogger(__name__)

_remembered: dict[str, tuple[float, datetime | None]] = {}


class Heart:
    """Beats for this process, in a thread with a connection of its own, until `stop`."""

    def __init__(self, kind: str, conninfo: str, *, every: float = EVERY_SECONDS) -> None:
        self.name = f"{kind} {socket.gethostname()[:60]} {os.getpid()}"
        # Said with each beat: a container that starts again has the name it had.
        self._beat = {"name": self.name, "kind": kind, "since": datetime.now(UTC)}
        self._conninfo = conninfo
        self._every = every
        self._stopped = Event()
        self._connection: psycopg.Connection[Any] | None = None
        self._thread = Thread(target=self._run, name="heart", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Beat no more, and take the name away: this process ends as it should."""
        self._stopped.set()
        self._thread.join()
        self._say("DELETE FROM public.tenants_pulse WHERE name = %(name)s", self._beat)
        self._close()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._say(BEAT, self._beat)
            self._stopped.wait(self._every)

    def _say(self, statement: LiteralString, parameters: dict[str, Any]) -> None:
        try:
            if self._connection is None:
                self._connection = psycopg.connect(
                    self._conninfo, autocommit=True, connect_timeout=5
                )
            self._connection.execute(statement, parameters)
        except psycopg.Error as failure:
            # Silence is what others go by; the next beat opens another connection.
            logger.info("heart_missed_a_beat", extra={"failure": type(failure).__name__})
            self._close()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def note(kind: str) -> None:
    """Beat once for what is no process of its own."""
    with connection.cursor() as cursor:
        cursor.execute(BEAT, {"name": kind, "kind": kind, "since": None})


def forget_old() -> int:
    """Remove the pulses of processes that were last heard a day ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM public.tenants_pulse"
            " WHERE beaten_at < clock_timestamp() - make_interval(secs => %s)",
            (FORGET_AFTER.total_seconds(),),
        )
        return int(cursor.rowcount)


def silent_since(kind: str) -> datetime | None:
    """When a kind was heard last, if it is silent since; None of one that was never heard.

    As it was up to five seconds ago: every open panel's every question asks this.
    """
    remembered = _remembered.get(kind)
    if remembered is None or remembered[0] < monotonic():
        remembered = (monotonic() + REMEMBER_SECONDS, _silent_since(kind))
        _remembered[kind] = remembered
    return remembered[1]


def forget() -> None:
    """Drop what this process remembers."""
    _remembered.clear()


def _silent_since(kind: str) -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(beaten_at) FROM public.tenants_pulse WHERE kind = %s"
            " HAVING max(beaten_at) < clock_timestamp() - make_interval(secs => %s)",
            (kind, SILENT_AFTER.total_seconds()),
        )
        found = cursor.fetchone()
    return found[0] if found else None
