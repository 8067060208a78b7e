"""A running product seen by its people: agents at a desk in Jira, customers who write."""

import os
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from playwright.sync_api import expect

PATIENCE_SECONDS = 60
LIMIT_MS = 30_000  # how soon is measured elsewhere: a busy machine may take its time
# Before any script of a page: what breaks the policy is an error, like what is thrown.
WATCH_POLICY = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
"""
# What Chromium itself does to frames of other sites once partitioned storage is off, as Playwright
# has it: the Chromium without windows does not, and the panel shall work where all is refused.
REFUSE_STORAGE = """
if ([...location.ancestorOrigins].some((origin) => origin !== location.origin)) {
  for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) {
    const get = () => { throw new DOMException("Access is denied", "SecurityError"); };
    Object.defineProperty(window, name, { get });
  }
  Object.defineProperty(document, "cookie", { get: () => "", set() {} });
}
"""
FIT = """(frame, [width, height]) => {
  frame.style.width = `${width}px`;
  frame.style.height = `${height}px`;
}"""
NOT_OURS = ("Failed to load resource", "escape its sandboxing")


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
    name: str = ""  # as WhatsApp tells it

    def writes(self, channel, text, **more):
        answer = self.product.infobip_does(
            "inbound",
            channel=channel,
            to=self.product.senders[channel],
            text=text,
            name=self.name,
            **{"from": self.number, **more},
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
            "contact": {"name": self.name},
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

    def fit(self, width, height):
        """Give the panel a size, in CSS pixels, whatever stands around it."""
        self.page.locator("#panel-omnichat iframe").evaluate(FIT, [width, height])
        self.frame.wait_for_function(
            "([width, height]) => innerWidth === width && innerHeight === height",
            arg=[width, height],
        )

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
