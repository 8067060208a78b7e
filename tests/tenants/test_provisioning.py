"""A new site's schema: replayed from the template, the same as a migrated one."""

import pytest
from django.core.management import call_command
from django.db import connection

from tenants import provisioning
from tenants.context import enter_public
from tenants.models import Site, SiteEvent

pytestmark = pytest.mark.django_db

SHAPE = """
SELECT 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text,
       replace(coalesce(pg_get_expr(d.adbin, d.adrelid), ''), %(schema)s, ''), a.attidentity::text
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind = 'r'
UNION ALL
SELECT 'constraint', conname, contype::text,
       replace(pg_get_constraintdef(oid), %(schema)s, ''), '', '', ''
FROM pg_constraint WHERE connamespace = %(schema)s::regnamespace
UNION ALL
SELECT 'index', indexname, replace(indexdef, %(schema)s, ''), '', '', '', ''
FROM pg_indexes WHERE schemaname = %(schema)s
UNION ALL
SELECT 'trigger', tgname, replace(pg_get_triggerdef(t.oid), %(schema)s, ''), '', '', '', ''
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = %(schema)s::regnamespace AND NOT tgisinternal
ORDER BY 1, 2, 3
"""


@pytest.fixture(autouse=True)
def _in_public(inside_acme):
    enter_public()


def new_site(slug):
    return Site.objects.create(
        slug=slug, cloud_id=slug, url="https://x.example", schema_name=f"site_{slug}"
    )


def shape_of(schema_name):
    with connection.cursor() as cursor:
        cursor.execute(SHAPE, {"schema": schema_name})
        return cursor.fetchall()


def rows_of(schema_name, columns, table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {schema_name}.{table} ORDER BY 1, 2")  # noqa: S608
        return cursor.fetchall()


def test_template_is_of_these_migrations():
    """Run `make template` after adding a migration."""
    assert provisioning.TEMPLATE.read_text().startswith(f"-- {provisioning.fingerprint()}\n")


def test_replayed_schema_equals_a_migrated_one():
    provisioning.provision(new_site("replayed"))
    provisioning.migrate_new_schema("site_migrated")

    assert shape_of("site_replayed") == shape_of("site_migrated")
    assert len(shape_of("site_replayed")) > 200
    for columns, table in [
        ("app, name", "django_migrations"),
        ("app_label, model", "django_content_type"),
        ("codename, name", "auth_permission"),
    ]:
        assert rows_of("site_replayed", columns, table) == rows_of("site_migrated", columns, table)


def test_sequences_of_a_replayed_schema_go_on_after_its_rows():
    provisioning.provision(new_site("sequences"))

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO site_sequences.django_content_type (app_label, model) VALUES ('x', 'y')"
        )
        cursor.execute(
            "SELECT count(*), max(id), count(DISTINCT id) FROM site_sequences.django_content_type"
        )
        count, highest, distinct = cursor.fetchone()
    assert count == highest == distinct


def test_migration_is_the_fallback_for_an_outdated_template(monkeypatch, tmp_path):
    outdated = tmp_path / "template.sql"
    outdated.write_text("-- of other migrations\nSELECT 1/0;\n")
    monkeypatch.setattr(provisioning, "TEMPLATE", outdated)

    provisioning.provision(new_site("fallback"))

    assert rows_of("site_fallback", "app, name", "django_migrations")


def test_provisioning_again_changes_nothing():
    site = new_site("again")
    provisioning.provision(site)
    key = site.inbound_keys.get()

    provisioning.provision(site)

    assert site.inbound_keys.get() == key
    assert site.state == Site.State.ACTIVE


def test_suspended_site_stays_suspended(acme):
    acme.state = Site.State.SUSPENDED
    acme.save()

    provisioning.provision(acme)

    assert acme.state == Site.State.SUSPENDED


def test_failure_is_an_event_once_while_it_lasts(monkeypatch):
    site = new_site("broken")
    monkeypatch.setattr(provisioning, "provision", lambda site: 1 / 0)

    assert (provisioning.provision_waiting(), provisioning.provision_waiting()) == (0, 0)

    event = SiteEvent.objects.get(cloud_id=site.cloud_id)
    assert (event.action, event.detail) == ("not provisioned", {"problem": "ZeroDivisionError"})


@pytest.mark.parametrize("name", ["site; drop schema public", 'a"b', "Public", ""])
def test_hostile_schema_name_is_refused(name):
    with pytest.raises(ValueError, match="cannot be a schema"):
        provisioning._make_schema(name)


def test_no_foreign_key_leaves_a_sites_schema():
    """Schemas are the unit that moves, to another database too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint c JOIN pg_class f ON f.oid = c.confrelid"
            " WHERE c.contype = 'f' AND c.connamespace = 'site_acme'::regnamespace"
            " AND f.relnamespace <> 'site_acme'::regnamespace"
        )
        assert cursor.fetchall() == []


def test_release_passes_over_sites_without_a_schema():
    """Those being installed just now, and those uninstalled before they had one."""
    new_site("early")

    call_command("migrate_schemas", tenant=True, interactive=False, verbosity=0)

    assert not provisioning.is_provisioned(Site.objects.get(slug="early"))
