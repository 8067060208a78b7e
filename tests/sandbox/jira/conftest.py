"""A Jira without a network: what it sends to the app lands in a list."""

import json
import shutil

import httpx
import jwt
import pytest
from starlette.testclient import TestClient

from sandbox.config import Config
from sandbox.jira.app import create_app
from sandbox.jira.identity import Identity
from sandbox.jira.people import APP, STAFF
from sandbox.store import Store


class Product:
    """The app's end: what reached it, and the statuses it answers before 200."""

    def __init__(self):
        self.requests = []
        self.statuses = []
        self.body = b"{}"

    def __call__(self, request):
        self.requests.append(request)
        # Ticks come by themselves: a test's statuses are not for them.
        ticks = request.url.path.endswith("/tick")
        status = self.statuses.pop(0) if self.statuses and not ticks else 200
        if status == 0:
            raise httpx.ConnectError("refused")
        headers = {"content-type": "application/json"}
        return httpx.Response(status, content=self.body, headers=headers)

    def bodies(self, route):
        return [
            json.loads(request.content)
            for request in self.requests
            if request.url.path == f"/forge/v1/{route}"
        ]


@pytest.fixture
def product():
    return Product()


@pytest.fixture(scope="session")
def signed(tmp_path_factory):
    """A state folder with a signing key: making one takes longer than most tests."""
    folder = tmp_path_factory.mktemp("signed")
    Identity(folder)
    return folder


@pytest.fixture
def config(signed, tmp_path):
    shutil.copytree(signed, tmp_path, dirs_exist_ok=True)
    return Config(app_url="http://app.test", jira_port=8081, state_dir=tmp_path, retry_unit=0)


@pytest.fixture
def app(config, product):
    store = Store(config.state_dir / "sandbox.sqlite3")
    client = httpx.AsyncClient(transport=httpx.MockTransport(product))
    return create_app(config, store, client)


@pytest.fixture
def jira(app):
    return app.state.jira


@pytest.fixture
def web(app):
    """A browser or a test at the sandbox's pages and control routes."""
    with TestClient(app) as client:
        client.post("/_sandbox/sites", json={"site": "demo"})
        yield client


@pytest.fixture
def site(web, jira):
    return jira.sites.get("demo")


@pytest.fixture
def api_as(web, jira, site):
    """Return a function that gives a REST client with the token of somebody."""

    def client(slug=None):
        account_id = STAFF[slug].account_id if slug else APP.account_id
        token = jira.identity.mint_api_token(site, account_id)
        headers = {"authorization": f"Bearer {token}"}
        base = f"http://testserver/ex/jira/{site.cloud_id}/rest/"
        return TestClient(web.app, base_url=base, headers=headers)

    return client


@pytest.fixture
def api(api_as):
    return api_as()


@pytest.fixture
def open_request(web):
    """Return a function that lets a customer open a request by e-mail."""

    def opened(summary="Printer", **wanted):
        body = {"summary": summary, "reporter_email": "maja@kupac.example", **wanted}
        return web.post("/_sandbox/requests", json=body).json()

    return opened


@pytest.fixture
def events(web, jira, product):
    """Return a function that waits for the events under way and gives their bodies."""

    def bodies():
        web.portal.call(jira.forge.settled)
        return product.bodies("events")

    return bodies


@pytest.fixture
def claims_of(web, jira):
    """Return a function that checks a request's invocation token as the app does."""

    def claims(request):
        keys = jwt.PyJWKSet.from_dict(web.get("/.well-known/jwks.json").json())
        token = request.headers["authorization"].removeprefix("Bearer ")
        key = keys[jwt.get_unverified_header(token)["kid"]]
        issuer = "forge/invocation-token"
        return jwt.decode(
            token, key, algorithms=["RS256"], audience=jira.identity.app_id, issuer=issuer
        )

    return claims


@pytest.fixture
def lendable(jira, web):
    """Have an app whose scopes may all be used for people who are not there."""
    jira.scopes.update(dict.fromkeys(jira.scopes, True))
