"""Webhooks are answered before any other middleware; everything else passes all of it."""

import pytest
from rest_framework.exceptions import PermissionDenied
from rest_framework.views import APIView

from tenants import middleware

pytestmark = pytest.mark.django_db


def test_a_webhook_passes_no_other_middleware(client):
    response = client.post("/hooks/infobip/no-such-key/", b"{}", content_type="application/json")

    assert response.status_code == 404
    assert response.headers["Content-Length"] == "0"  # else the server answers in chunks
    assert "Content-Security-Policy" not in response.headers


def test_other_paths_of_the_machines_host_pass_all_middleware(client):
    response = client.get("/healthz")

    assert response.status_code == 200
    assert "Content-Security-Policy" in response.headers


def test_a_webhook_at_a_foreign_host_is_not_found(client):
    response = client.get("/hooks/infobip/no-such-key/", headers={"host": "acme.localhost"})

    assert response.status_code == 404
    assert "Content-Security-Policy" in response.headers


def test_an_unknown_lean_path_is_not_found(client):
    assert client.get("/hooks/unheard-of/").status_code == 404


def test_a_refusal_of_the_rest_framework_is_rendered(rf, monkeypatch):
    class Refusing(APIView):
        def post(self, request):
            raise PermissionDenied

    monkeypatch.setattr(middleware, "resolve", lambda *path: (Refusing.as_view(), (), {}))
    request = rf.post("/hooks/anything/", headers={"host": "127.0.0.1"})

    response = middleware.SiteMiddleware(lambda request: None)(request)

    assert response.status_code == 403
    assert response.content.startswith(b'{"detail":')
