"""A release migrates the schemas that there are: some sites have none, or none yet."""

from functools import cache
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection as django_connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django_tenants.migration_executors import get_executor
from django_tenants.utils import schema_exists

from tenants.context import enter_public
from tenants.side_connection import conninfo

connection: Any = django_connection  # the backend is ours

# One process at a time changes the shape of a schema.
LOCK = "SELECT pg_try_advisory_lock(hashtext('migrate'), hashtext(%s))"
WAIT_FOR_LOCK = "SELECT pg_advisory_lock(hashtext('migrate'), hashtext(%s))"
UNLOCK = "SELECT pg_advisory_unlock(hashtext('migrate'), hashtext(%s))"


def executor(codename: str | None = None) -> Any:
    """Return how `migrate_schemas` works: as django-tenants', past sites without a schema.

    Such a site would end the command, and those after it would keep the old shape: one that is
    being installed, or was uninstalled before its schema was made.
    """
    kind: Any = get_executor(codename)

    class PastMissingSchemas(kind):
        def run_migrations(self, tenants: list[str] | None = None) -> None:
            super().run_migrations(tenants=[name for name in tenants or [] if schema_exists(name)])

    return PastMissingSchemas


@cache
def site_migrations() -> frozenset[tuple[str, str]]:
    """Return the migrations that a site's schema should have, as this process knows them."""
    labels = {app.rpartition(".")[2] for app in settings.TENANT_APPS} | {"admin"}
    known = MigrationLoader(None).disk_migrations
    return frozenset((label, name) for label, name in known if label in labels)


def missing_migrations() -> set[tuple[str, str]]:
    """Return what the current site's schema has yet to be migrated by."""
    applied = MigrationRecorder.Migration.objects.values_list("app", "name")
    return set(site_migrations()) - set(applied)


def migrate(schema_name: str, *, lock_seconds: int = 0) -> bool:
    """Bring one site's schema up to date; False when somebody else is just doing so.

    Waits for a table that is in use for `lock_seconds` at most, or as long as it takes with 0;
    then raises OperationalError. Call outside any transaction.
    """
    # A lock of a connection of its own: the command closes the one that it migrates by.
    with psycopg.connect(conninfo(), autocommit=True) as lock:
        if lock.execute(LOCK, [schema_name]).fetchone() != (True,):
            return False
        connection.ensure_connection()
        connection.limit_transactions(0)
        _limit_waiting(lock_seconds)
        try:
            call_command("migrate_schemas", schema_name=schema_name, interactive=False, verbosity=0)
        finally:
            enter_public()
            if connection.connection is not None:
                connection.limit_transactions(settings.TRANSACTION_SECONDS)
                _limit_waiting(0)
    return True


def _limit_waiting(seconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{seconds}s'")
