"""Two sites for the whole run; each test that uses the database starts inside acme."""

from uuid import NAMESPACE_URL, uuid5

import pytest
from django.db import connection, transaction
from django.test import TransactionTestCase

from channels import signatures, webhook_records
from conversations import fair_share, nudges, sweeps
from tenants import directory, pending_work, pulses, turns
from tenants.context import PUBLIC_SCHEMA, schema_context
from tenants.models import Site
from tenants.provisioning import provision
from tests.leaks import noting

pytest_plugins = ["tests.leaks"]  # after Django has its settings, which the product's modules need

# The cloud ids that the sandbox gives sites of these names.
SITES = {slug: str(uuid5(NAMESPACE_URL, f"omnichat-sandbox/{slug}")) for slug in ("acme", "globex")}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    # Django's flush after a transactional test would empty the public schema, the sites included.
    TransactionTestCase._fixture_teardown = lambda self: None
    with django_db_blocker.unblock():
        for slug, cloud_id in SITES.items():
            site, _created = Site.objects.get_or_create(
                cloud_id=cloud_id,
                defaults={
                    "slug": slug,
                    "url": f"https://{slug}.atlassian.example",
                    "schema_name": f"site_{slug}",
                },
            )
            provision(site)
    yield
    pending_work.close()
    sweeps.close()
    webhook_records.close()


@pytest.fixture
def acme(db):
    return Site.objects.get(slug="acme")


@pytest.fixture
def globex(db):
    return Site.objects.get(slug="globex")


@pytest.fixture(autouse=True)
def inside_acme(request, monkeypatch):
    """Enter acme after the database is there; forget what the process remembers of other tests."""
    directory.forget()
    signatures.forget()
    webhook_records.forget()
    pending_work.distrust()
    pulses.forget()
    # A slow machine must not end a drain before its work is done: nobody comes after it.
    monkeypatch.setattr(fair_share, "SLICE_SECONDS", 600.0)
    # It is every site's turn: what is done each hour is done whenever a test asks for it.
    monkeypatch.setattr(turns, "sites_in_turn", lambda name: directory.active_sites())
    # Nobody listens in a unit test: nudges are hints, and tests drain by themselves.
    monkeypatch.setattr(nudges._wakes, "add", noting("a task"))
    monkeypatch.setattr(nudges._bells, "add", noting("a ring"))
    monkeypatch.setattr(nudges._presence_bells, "add", noting("a ring"))
    monkeypatch.setattr(nudges._site_bells, "add", noting("a ring"))
    monkeypatch.setattr(webhook_records._refusals, "add", lambda subject, number=0: None)
    monkeypatch.setattr(webhook_records._calls, "add", lambda subject, number=0: None)
    transactional = "transactional_db" in request.fixturenames
    marker = request.node.get_closest_marker("django_db")
    if marker is None and not {"db", "transactional_db"} & set(request.fixturenames):
        yield
        return
    transactional = transactional or bool(marker and marker.kwargs.get("transaction"))
    request.getfixturevalue("transactional_db" if transactional else "db")
    connection.set_tenant(Site.objects.get(slug="acme"))
    yield
    connection.set_schema_to_public()
    if transactional:
        _empty_sites()


def _empty_sites():
    """Remove what a test has committed in the sites; the sites themselves stay."""
    for slug in SITES:
        with schema_context(f"site_{slug}"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL omnichat.retention = 'on'")
            cursor.execute(
                "SELECT string_agg(format('%%I.%%I', schemaname, tablename), ', ') FROM pg_tables"
                " WHERE schemaname = %s AND tablename ~"
                " '^(conversations|channels|jira_bridge|logins|auth_user|django_session)'",
                (f"site_{slug}",),
            )
            cursor.execute(f"TRUNCATE {cursor.fetchone()[0]} RESTART IDENTITY CASCADE")
    with schema_context(PUBLIC_SCHEMA), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM tenants_pendingwork; DELETE FROM tenants_callquota;"
            "DELETE FROM tenants_audithead; DELETE FROM tenants_pulse;"
            "DELETE FROM tenants_siteevent; DELETE FROM tenants_installation"
        )
