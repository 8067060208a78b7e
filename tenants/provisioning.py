"""Making a site's schema: a rendered SQL template is replayed; plain migration is the fallback."""

import logging
import re
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import Error, connection, transaction
from django_tenants.utils import quote_schema_name, schema_exists

from tenants import site_events
from tenants.context import enter_public
from tenants.migrating import site_migrations
from tenants.models import Domain, InboundKey, Site

TEMPLATE = Path(__file__).with_name("schema_template.sql")
TEMPLATE_SCHEMA = "omnichat_template"
SCHEMA_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")

logger = logging.getLogger(__name__)


def provision(site: Site) -> None:
    """Make the site's schema, its console's domain and its inbound key, and set it active.

    Locks the site's row, so that of two calls the second finds it done.
    """
    with transaction.atomic():
        locked = Site.objects.select_for_update().get(pk=site.pk)
        if not schema_exists(locked.schema_name):
            make_schema(locked.schema_name)
        _lead_to_console(locked)
        if not locked.inbound_keys.exists():
            InboundKey.objects.issue(locked)
        if locked.state == Site.State.INSTALLING:
            locked.state = Site.State.ACTIVE
            locked.save(update_fields=["state"])
    site.refresh_from_db()


def provision_waiting(schema_name: str = "") -> int:
    """Provision every site that was installed and has no schema yet; returns how many.

    Or only that of `schema_name`. A site that fails stops no other.
    """
    waiting = Site.objects.filter(state=Site.State.INSTALLING)
    provisioned = 0
    for site in waiting.filter(schema_name=schema_name) if schema_name else waiting:
        try:
            provision(site)
            provisioned += 1
        except Exception as failure:
            logger.exception("site_not_provisioned", extra={"site": site.pk})
            with suppress(Error):
                site_events.record_news(site, "not provisioned", problem=type(failure).__name__)
    return provisioned


def rename_console(site: Site, slug: str) -> None:
    """Give a site's console another host; the one before it leads there as well.

    Raises IntegrityError when another site has the name.
    """
    site.slug = slug
    Site.objects.filter(pk=site.pk).update(slug=slug)
    if site.domains.exists():
        _lead_to_console(site)


def is_provisioned(site: Site) -> bool:
    """Whether the site has its schema."""
    return bool(schema_exists(site.schema_name))


@cache
def fingerprint() -> str:
    """Return what the migrations of a site's schema come to: it changes when one is added."""
    names = sorted(f"{label}.{name}" for label, name in site_migrations())
    return sha256("\n".join(names).encode()).hexdigest()


def _lead_to_console(site: Site) -> None:
    Domain.objects.get_or_create(
        domain=site.host.partition(":")[0], defaults={"tenant": site, "is_primary": True}
    )


def make_schema(schema_name: str) -> None:
    """Make a schema of this release, with what a new site begins with."""
    if not SCHEMA_NAME.fullmatch(schema_name):
        raise ValueError(f"{schema_name!r} cannot be a schema of ours.")
    template = TEMPLATE.read_text() if TEMPLATE.exists() else ""
    # Citus distributes a table as it is made, and refuses the identities that the template adds.
    if template.startswith(f"-- {fingerprint()}\n") and not settings.CITUS:
        with connection.cursor() as cursor:
            cursor.execute(template.replace(TEMPLATE_SCHEMA, schema_name))
        # The script's search path was its own.
        enter_public()
    else:
        migrate_new_schema(schema_name)


def migrate_new_schema(schema_name: str) -> None:
    """Make a schema by running every migration: slower, and always right."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {quote_schema_name(schema_name)}")
    call_command("migrate_schemas", schema_name=schema_name, interactive=False, verbosity=0)
    enter_public()
