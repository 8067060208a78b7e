"""One site is migrated by itself: it alone, by one worker at a time, however long it takes."""

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from omnichat import tasks
from tenants import migrating
from tenants.context import enter_public, public_context, tenant_context
from tenants.models import Site, SiteEvent, SiteFigures
from tenants.provisioning import provision
from tenants.side_connection import conninfo

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def initech(db):
    """A site as it was before the newest release."""
    enter_public()
    site = Site.objects.create(
        slug="initech", cloud_id="initech", url="https://i.example", schema_name="site_initech"
    )
    provision(site)
    call_command("migrate_schemas", "channels", "0002", schema_name="site_initech", verbosity=0)
    enter_public()
    yield site
    with public_context(), connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA site_initech CASCADE")
        site.delete()


def missing(site):
    with tenant_context(site):
        return {name for _app, name in migrating.missing_migrations()}


def limit():
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return cursor.fetchone()[0]


def test_site_behind_is_brought_up_to_date(initech):
    before = limit()
    assert "0003_pulls_inbox" in missing(initech)

    tasks.migrate_site("site_initech")

    assert missing(initech) == set()
    assert SiteEvent.objects.get(cloud_id="initech").action == "migrated"
    assert SiteFigures.objects.get(site=initech).missing_migrations == 0
    assert limit() == before == "30s"


def test_two_workers_do_not_migrate_at_once(initech):
    with psycopg.connect(conninfo(), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(hashtext('migrate'), hashtext('site_initech'))")

        assert not migrating.migrate("site_initech")

    assert missing(initech)


def test_failure_is_an_event_and_leaves_the_limits(initech, monkeypatch):
    monkeypatch.setattr(migrating, "call_command", lambda *names, **options: 1 / 0)

    tasks.migrate_site("site_initech")

    event = SiteEvent.objects.get(cloud_id="initech")
    assert (event.action, event.detail) == ("not migrated", {"problem": "ZeroDivisionError"})
    assert limit() == "30s"
