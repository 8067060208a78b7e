"""PostgreSQL connections that know where they are, and whose transactions end after a while."""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.conf import settings
from django_tenants.postgresql_backend.base import DatabaseWrapper as TenantsDatabaseWrapper

from tenants.postgresql.introspection import SchemaIntrospection

TRANSACTION_TIMEOUT_SINCE = 170000  # PostgreSQL 17
# A worker's lease on an inbox is a lock of its session: when its machine is gone without a word,
# the server has to notice within half a minute, not after the two hours that systems wait.
KEEPALIVES = {
    "tcp_keepalives_idle": 10,  # seconds
    "tcp_keepalives_interval": 5,
    "tcp_keepalives_count": 3,
}
# And so have we, when the server is: whoever waits for an answer has nothing on its way that could
# time out.
OWN_KEEPALIVES = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
# Runs after which the server keeps the plan of a statement whose values it binds.
PREPARE_AFTER = 5


class DatabaseWrapper(TenantsDatabaseWrapper):
    """django-tenants' backend plus a limit on the life of a transaction, and fewer statements.

    A mark of pending work outlives every transaction (`tenants.pending_work`): the limit is what
    makes that true. 0 seconds, as for migrations, means no limit.

    Since PostgreSQL 18 the server reports its search path with every answer, rollbacks included:
    it is set only where it is another one. Older servers report nothing and are told each time.
    """

    search_path_set_schemas: list[str] | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.introspection = SchemaIntrospection(self)

    def get_connection_params(self) -> dict[str, Any]:
        given: dict[str, Any] = super().get_connection_params()
        return OWN_KEEPALIVES | given

    def init_connection_state(self) -> None:
        super().init_connection_state()
        self.connection.prepare_threshold = PREPARE_AFTER
        self.limit_transactions(settings.TRANSACTION_SECONDS)

    def limit_transactions(self, seconds: int) -> None:
        """Let no transaction of this connection last longer; 0 means no limit."""
        milliseconds = seconds * 1000
        names = ["statement_timeout", "idle_in_transaction_session_timeout"]
        if self.pg_version >= TRANSACTION_TIMEOUT_SINCE:
            names.append("transaction_timeout")
        limits = KEEPALIVES | dict.fromkeys(names, milliseconds)
        with self.connection.cursor() as cursor:
            cursor.execute("; ".join(f"SET {name} = {value}" for name, value in limits.items()))

    def execute_qualified(
        self, statement: str, parameters: Sequence[Any]
    ) -> "psycopg.Cursor[tuple[Any, ...]]":
        """Run a statement that names the schema of every table, and return its cursor.

        Past Django's cursor, for where that costs more than the statement does: no search path is
        set, and the server binds the values and keeps the plan.
        """
        with self.wrap_database_errors:
            self.ensure_connection()
            return psycopg.Cursor(self.connection).execute(statement, parameters)

    def _handle_search_path(self, cursor: Any = None) -> None:
        if self.search_path_set_schemas is None and not self._setting_search_path:
            wanted = self._get_cursor_search_paths()
            if self._reported_search_path() == ", ".join(wanted):
                self.search_path_set_schemas = wanted
        super()._handle_search_path(cursor)

    def _reported_search_path(self) -> str | None:
        reported: bytes | None = self.connection.pgconn.parameter_status(b"search_path")
        return reported.decode() if reported is not None else None
