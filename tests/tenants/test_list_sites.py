"""`manage.py list_sites`: what operators see of all sites at a glance."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from tenants.context import enter_public
from tenants.models import Installation, Site

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _one_gone(acme):
    Installation.objects.create(
        site=acme, installation_id="old", environment="PRODUCTION", removed_at=NOON
    )
    Installation.objects.create(
        site=acme,
        installation_id="new",
        environment="PRODUCTION",
        app_version="2.1.0",
        heard_at=NOON,
        system_token="s3cret",
        system_token_expires_at=timezone.now() + timedelta(minutes=90, seconds=30),
    )
    Site.objects.filter(slug="acme").update(region="EU", disconnected_since=NOON)
    Site.objects.filter(slug="globex").update(
        state=Site.State.UNINSTALLED, uninstalled_at=NOON, licence_active=False
    )


def listed(*options):
    out = StringIO()
    call_command("list_sites", *options, stdout=out)
    return out.getvalue().splitlines()


def test_sites_as_json():
    acme, globex = map(json.loads, listed("--json"))

    assert acme == {
        "site": "acme",
        "schema": "site_acme",
        "state": "active",
        "region": "EU",
        "version": "2.1.0",
        "licence": "active",
        "heard": "2026-11-20T12:05Z",
        "token_minutes": 90,
        "disconnected": "2026-11-20T12:05Z",
        "uninstalled": "",
        "erased": "",
    }
    assert (globex["state"], globex["licence"]) == ("uninstalled", "inactive")
    assert (globex["uninstalled"], globex["erased"]) == ("2026-11-20T12:05Z", "2026-12-20T12:05Z")


def test_sites_in_columns():
    head, acme, globex = listed()

    assert head.split()[:3] == ["site", "schema", "state"]
    assert acme.split()[:5] == ["acme", "site_acme", "active", "EU", "2.1.0"]
    assert acme.index("EU") == globex.index("-")


def test_cost_does_not_grow_with_the_sites(django_assert_num_queries):
    enter_public()
    Site.objects.exists()  # the way to the public schema is a statement too

    with django_assert_num_queries(2):
        listed("--json")


def test_token_is_not_shown():
    assert "s3cret" not in "".join(listed() + listed("--json"))


def test_no_sites():
    Installation.objects.all().delete()
    Site.objects.all().delete()

    assert listed() == ["No sites."]


def test_tokens_are_not_read():
    with connection.cursor() as cursor:
        cursor.execute("UPDATE public.tenants_installation SET system_token = 'of a lost key'")

    assert len(listed("--json")) == 2
