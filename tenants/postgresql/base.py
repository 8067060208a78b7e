"""PostgreSQL connections whose transactions the server cuts after a while."""

from django.conf import settings
from django_tenants.postgresql_backend.base import DatabaseWrapper as TenantsDatabaseWrapper

TRANSACTION_TIMEOUT_SINCE = 170000  # PostgreSQL 17


class DatabaseWrapper(TenantsDatabaseWrapper):
    """django-tenants' backend plus a limit on the life of a transaction.

    A mark of pending work outlives every transaction (`tenants.pending_work`): this is what makes
    that true. 0 seconds, as for migrations, means no limit.
    """

    def init_connection_state(self) -> None:
        super().init_connection_state()
        milliseconds = settings.TRANSACTION_SECONDS * 1000
        names = ["statement_timeout", "idle_in_transaction_session_timeout"]
        if self.pg_version >= TRANSACTION_TIMEOUT_SINCE:
            names.append("transaction_timeout")
        with self.connection.cursor() as cursor:
            for name in names:
                cursor.execute(f"SET {name} = {milliseconds}")
