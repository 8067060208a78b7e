"""An Infobip without a network: its webhooks are pushed into a list."""

import json

import httpx
import pytest
from starlette.testclient import TestClient

from sandbox.config import Config
from sandbox.infobip.app import create_app
from sandbox.phones.app import create_app as phones_app
from sandbox.store import Store
from tests.sandbox.infobip.phones import THREAD

ACCOUNT = {
    "site": "demo",
    "api_key": "key-of-demo",
    "webhook_url": "http://app.test/hooks/demo/",
    "senders": {"sms": "385951006719", "whatsapp": "385951006720"},
}


class Product:
    """The other end: what was pushed to it, and the statuses it answers before 200."""

    def __init__(self):
        self.requests = []
        self.statuses = []

    def __call__(self, request):
        self.requests.append(request)
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 0:
            raise httpx.ConnectError("refused")
        return httpx.Response(status)

    def bodies(self):
        return [json.loads(request.content) for request in self.requests]

    def results(self):
        return [row for body in self.bodies() for row in body["results"]]

    def events(self):
        """What came without `results`: templates, identities, marketing."""
        return [body for body in self.bodies() if "results" not in body]


@pytest.fixture
def product():
    return Product()


@pytest.fixture
def config(tmp_path):
    return Config(state_dir=tmp_path, report_delay=0, review_delay=0, retry_unit=0)


@pytest.fixture
def app(config, product):
    store = Store(config.state_dir / "sandbox.sqlite3")
    client = httpx.AsyncClient(transport=httpx.MockTransport(product))
    return create_app(config, store, client)


@pytest.fixture
def api(app):
    with TestClient(app, headers={"Authorization": "App key-of-demo"}) as client:
        client.post("/_sandbox/accounts", json=ACCOUNT)
        yield client


@pytest.fixture
def pushed(api, app, product):
    """Wait until nothing is under way and return the pushed results."""

    def results():
        api.portal.call(app.state.infobip.webhooks.settled)
        return product.results()

    return results


@pytest.fixture
def events(api, app, product):
    """Wait until nothing is under way and return the pushed flat events."""

    def flat():
        api.portal.call(app.state.infobip.webhooks.settled)
        return product.events()

    return flat


@pytest.fixture
def sends(api):
    return lambda **query: api.get("/_sandbox/messages", params=query).json()["messages"]


@pytest.fixture
def phone(api, app, config):
    client = TestClient(phones_app(config, app))
    # The pushes belong to the loop in which the Infobip runs.
    client.portal = api.portal
    return client


@pytest.fixture
def screen(phone):
    return lambda **change: phone.get("/api/thread", params=THREAD | change).json()
