"""The sandbox at both ends as a process of its own, the product as a live server between."""

import os
import socket
import subprocess
import sys
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Condition

import pytest
import requests
import time_machine

from channels.models import ProviderAccount
from conversations import inbox, outbox
from conversations.contracts import Channel
from jira_bridge import auth
from jira_bridge.models import RequestDefaults
from tenants.context import tenant_context
from tenants.models import Installation
from tests.factories import SenderFactory

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 20
KEY = "flows-key"
SENDERS = {"sms": "385951006719", "whatsapp": "385951006720"}


@pytest.fixture(scope="session")
def ports():
    """Ports that nobody uses; each is free again when it is returned, and taken a moment later."""
    with socket.socket() as jira, socket.socket() as infobip, socket.socket() as phones:
        for taken in (jira, infobip, phones):
            taken.bind(("127.0.0.1", 0))
        return {
            "JIRA_PORT": jira.getsockname()[1],
            "INFOBIP_PORT": infobip.getsockname()[1],
            "PHONES_PORT": phones.getsockname()[1],
        }


class Arrivals:
    """Counts what the product has kept, so that a test can wait for it."""

    def __init__(self):
        self.kept = 0
        self.changed = Condition()

    def count(self, items):
        with self.changed:
            self.kept += len(items)
            self.changed.notify_all()

    def wait_for(self, kept):
        with self.changed:
            assert self.changed.wait_for(lambda: self.kept >= kept, PATIENCE_SECONDS)


@dataclass
class World:
    """What a person could do outside the product, and what workers would do inside."""

    app: str
    jira: str
    infobip: str
    site: object
    arrivals: Arrivals

    def customer_writes(self, channel, text, number="385991903327", **wish):
        """Send from a phone: a text, or what the wish says; returns the message's id."""
        answer = self._post(
            f"{self.infobip}/_sandbox/inbound",
            {"channel": channel, "from": number, "to": SENDERS[channel], "text": text} | wish,
        )
        assert answer["status"] == 200
        self.work()
        return answer["message_id"]

    def customer_reads(self, number="385991903327"):
        kept = self.arrivals.kept
        self._post(f"{self.infobip}/_sandbox/read", {"to": number, "channel": "whatsapp"})
        self.arrivals.wait_for(kept + 1)
        self.work()

    def work(self):
        """Do what a worker does, until nothing is due."""
        with tenant_context(self.site):
            while inbox.drain() + outbox.drain():
                pass

    def wait_for_reports(self, kept):
        self.arrivals.wait_for(kept)
        self.work()

    def requests(self):
        return self._get(f"{self.jira}/_sandbox/requests?site=acme")["requests"]

    def sent(self, channel):
        return self._get(f"{self.infobip}/_sandbox/messages?channel={channel}")["messages"]

    def fault(self, where, route, kind, times=1):
        self._post(
            f"{getattr(self, where)}/_sandbox/faults",
            {"route": route, "kind": kind, "times": times},
        )

    def resolve(self, key, status):
        kept = self.arrivals.kept
        self._post(
            f"{self.jira}/_sandbox/requests/{key}/transition", {"site": "acme", "to": status}
        )
        self.arrivals.wait_for(kept + 1)
        self.work()

    def open_panel(self, key, agent="ana"):
        """Return the panel's session as the shell gets it."""
        answer = self._post(
            f"{self.jira}/forge/invoke",
            {
                "site": "acme",
                "issue": key,
                "as": agent,
                "call": {"path": "/forge/v1/ui/session", "method": "POST", "body": {}},
            },
        )
        assert answer["status"] == 200, answer
        return Panel(self.app, answer["body"])

    def _post(self, url, body):
        answer = requests.post(url, json=body, timeout=PATIENCE_SECONDS)
        answer.raise_for_status()
        return answer.json()

    def _get(self, url):
        answer = requests.get(url, timeout=PATIENCE_SECONDS)
        answer.raise_for_status()
        return answer.json()


@dataclass
class Panel:
    """An agent's open panel, over HTTP."""

    app: str
    session: dict

    def get(self, path):
        return self._ask("GET", path)

    def post(self, path, **form):
        return self._ask("POST", path, data=form)

    def send(self, text, *, address, sender, **more):
        return self.post(
            "messages",
            text=text,
            client_id=str(uuid.uuid4()),
            sender=sender.pk,
            address=address.pk,
            **more,
        )

    def attach(self, name, content, *, sender):
        """Upload a file for the next message; returns the answer."""
        return self._ask(
            "POST", "uploads", data={"sender": sender.pk}, files={"file": (name, content)}
        )

    def _ask(self, method, path, **content):
        return requests.request(
            method,
            f"{self.app}/panel/{self.session['issue_id']}/{path}",
            headers={"Authorization": f"Bearer {self.session['token']}"},
            timeout=PATIENCE_SECONDS,
            **content,
        )


@pytest.fixture
def world(transactional_db, live_server, ports, settings, monkeypatch, tmp_path, acme):
    app = live_server.url.replace("localhost", "127.0.0.1")
    jira = f"http://localhost:{ports['JIRA_PORT']}"
    infobip = f"http://127.0.0.1:{ports['INFOBIP_PORT']}"
    settings.APP_URL = app
    settings.INFOBIP_HOSTS = [f"127.0.0.1:{ports['INFOBIP_PORT']}"]
    settings.JIRA_API_HOSTS = [f"127.0.0.1:{ports['JIRA_PORT']}"]
    settings.FORGE_JWKS_URL = f"{jira}/.well-known/jwks.json"
    auth._keys.cache_clear()
    arrivals = Arrivals()
    keep = inbox.keep

    def keep_and_count(source, items, **others):
        kept = list(items)
        new = keep(source, kept, **others)
        arrivals.count(kept)
        return new

    monkeypatch.setattr(inbox, "keep", keep_and_count)
    ProviderAccount.objects.create(base_url=infobip, api_key=KEY)
    RequestDefaults.objects.create(service_desk_id="1", request_type_id="10")
    for channel, number in SENDERS.items():
        SenderFactory(channel=Channel(channel), number=number)

    told = {name: str(port) for name, port in ports.items()} | {
        "APP_URL": app,
        "SANDBOX_STATE": str(tmp_path),
        "SANDBOX_REPORT_DELAY": "0",
        "FORGE_APP_ID": settings.FORGE_APP_ID,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.world"], cwd=ROOT, env=os.environ | told
    )
    try:
        world = World(app, jira, infobip, acme, arrivals)
        settle_in(world, process)
        yield world
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)
        Installation.objects.all().delete()


def settle_in(world, process):
    """Wait for the sandbox to answer, then register the site and its account there."""
    session = requests.Session()
    retry = requests.adapters.Retry(total=40, connect=40, backoff_factor=0.05, backoff_max=0.3)
    session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retry))
    for url in (world.jira, world.infobip):
        session.get(f"{url}/_sandbox/faults", timeout=PATIENCE_SECONDS).raise_for_status()
    assert process.poll() is None
    world._post(f"{world.jira}/_sandbox/sites", {"site": "acme"})
    # Its first token comes with a tick: waited for, since nothing is opened without one.
    assert world._post(f"{world.jira}/_sandbox/tick", {"site": "acme"})["app_status"] == 204
    key = world.site.inbound_keys.get()
    world._post(
        f"{world.infobip}/_sandbox/accounts",
        {"site": "acme", "api_key": KEY, "webhook_url": key.webhook_url, "senders": SENDERS},
    )


@pytest.fixture
def time_travel():
    """Let time pass for the outbox: what was put off comes due, as often as it is put off."""

    def travel(world, *, minutes):
        start = datetime.now(UTC)
        for second in range(0, minutes * 60 + 1, 10):
            with time_machine.travel(start + timedelta(seconds=second)):
                world.work()

    return travel
