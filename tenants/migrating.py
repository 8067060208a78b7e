"""A release migrates the schemas that there are: some sites have none, or none yet."""

from typing import Any

from django_tenants.migration_executors import get_executor
from django_tenants.utils import schema_exists


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
