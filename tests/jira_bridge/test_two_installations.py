"""Two calls at the same moment make one site, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from conversations.tasks import erase_sites
from jira_bridge.tasks import provision_sites
from tenants.context import public_context
from tenants.models import Installation, Site, SiteEvent
from tenants.provisioning import is_provisioned
from tests.jira_bridge import forge
from tests.jira_bridge.stories import actions

pytestmark = pytest.mark.django_db(transaction=True)

CLOUD_ID = "cloud-of-initech"


@pytest.fixture
def _initech():
    """Remove the site that the test makes."""
    yield
    with public_context(), connection.cursor() as cursor:
        Site.objects.filter(cloud_id__startswith=CLOUD_ID).delete()
        SiteEvent.objects.all().delete()
        Installation.objects.all().delete()
        cursor.execute("DROP SCHEMA IF EXISTS site_cloudofinitech CASCADE")


def at_once(action, times=2):
    barrier = Barrier(times)

    def run(number):
        try:
            connection.ensure_connection()
            barrier.wait(30)
            return action(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def post(route, token):
    headers = {"Authorization": f"Bearer {token}"}
    return Client().post(f"/forge/v1/{route}", headers=headers).status_code


@pytest.mark.usefixtures("_initech")
def test_two_sites_that_wish_for_one_slug_both_get_one(keys, settings):
    tokens = []
    for cloud_id in (CLOUD_ID, f"{CLOUD_ID}-2"):
        said = forge.page_claims(settings, site=cloud_id)
        said["app"]["installationId"] = cloud_id
        said["context"]["siteUrl"] = "https://initech.atlassian.example"
        tokens.append(forge.sign(said))

    answers = at_once(lambda number: post("ui/session", tokens[number]))

    assert answers == [503, 503]  # both are being made
    slugs = Site.objects.filter(cloud_id__startswith=CLOUD_ID).values_list("slug", flat=True)
    assert "initech" in slugs
    assert len(set(slugs)) == 2


@pytest.mark.usefixtures("_initech")
def test_reinstallation_and_farewell_at_once_leave_the_new_one(keys, settings):
    first = forge.claims(settings, site=CLOUD_ID)
    second = forge.claims(settings, site=CLOUD_ID)
    second["app"] = {**second["app"], "installationId": "second"}
    post("lifecycle", forge.sign(first))
    tokens = [forge.sign(first), forge.sign(second)]

    answers = at_once(lambda number: post(("bye", "tick")[number], tokens[number]))

    assert answers == [204, 204]
    assert Installation.objects.get(removed_at=None).installation_id == "second"
    assert Site.objects.get(cloud_id=CLOUD_ID).uninstalled_at is None


@pytest.mark.usefixtures("_initech")
def test_return_in_the_moment_of_erasure_finds_all_or_begins_anew(keys, settings):
    post("lifecycle", forge.sign(forge.claims(settings, site=CLOUD_ID)))
    with public_context():
        provision_sites()
    post("bye", forge.sign(forge.claims(settings, site=CLOUD_ID)))
    Site.objects.filter(cloud_id=CLOUD_ID).update(
        uninstalled_at=timezone.now() - timedelta(days=settings.ERASE_AFTER_DAYS + 1)
    )
    said = forge.claims(settings, site=CLOUD_ID)
    said["app"]["installationId"] = "second"
    token = forge.sign(said)

    erased, answer = at_once(lambda number: post("tick", token) if number else erase_sites())

    assert answer == 204
    site = Site.objects.get(cloud_id=CLOUD_ID)
    assert (site.state, is_provisioned(site)) == (
        ("installing", False) if erased else ("active", True)
    )
    assert site.installations.get(removed_at=None).installation_id == "second"


@pytest.mark.usefixtures("_initech")
def test_two_lifecycle_calls_make_the_site_once(keys, settings):
    token = forge.sign(forge.claims(settings, site=CLOUD_ID))

    answers = at_once(lambda _: post("lifecycle", token))
    with public_context():
        at_once(lambda _: provision_sites())

    assert answers == [204, 204]
    site = Site.objects.get(cloud_id=CLOUD_ID)
    assert (site.state, site.inbound_keys.count(), site.domains.count()) == ("active", 1, 1)
    assert Installation.objects.count() == 1
    assert actions(CLOUD_ID) == ["installed"]
