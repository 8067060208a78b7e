"""A new site's schema: replayed from the template, the same as a migrated one."""

import pytest
from django.core.management import call_command
from django.db import connection

from tenants import provisioning
from tenants.context import enter_public
from tenants.models import Site, SiteEvent
from tests.tenants.catalogs import assert_same, rows_of, shape_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_public(inside_acme):
    enter_public()


def new_site(slug):
    return Site.objects.create(
        slug=slug, cloud_id=slug, url="https://x.example", schema_name=f"site_{slug}"
    )


def test_template_is_of_these_migrations():
    """Run `make template` after adding a migration."""
    assert provisioning.TEMPLATE.read_text().startswith(f"-- {provisioning.fingerprint()}\n")


def test_replayed_schema_equals_a_migrated_one():
    provisioning.provision(new_site("replayed"))
    provisioning.migrate_new_schema("site_migrated")

    assert_same("site_replayed", "site_migrated")
    assert len(shape_of("site_replayed")) > 200


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
        provisioning.make_schema(name)


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
