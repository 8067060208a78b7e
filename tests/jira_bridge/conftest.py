"""Jira and Forge on the loopback."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from conversations import inbox, nudges
from jira_bridge import auth
from tenants.context import tenant_context
from tenants.models import Installation
from tests.factories import RequestDefaultsFactory
from tests.jira_bridge import desks, forge
from tests.loopback import Neighbour


@pytest.fixture
def keys(settings):
    """Atlassian's published keys."""
    auth._keys.cache_clear()
    with Neighbour() as neighbour:
        settings.FORGE_JWKS_URL = f"{neighbour.url}/keys.json"
        neighbour.answer(200, forge.key_set(), times=50)
        yield neighbour
    auth._keys.cache_clear()


@pytest.fixture
def jira(settings):
    with Neighbour() as neighbour:
        settings.JIRA_API_HOSTS = [neighbour.host]
        yield neighbour


@pytest.fixture
def call(client, keys, settings):
    """Call one of the app's routes with a token that says `said`."""

    def post(route, said=None, *, body=b"{}", token=None, **headers):
        fit = token or forge.sign(said or forge.claims(settings))
        return client.post(
            f"/forge/v1/{route}",
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {fit}", **headers},
        )

    return post


@pytest.fixture
def woken(monkeypatch):
    """Workers' tasks that were asked for, each with its site's schema."""
    asked = []
    monkeypatch.setattr(nudges._wakes, "add", lambda subject, number=0: asked.append(subject))
    return asked


@pytest.fixture
def installation(acme, jira):
    """The app on acme, with a token that Jira takes."""
    return Installation.objects.create(
        site=acme,
        installation_id=forge.INSTALLATION_ID,
        environment="PRODUCTION",
        api_base_url=f"{jira.url}{forge.ACME}",
        system_token="system-token",
        system_token_expires_at=timezone.now() + timedelta(hours=2),
    )


@pytest.fixture
def defaults(acme):
    return RequestDefaultsFactory()


@pytest.fixture
def known_types(acme):
    """The catalogue knows two desks, and the fields of three types."""
    desks.keep_desks()
    desks.keep_fields("1", "10")
    desks.keep_fields("1", "11", desks.URGENCY)
    desks.keep_fields("2", "20")


@pytest.fixture
def happens(call, acme):
    """Send an event as Forge would and take it in."""

    def send(event, **changes):
        body = json.dumps({**forge.payload(event), **changes}).encode()
        assert call("events", body=body).status_code == 204
        with tenant_context(acme):
            inbox.drain()

    return send
