"""The figures that operators' monitoring asks for."""

from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from tenants.models import Site, SiteFigures
from tests.pulses import heard

pytestmark = pytest.mark.django_db


def metrics(client):
    response = client.get("/metrics")
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_process_is_asked_by_its_bare_address(client, path):
    assert client.get(path, headers={"host": "10.244.1.7:8000"}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/panel/", "/metrics/", "/hooks/infobip/key/"])
def test_nothing_else_is(client, path):
    assert client.get(path, headers={"host": "10.244.1.7:8000"}).status_code == 404


def test_figures_are_no_sites(client, acme):
    host = f"{acme.slug}.localhost:8000"

    assert client.get("/metrics", headers={"host": host}).status_code == 404


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


def test_queues_over_all_sites(client, acme, globex):
    ago = timezone.now() - timedelta(seconds=100)
    SiteFigures.objects.create(site=acme, inbox_waiting=3, inbox_oldest_at=ago, quarantined=1)
    SiteFigures.objects.create(site=globex, inbox_waiting=4, outbox_dead=2, counted_at=ago)

    figures = metrics(client)

    assert "omnichat_inbox_waiting 7.0" in figures
    assert "omnichat_inbox_waiting_max 4.0" in figures
    assert "omnichat_quarantined 1.0" in figures
    assert "omnichat_outbox_dead_max 2.0" in figures
    assert "omnichat_inbox_oldest_seconds 100." in figures
    assert "omnichat_outbox_oldest_seconds 0.0" in figures
    assert "omnichat_figures_oldest_seconds 100." in figures
    assert "acme" not in figures


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


def test_processes_that_are_heard_from(client, acme):
    heard("worker", on="host-a", seconds_ago=0)
    heard("worker", on="host-b", seconds_ago=3600)
    heard("beat", seconds_ago=100)

    figures = metrics(client)

    assert 'omnichat_processes{kind="worker"} 1.0' in figures
    assert 'omnichat_processes{kind="beat"} 0.0' in figures
    assert 'omnichat_heard_seconds{kind="beat"} 100.' in figures
    assert 'omnichat_processes{kind="stream"} 0.0' in figures
    assert 'omnichat_heard_seconds{kind="stream"}' not in figures


def test_other_figures_are_there_before_the_first_file(client, acme, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "none-yet"

    figures = metrics(client)

    assert "omnichat_files_free_ratio" not in figures
    assert "omnichat_database_connections_max " in figures


def test_what_the_installation_stands_on(client, acme):
    figures = metrics(client)

    assert 'omnichat_database_connections{state="active"}' in figures
    assert "omnichat_database_connections_max " in figures
    assert "omnichat_files_free_ratio 0." in figures
    assert "omnichat_clock_ahead_seconds " in figures
