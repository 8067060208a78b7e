"""Every Forge route: what it answers to other methods, other addresses, and on a bad day."""

import json

import pytest
from django.db import OperationalError

from conversations import inbox
from conversations.models import InboxEntry
from jira_bridge import views
from tenants.context import tenant_context
from tenants.models import Site
from tests.jira_bridge import forge

pytestmark = pytest.mark.django_db

ROUTES = ["lifecycle", "events", "tick", "bye", "ui/session"]


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "options"])
def test_other_methods(client, route, method):
    response = getattr(client, method)(f"/forge/v1/{route}")

    assert response.status_code == 405
    assert response.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_trailing_slash_is_no_redirect(client, route, method):
    assert getattr(client, method)(f"/forge/v1/{route}/").status_code == 404


@pytest.mark.parametrize("route", ["lifecycle", "tick", "bye", "events"])
def test_database_down_is_503(call, monkeypatch, route):
    def fail(*arguments, **named):
        raise OperationalError("connection refused")

    monkeypatch.setattr(views, "meet", fail)
    monkeypatch.setattr(views, "leave", fail)

    response = call(route)

    assert (response.status_code, response.json()) == (503, {"detail": "Try again."})


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"7", b'"text"', b"\x00\xff", b"[" * 5000]
)
@pytest.mark.parametrize("route", ["lifecycle", "tick", "bye"])
def test_body_of_any_shape_is_taken(call, route, body):
    assert call(route, body=body).status_code == 204


def test_call_with_a_form_is_taken(client, keys, settings):
    token = forge.sign(forge.claims(settings))

    response = client.post(
        "/forge/v1/tick", {"a": "b"}, headers={"Authorization": f"Bearer {token}"}
    )

    assert response.status_code == 204


@pytest.mark.parametrize(
    "body", [b"[]", b'"text"', b"7", b"null", b'{"payload": []}', b'{"eventType": {}}']
)
def test_event_of_the_wrong_shape_is_kept_once_and_quarantined(call, acme, body):
    assert [call("events", body=body).status_code for _ in range(2)] == [204, 204]

    with tenant_context(acme):
        inbox.drain()
        entry = InboxEntry.objects.get()
    assert (entry.state, bytes(entry.body)) == ("quarantined", body)


def test_event_with_nul_bytes_is_kept(call, acme):
    event = forge.payload("event_resolved")
    event["issue"]["fields"]["summary"] = "\x00"
    raw = b'{"eventType": "\x00"}'

    assert call("events", body=json.dumps(event).encode()).status_code == 204
    assert call("events", body=raw).status_code == 204

    with tenant_context(acme):
        assert InboxEntry.objects.filter(body=raw).get().state == "quarantined"
        assert InboxEntry.objects.count() == 2


def test_large_event_is_kept_once(call, acme):
    event = forge.payload("event_resolved") | {"filler": "x" * 300_000}
    body = json.dumps(event).encode()

    assert [call("events", body=body).status_code for _ in range(3)] == [204, 204, 204]
    with tenant_context(acme):
        assert InboxEntry.objects.filter(source="jira").count() == 1


def test_event_without_a_valid_token_makes_no_site(client, keys):
    response = client.post(
        "/forge/v1/events", b'{"context": {"cloudId": "cloud-of-initech"}}', "application/json"
    )

    assert response.status_code == 401
    assert Site.objects.count() == 2


def test_event_is_of_the_site_that_the_token_names(call, acme, globex):
    body = json.dumps({"eventType": "x", "timestamp": 1, "context": {"cloudId": globex.cloud_id}})

    call("events", body=body.encode())

    with tenant_context(globex):
        assert not InboxEntry.objects.exists()
    with tenant_context(acme):
        assert InboxEntry.objects.count() == 1
