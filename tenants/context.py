"""The only door to django-tenants: whose data the code below works on.

Use the contexts as `with` blocks around short work, never in async code.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.db import connection as django_connection
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context

from tenants.models import Site

# The backend is ours (tenants.postgresql); Django's types know its base class only.
connection: Any = django_connection

PUBLIC_SCHEMA: str = get_public_schema_name()


def current_schema() -> str:
    """Return the schema that statements go to now."""
    return cast("str", connection.schema_name)


def current_site() -> Site:
    """Return the site whose schema is current.

    Raises Site.DoesNotExist in the public schema.
    """
    tenant = connection.tenant
    if isinstance(tenant, Site):
        return tenant
    return Site.objects.get(schema_name=tenant.schema_name)


def enter(site: Site) -> None:
    """Let the statements of this thread go to a site's schema until `enter_public`."""
    connection.set_tenant(site)


def enter_public() -> None:
    connection.set_schema_to_public()


def forget_catalogs() -> None:
    """Give this thread's connection back after a visit of many sites; the next use opens another.

    PostgreSQL's process keeps what it has learnt of each schema's tables, a third of a megabyte.
    """
    if not connection.in_atomic_block:
        connection.close()


@contextmanager
def public_context() -> Iterator[None]:
    """Work in the public schema for a while."""
    with schema_context(PUBLIC_SCHEMA):
        yield


__all__ = [
    "PUBLIC_SCHEMA",
    "connection",
    "current_schema",
    "current_site",
    "enter",
    "enter_public",
    "forget_catalogs",
    "public_context",
    "schema_context",
    "tenant_context",
]
