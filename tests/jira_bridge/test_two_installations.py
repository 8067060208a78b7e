"""Two calls at the same moment make one site, once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from jira_bridge.tasks import provision_sites
from tenants.context import public_context
from tenants.models import Installation, Site
from tests.jira_bridge import forge

pytestmark = pytest.mark.django_db(transaction=True)

CLOUD_ID = "cloud-of-initech"


@pytest.fixture
def _initech():
    """Remove the site that the test makes."""
    yield
    with public_context(), connection.cursor() as cursor:
        Site.objects.filter(cloud_id=CLOUD_ID).delete()
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


@pytest.mark.usefixtures("_initech")
def test_two_lifecycle_calls_make_the_site_once(keys, settings, monkeypatch):
    monkeypatch.setattr(provision_sites, "apply_async", lambda **more: None)
    token = forge.sign(forge.claims(settings, site=CLOUD_ID))
    headers = {"Authorization": f"Bearer {token}"}

    answers = at_once(lambda _: Client().post("/forge/v1/lifecycle", headers=headers).status_code)
    with public_context():
        at_once(lambda _: provision_sites())

    assert answers == [204, 204]
    site = Site.objects.get(cloud_id=CLOUD_ID)
    assert (site.state, site.inbound_keys.count(), site.domains.count()) == ("active", 1, 1)
    assert Installation.objects.count() == 1
