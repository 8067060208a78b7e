"""A site with one row of everything, that can be erased and compared with what it was."""

from contextlib import contextmanager

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from psycopg import sql

from conversations import audit, outbox
from conversations.models import Attachment, Message
from omnichat.archives.writing import PUBLIC_ROWS
from tenants.context import public_context, tenant_context
from tenants.models import AuditHead, InboundKey, Installation, Site, SiteEvent
from tenants.provisioning import provision
from tests.omnichat.console_world import furnish

SLUG, SCHEMA = "mover", "site_mover"
# What an import changes on purpose: promises may have left since, sessions have ended.
CHANGED = {"conversations_outboxentry", "django_session"}


@contextmanager
def moved_site():
    """Make the site, and remove what is left of it afterwards."""
    try:
        yield _make()
    finally:
        erase()


def _make():
    site = Site.objects.create(
        slug=SLUG, cloud_id=SLUG, url="https://mover.example", schema_name=SCHEMA
    )
    provision(site)
    Installation.objects.create(
        site=site, installation_id="mover-1", environment="PRODUCTION", system_token="a token"
    )
    with tenant_context(site):
        furnish(7_000)
        photo = Attachment(message=Message.objects.get(), name="photo.jpg")
        photo.file.save("photo.jpg", ContentFile(b"a photo"))
        outbox.promise("message.deliver", group="g", subject="1")
        audit.seal()
        audit.record("settings.changed", actor_kind=audit.Actor.ADMIN)
    return site


def erase():
    with public_context(), connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        Site.objects.filter(slug=SLUG).delete()
        AuditHead.objects.filter(schema_name=SCHEMA).delete()
        SiteEvent.objects.filter(cloud_id=SLUG).delete()
    for name in list(files()):
        default_storage.delete(name)


def files(folder=SCHEMA):
    """Yield the names of the site's files."""
    if not default_storage.exists(folder):
        return
    folders, names = default_storage.listdir(folder)
    yield from (f"{folder}/{name}" for name in names)
    for each in folders:
        yield from files(f"{folder}/{each}")


def rows():
    """Return all rows of the site's schema, by table."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (SCHEMA,))
        for (table,) in cursor.fetchall():
            cursor.execute(
                sql.SQL("SELECT to_jsonb(t)::text FROM {} t ORDER BY 1").format(
                    sql.Identifier(SCHEMA, table)
                )
            )
            found[table] = [row for (row,) in cursor.fetchall()]
    return found


def public_rows():
    """Return the site's rows of the public schema but for their numbers, by table."""
    site = Site.objects.get(slug=SLUG)
    facts = {"id": site.pk, "cloud_id": site.cloud_id, "schema_name": site.schema_name}
    found = {}
    with connection.cursor() as cursor:
        for table, condition in PUBLIC_ROWS.items():
            cursor.execute(
                sql.SQL(
                    "SELECT (to_jsonb(t) - 'id' - 'site_id' - 'tenant_id' - 'state')::text"
                    " FROM {} t WHERE {} ORDER BY 1"
                ).format(sql.Identifier("public", table), sql.SQL(condition)),
                facts,
            )
            found[table] = [row for (row,) in cursor.fetchall()]
    return found


def key_of(site):
    return InboundKey.objects.get(site=site).key
