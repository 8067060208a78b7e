"""A database connection outside Django's: for what must not wait for a transaction to end."""

from threading import Lock
from typing import Any, LiteralString

import psycopg
from django.db import connection
from psycopg import sql


class SideConnection:
    """One autocommit connection of this process, opened on first use and after a failure.

    Statements run at once and on their own, whatever transaction Django's connection is in. The
    search path is the server's: name the schema of every table. None waits for a lock longer than
    `lock_seconds`, with 0 as long as it takes.
    """

    def __init__(self, *, lock_seconds: float = 0) -> None:
        self._lock_seconds = lock_seconds
        self._lock = Lock()
        self._connection: psycopg.Connection[Any] | None = None
        self._database = ""

    def execute(self, statement: LiteralString | sql.Composed, parameters: tuple[Any, ...]) -> None:
        """Run one statement; a broken connection is opened once more before giving up.

        Raises django.db.DatabaseError.
        """
        with connection.wrap_database_errors, self._lock:
            self._run(statement, parameters)

    def ask(
        self, statement: LiteralString | sql.Composed, parameters: tuple[Any, ...] = ()
    ) -> list[tuple[Any, ...]]:
        """Run one statement as `execute` does, and return its rows."""
        with connection.wrap_database_errors, self._lock:
            return self._run(statement, parameters).fetchall()

    def close(self) -> None:
        with self._lock:
            self._close()

    def _run(
        self, statement: LiteralString | sql.Composed, parameters: tuple[Any, ...]
    ) -> psycopg.Cursor[Any]:
        try:
            return self._open().execute(statement, parameters)
        except psycopg.OperationalError:
            # A lock that was waited for in vain is no reason to try again.
            if self._connection is not None and not self._connection.closed:
                raise
            self._close()
            return self._open().execute(statement, parameters)

    def _open(self) -> psycopg.Connection[Any]:
        database = connection.settings_dict["NAME"]
        if self._connection is None or self._connection.closed or self._database != database:
            self._close()
            self._connection = psycopg.connect(conninfo(), autocommit=True)
            self._database = database
            if self._lock_seconds:
                limit = sql.SQL("SET lock_timeout = {}").format(f"{self._lock_seconds}s")
                self._connection.execute(limit)
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def conninfo() -> str:
    """Return the address of the database Django works on, for psycopg."""
    parameters = connection.get_connection_params()
    # All that libpq knows: without sslmode and its like this connection would be a weaker one.
    names = [option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()]
    return psycopg.conninfo.make_conninfo(
        "", **{name: parameters[name] for name in names if parameters.get(name)}
    )
