"""(h)-(k): what an agent's screen costs: time to it and back, bytes, questions a minute.

In a real Chromium beside a running product; `make bench ARGS=screen`.
"""

import gzip
import sys
import time
import uuid
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import sync_playwright

from tests.benchmarks.generator import percentile
from tests.browser.conftest import FLAGS
from tests.browser.desk import Customer, Desk, Product
from tests.local_run import local_run
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


def main():
    if not chromium():
        sys.exit("Chromium is needed to measure the screen: apt-get install chromium.")
    with local_run() as run, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        desk = Desk(browser.new_page(), Product(run.described, run.state))
        with counted(desk.page) as loaded:
            customer = Customer(desk.product, "385991234501")
            customer.writes("sms", "Hello")
            desk.open(customer)
        say_sizes(loaded, run.described["app"])
        desk.frame.evaluate(WATCH)
        say_times("(h) customer's send to the screen", to_the_screen(desk, customer))
        say_times("(i) agent's click to Infobip", to_the_phone(desk, customer))
        say_questions(desk, customer)


def to_the_screen(desk, customer):
    """Return the seconds from a phone's send to the painted row."""
    seconds = []
    for number in range(COUNT):
        text = f"Question {number}"
        began = time.time()
        customer.writes("sms", text)
        desk.frame.wait_for_function(SHOWN, arg=text)
        seconds.append(desk.frame.evaluate("text => window.shownAt[text]", text) - began)
    return sorted(seconds)


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
            return sorted(arrived[text] - at for text, at in began.items())
        time.sleep(0.5)
    sys.exit("Not every answer arrived.")


def arrivals(product, customer):
    told = httpx.get(f"{product.infobip}/_sandbox/messages", params={"to": customer.number})
    return {message["text"]: message["at"] for message in told.json()["messages"]}


def say_questions(desk, customer):
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
        say(f"(k) requests in a minute, {name}", f"{len(requests)}", each)


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


def say_sizes(requests, app):
    """Say what the first view brings: what everybody gets, and the answer with the thread."""
    kinds = {"document": set(), "script": set(), "stylesheet": set()}
    for request in requests:
        if request.url.startswith(app) and request.resource_type in kinds:
            kinds[request.resource_type].add(request.url)
    for kind, urls in kinds.items():
        say_size(f"(j) {kind}s", [httpx.get(url).content for url in urls])
    (view,) = [request for request in requests if urlsplit(request.url).path.endswith("/view")]
    say_size("(j) the view of a thread with one message", [view.response().body()])


def say_size(title, bodies):
    raw, packed = sum(map(len, bodies)), sum(len(gzip.compress(body)) for body in bodies)
    say(title, f"{packed / 1000:.1f} kB", f"{len(bodies)}, {raw / 1000:.1f} kB unpacked")


def say_times(title, seconds):
    p50, p95 = percentile(seconds, 0.50), percentile(seconds, 0.95)
    more = f"p95 {p95:.3f}, longest {seconds[-1]:.3f} s, {len(seconds)} of them"
    say(title, f"p50 {p50:.3f} s", more)


def say(title, figure, more):
    sys.stdout.write(f"  {title:<44}{figure:>14}   {more}\n")
    sys.stdout.flush()
