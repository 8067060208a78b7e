"""The whole product beside a real Chromium: agents in Jira, customers on their phones."""

import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.phone import Phone
from tests.plugin import chromium

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60
FLAGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PORTS = ("PORT", "JIRA_PORT", "INFOBIP_PORT", "PHONES_PORT")
# The product's own settings are made by the run; of the tests' environment it gets only this.
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "USER")
# Before any script of a page: what breaks the policy is an error, like what is thrown.
WATCH_POLICY = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
"""
NOT_OURS = ("Failed to load resource", "escape its sandboxing")
numbers = count(1)


@dataclass
class Product:
    """A running product, as `run.json` describes it."""

    described: dict
    state: Path

    def __getattr__(self, name):
        return self.described[name]

    def infobip_does(self, what, **told):
        answer = httpx.post(f"{self.infobip}/_sandbox/{what}", json=told, timeout=PATIENCE_SECONDS)
        answer.raise_for_status()
        return answer.json()

    def sent_to(self, number):
        messages = httpx.get(f"{self.infobip}/_sandbox/messages", params={"to": number}).json()
        return [message["body"] for message in messages["messages"]]

    def signal(self, name, number):
        """Send a signal to one of the run's processes."""
        os.kill(int((self.state / "pids" / f"{name}.pid").read_text()), number)

    def move(self, key, status, by="ana"):
        httpx.post(
            f"{self.jira}/_sandbox/requests/{key}/transition",
            json={"site": self.site, "to": status, "as": by},
        ).raise_for_status()


@dataclass
class Customer:
    product: Product
    number: str

    def writes(self, channel, text):
        answer = self.product.infobip_does(
            "inbound",
            channel=channel,
            to=self.product.senders[channel],
            text=text,
            **{"from": self.number},
        )
        assert answer["status"] == 200

    def reads(self):
        self.product.infobip_does("read", channel="whatsapp", to=self.number)

    def wrote_on_whatsapp(self, text, at):
        """A message that took its time: the provider says when it was written."""
        message = {
            "from": self.number,
            "to": self.product.senders["whatsapp"],
            "integrationType": "WHATSAPP",
            "receivedAt": at.isoformat(timespec="milliseconds"),
            "messageId": f"wamid.{self.number}.{at.timestamp()}",
            "message": {"type": "TEXT", "text": text},
        }
        payload = {"results": [message], "messageCount": 1, "pendingMessageCount": 0}
        self.product.infobip_does("inbound", site=self.product.site, payload=payload)


@dataclass
class Desk:
    """An agent's browser tab with a request and its panel."""

    page: object
    product: Product
    troubles: list = field(default_factory=list)

    def visit(self, path, **query):
        """Go to one of Jira's pages."""
        address = httpx.URL(f"{self.product.jira}{path}")
        self.page.goto(str(address.copy_merge_params(query)))
        return self

    def open(self, customer, **query):
        """Find the customer's request in the queue, and open it."""
        self.page.goto(self.product.jira)
        link = self.page.locator("td.summary a", has_text=customer.number).first
        expect(link).to_be_visible(timeout=PATIENCE_SECONDS * 1000)
        address = httpx.URL(f"{self.product.jira}{link.get_attribute('href')}")
        self.page.goto(str(address.copy_merge_params(query)))
        expect(self.panel).not_to_have_attribute("data-state", "loading")
        return self

    @property
    def key(self):
        return self.page.url.split("/browse/")[1].partition("?")[0]

    @property
    def inside(self):
        return self.page.frame_locator("#panel-omnichat iframe").frame_locator("iframe")

    @property
    def side(self):
        """The app's panel beside the request: Jira's edge of it, with the state."""
        return self.page.locator("#app-panel")

    @property
    def beside(self):
        """The app's own page in the panel beside the request."""
        return self.page.frame_locator("#app-place iframe").frame_locator("iframe")

    @property
    def panel(self):
        return self.inside.locator("#panel")

    @property
    def box(self):
        return self.inside.locator("#text")

    @property
    def rows(self):
        return self.inside.locator("#log li.row")

    @property
    def counter(self):
        return self.inside.locator("#count")

    @property
    def shell(self):
        """The frame of the app's own bundle, with Forge's bridge in it."""
        return next(frame for frame in self.page.frames if "/forge/shell/" in frame.url)

    @property
    def frame(self):
        return next(frame for frame in self.page.frames if "/panel/?" in frame.url)

    def row(self, text):
        return self.rows.filter(has_text=text)

    def expect_state(self, state):
        expect(self.panel).to_have_attribute("data-state", state)

    def write(self, text):
        self.box.fill(text)

    def send(self, text):
        self.write(text)
        self.button("Send Message").click()

    def button(self, name):
        return self.inside.get_by_role("button", name=name, exact=True)

    def notice(self, message):
        if message.type == "error" and not any(words in message.text for words in NOT_OURS):
            self.troubles.append(message.text)


@pytest.fixture(scope="session")
def product(tmp_path_factory):
    state = tmp_path_factory.mktemp("product")
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    environment = inherited | free_ports() | {"STATE_DIR": str(state)}
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    said = []
    for line in process.stdout:
        said.append(line)
        if "is ready" in line:
            break
    described = state / "run.json"
    assert described.exists(), "".join(said)
    yield Product(json.loads(described.read_text()), state)
    process.terminate()
    process.communicate(timeout=PATIENCE_SECONDS)


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        # By default Playwright turns partitioned storage off: to the panel all storage is refused.
        yield playwright.chromium.launch(executable_path=chromium(), args=FLAGS)


@pytest.fixture
def customer(product):
    return Customer(product, f"38591{next(numbers):05d}01")


@pytest.fixture
def unreachable_customer(product):
    """The sandbox lets what is sent to such numbers fail as for a phone that is off."""
    return Customer(product, f"38591{next(numbers):05d}91")


@pytest.fixture
def open_desk(product, browser):
    """Open tabs that break the test when anything in them is thrown or breaks the policy."""
    contexts, desks = [], []

    def open_one(*, width=1130, height=980):
        context = browser.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(10_000)
        context.add_init_script(WATCH_POLICY)
        contexts.append(context)
        desk = Desk(context.new_page(), product)
        desk.page.on("console", desk.notice)
        desk.page.on("pageerror", lambda error: desk.troubles.append(str(error)))
        desks.append(desk)
        return desk

    expect.set_options(timeout=10_000)
    yield open_one
    for context in contexts:
        context.close()
    assert [desk.troubles for desk in desks if desk.troubles] == []


@pytest.fixture
def desk(open_desk):
    return open_desk()


@pytest.fixture
def phone(desk, product, customer):
    return Phone(desk.page, product, customer.number).open()


@pytest.fixture
def talking(phone):
    """A phone that has written, so that the company may answer."""
    phone.write("Hello")
    return phone


def free_ports():
    with_sockets = [(name, socket.socket()) for name in PORTS]
    for _name, probe in with_sockets:
        probe.bind(("127.0.0.1", 0))
    ports = {name: str(probe.getsockname()[1]) for name, probe in with_sockets}
    for _name, probe in with_sockets:
        probe.close()
    return ports
