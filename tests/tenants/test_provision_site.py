"""`manage.py provision_site`: a site by hand, and names that would lead nowhere."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tenants.context import enter_public
from tenants.models import Site

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_public(inside_acme):
    enter_public()


def provision(slug="umbrella", *, cloud_id="cloud-of-umbrella", url="https://umbrella.example"):
    said = StringIO()
    call_command("provision_site", slug, cloud_id=cloud_id, url=url, stdout=said)
    return said.getvalue()


def test_site_is_made_once_however_often_it_is_asked_for():
    said = provision()

    assert said.startswith("umbrella: active, console at http")
    assert provision() == said
    assert Site.objects.filter(cloud_id="cloud-of-umbrella").count() == 1


@pytest.mark.parametrize("slug", ["Umbrella", "um_brella", "umbrella-", "um.brella", "www", "ü"])
def test_name_that_is_no_host(slug):
    with pytest.raises(CommandError, match=f"No console can be called {slug}"):
        provision(slug)

    assert not Site.objects.filter(cloud_id="cloud-of-umbrella").exists()


def test_name_that_is_taken():
    with pytest.raises(CommandError, match="Site with this Slug already exists"):
        provision("acme")


def test_address_that_is_none():
    with pytest.raises(CommandError, match="Enter a valid URL"):
        provision(url="umbrella")
