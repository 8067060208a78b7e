"""The figures that operators' monitoring asks for."""

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from tenants.models import Site

pytestmark = pytest.mark.django_db


def metrics(client):
    response = client.get("/metrics")
    assert response.status_code == 200
    return response.content.decode()


def test_sites_by_state(client, acme):
    Site.objects.filter(slug="globex").update(state=Site.State.UNINSTALLED)

    figures = metrics(client)

    assert 'omnichat_sites{state="active"} 1.0' in figures
    assert 'omnichat_sites{state="uninstalled"} 1.0' in figures
    assert 'omnichat_sites{state="installing"} 0.0' in figures
    assert "omnichat_sites_disconnected 0.0" in figures


def test_disconnected_sites(client, acme):
    Site.objects.filter(slug="acme").update(disconnected_since=timezone.now())

    assert "omnichat_sites_disconnected 1.0" in metrics(client)


@pytest.mark.parametrize("failure", [OperationalError, InterfaceError])
def test_database_down_leaves_the_other_figures(client, acme, failure):
    def fail(*arguments):
        raise failure("connection refused")

    with connection.execute_wrapper(fail):
        figures = metrics(client)

    assert "omnichat_sites" not in figures
    assert "python_info" in figures


@pytest.mark.parametrize("failure", [OperationalError, InterfaceError])
def test_process_without_its_database_is_not_ready(client, acme, failure):
    def fail(*arguments):
        raise failure("connection refused")

    with connection.execute_wrapper(fail):
        assert client.get("/readyz").status_code == 503
