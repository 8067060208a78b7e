"""What an agent's screen costs: time to it and back, bytes, questions a minute.

In a real Chromium beside a running product; `make bench ARGS=screen`.
"""

import gzip
import time
import uuid
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import sync_playwright

from tests.benchmarks.results import Goal, spread
from tests.browser.conftest import FLAGS
from tests.browser.desk import Customer, Desk, Product
from tests.local_run import RunFailed
from tests.plugin import chromium

COUNT = 200
MINUTE = 60.0  # seconds
EVERY = 2.0  # seconds between two messages to a busy panel
# When a row with this text is first in the thread, and painted: by the clock of the same machine.
WATCH = """() => {
  window.shownAt = {};
  new MutationObserver(() => {
    for (const row of document.querySelectorAll("#log li.row[id]")) {
      const text = row.querySelector(".text")?.textContent.trim();
      if (text && !(text in shownAt)) {
        shownAt[text] = 0;
        requestAnimationFrame(() => { shownAt[text] = Date.now() / 1000; });
      }
    }
  }).observe(document.getElementById("log"), { childList: true, subtree: true });
}"""
SHOWN = "text => window.shownAt[text] > 0"
# The agent's click, in the page: what Playwright needs to find a button is not ours.
SEND = """text => {
  const box = document.getElementById("text");
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  const now = Date.now() / 1000;
  document.querySelector("#form [type=submit]").click();
  return now;
}"""


def measure(run, part):
    if not chromium():
        raise RunFailed("Chromium is needed to measure the screen: apt-get install chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        desk = Desk(browser.new_page(), Product(run.described, run.state))
        with counted(desk.page) as loaded:
            customer = Customer(desk.product, "385991234501")
            customer.writes("sms", "Hello")
            desk.open(customer)
        add_sizes(part, loaded, run.described["app"])
        desk.frame.evaluate(WATCH)
        came, left = to_the_screen(desk, customer), to_the_phone(desk, customer)
        goal, more = Goal("p95", at_most=1.0), f"{COUNT} of them, one after the other"
        part.add(
            "screen.in", "customer's send to painted row", spread(came), "s", goal=goal, more=more
        )
        part.add("screen.out", "agent's click to Infobip", spread(left), "s", goal=goal, more=more)
        add_questions(part, desk, customer)


def to_the_screen(desk, customer):
    """Return the seconds from a phone's send to the painted row."""
    seconds = []
    for number in range(COUNT):
        text = f"Question {number}"
        began = time.time()
        customer.writes("sms", text)
        desk.frame.wait_for_function(SHOWN, arg=text)
        seconds.append(desk.frame.evaluate("text => window.shownAt[text]", text) - began)
    return seconds


def to_the_phone(desk, customer):
    """Return the seconds from the agent's click to the arrival at Infobip."""
    began = {}
    for number in range(COUNT):
        text = f"Answer {number} {uuid.uuid4().hex[:6]}"
        began[text] = desk.frame.evaluate(SEND, text)
        desk.frame.wait_for_function(SHOWN, arg=text)
    deadline = time.monotonic() + MINUTE
    while time.monotonic() < deadline:
        arrived = arrivals(desk.product, customer)
        if set(began) <= set(arrived):
            return [arrived[text] - at for text, at in began.items()]
        time.sleep(0.5)
    raise RunFailed("Not every answer arrived.")


def arrivals(product, customer):
    told = httpx.get(f"{product.infobip}/_sandbox/messages", params={"to": customer.number})
    return {message["text"]: message["at"] for message in told.json()["messages"]}


def add_questions(part, desk, customer):
    time.sleep(15)  # until the stream is trusted and the clock has slowed down
    with counted(desk.page) as idle:
        desk.page.wait_for_timeout(MINUTE * 1000)
    with counted(desk.page) as busy:
        for number in range(int(MINUTE / EVERY)):
            customer.writes("sms", f"News {number}")
            desk.page.wait_for_timeout(EVERY * 1000)
    for name, requests in (("idle", idle), (f"with a message every {EVERY:.0f} s", busy)):
        paths = [urlsplit(request.url).path.rpartition("/")[2] for request in requests]
        each = ", ".join(f"{path} {paths.count(path)}" for path in sorted(set(paths)))
        part.add(
            f"screen.requests.{name.split()[0]}",
            f"a panel's requests in a minute, {name}",
            {"all": len(requests)},
            "requests",
            more=each,
        )


@contextmanager
def counted(page):
    """Collect the requests that the panel makes meanwhile."""
    requests = []

    def note(request):
        if "/panel/" in request.url or "/static/" in request.url:
            requests.append(request)

    page.on("request", note)
    yield requests
    page.remove_listener("request", note)


def add_sizes(part, requests, app):
    """Say what the first view brings: what everybody gets, and the answer with the thread."""
    kinds = {"document": set(), "script": set(), "stylesheet": set()}
    for request in requests:
        if request.url.startswith(app) and request.resource_type in kinds:
            kinds[request.resource_type].add(request.url)
    for kind, urls in kinds.items():
        add_size(part, f"{kind}s", [httpx.get(url).content for url in urls])
    (view,) = [request for request in requests if urlsplit(request.url).path.endswith("/view")]
    add_size(part, "view of a thread with one message", [view.response().body()])


def add_size(part, title, bodies):
    raw, packed = sum(map(len, bodies)), sum(len(gzip.compress(body)) for body in bodies)
    figures = {"packed": packed / 1000, "unpacked": raw / 1000}
    name = title.replace(" ", "-")
    part.add(
        f"screen.bytes.{name}", f"a panel's {title}", figures, "kB", more=f"files: {len(bodies)}"
    )
