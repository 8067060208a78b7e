"""Every Forge route: what it answers to other methods, other addresses, and on a bad day."""

import pytest
from django.db import OperationalError

from jira_bridge import views
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
