"""Brings a conversation of the running product into each state that a panel can show.

For the tests that ask the same of every state, and for the pictures of the guide.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

import httpx
import psycopg
from playwright.sync_api import expect

from tests.browser.desk import PATIENCE_SECONDS, Customer, Desk, Product

UNREACHABLE = "91"  # the sandbox loses what is sent to numbers that end so
RESOLVED = "Resolved"
numbers = count(1)


@dataclass
class Scene:
    """A desk, a customer who has just written, and what has to be put right afterwards."""

    desk: Desk
    product: Product
    name: str = "Marko Horvat"
    customer: Customer = field(init=False)

    def __post_init__(self):
        self.customer = self.new_customer("27")

    def new_customer(self, ending):
        return Customer(self.product, f"38599{next(numbers):05d}{ending}", self.name)

    def talk(self, customer=None):
        """A little talk on both channels, as in a real request."""
        customer = customer or self.customer
        customer.wrote_on_whatsapp(
            "Hi, my router has been restarting every hour since the weekend. Order 4471.",
            datetime.now(UTC) - timedelta(hours=18, minutes=48),
        )
        self.desk.open(customer).send("Good morning, Marko. Is Ilica 10 still your address?")
        expect(self.desk.row("Good morning")).to_have_attribute("data-status", "delivered")
        customer.reads()
        customer.writes("sms", "Yes, Ilica 10 is right. When will it arrive?")
        expect(self.desk.row("Ilica 10 is right")).to_be_visible()
        expect(self.desk.counter).to_contain_text("SMS")  # the box has followed the customer


@contextmanager
def shown(state: str, desk: Desk) -> Iterator[Scene]:
    """Show the state on the desk; what other conversations would notice is put right at the end."""
    scene = Scene(desk, desk.product)
    with STATES[state](scene):
        yield scene


@contextmanager
def active(scene):
    scene.talk()
    scene.desk.expect_state("active")
    yield


@contextmanager
def empty(scene):
    key = _email_request(scene)
    scene.desk.visit(f"/browse/{key}")
    scene.desk.expect_state("no-phone")
    scene.desk.inside.get_by_label("Phone number").fill(f"+{scene.customer.number}")
    scene.desk.button("Save changes").click()
    scene.desk.expect_state("empty")
    yield


@contextmanager
def loading(scene):
    scene.customer.writes("sms", "Hello")
    scene.desk.open(scene.customer)
    scene.desk.page.context.route("**/view", lambda route: None)
    scene.desk.page.reload()
    scene.desk.expect_state("loading")
    yield
    scene.desk.page.context.unroute("**/view")


@contextmanager
def paused(scene):
    scene.talk()
    scene.desk.write("Your new router is on its w")
    scene.desk.button("Pause conversation").click()
    scene.desk.expect_state("paused")
    yield


@contextmanager
def resolved(scene):
    scene.talk()
    scene.product.move(scene.desk.key, RESOLVED)
    scene.desk.expect_state("resolved")
    yield


@contextmanager
def other_active(scene):
    scene.talk()
    first = scene.desk.key
    scene.desk.button("Pause conversation").click()
    scene.desk.expect_state("paused")
    scene.customer.writes("sms", "Something else: my invoice is wrong.")
    scene.desk.expect_state("other-active")
    _wait_for_requests_of(scene, 2)
    scene.desk.visit(f"/browse/{first}")
    scene.desk.expect_state("other-active")
    yield


@contextmanager
def window_closed(scene):
    long_ago = datetime.now(UTC) - timedelta(hours=25)
    scene.customer.wrote_on_whatsapp("Hello, is my new router on its way?", long_ago)
    scene.desk.open(scene.customer)
    scene.desk.expect_state("window-closed")
    yield


@contextmanager
def failed(scene):
    customer = scene.new_customer(UNREACHABLE)
    customer.writes("whatsapp", "Hello")
    customer.writes("sms", "Please answer here")
    scene.desk.open(customer).send("Thanks! We will replace the device.")
    row = scene.desk.row("We will replace")
    expect(row).to_have_attribute("data-status", "failed")
    row.get_by_text("Details").click()
    yield


@contextmanager
def opted_out(scene):
    scene.talk()
    for channel in ("sms", "whatsapp"):
        scene.customer.writes(channel, "STOP")
    scene.desk.expect_state("opted-out")
    yield


@contextmanager
def no_phone(scene):
    scene.desk.visit(f"/browse/{_email_request(scene)}")
    scene.desk.expect_state("no-phone")
    yield


@contextmanager
def sender_misconfigured(scene):
    scene.customer.writes("sms", "Hello, is my new router on its way?")
    scene.desk.open(scene.customer)
    with _sender_switched_off(scene.product, "sms"):
        scene.desk.page.reload()
        scene.desk.expect_state("sender-misconfigured")
        yield


@contextmanager
def unreachable(scene):
    scene.talk()
    context = scene.desk.page.context
    for lines in ("**/stream/**", "**/updates?*"):
        context.route(lines, lambda route: route.abort())
    scene.desk.page.reload()
    expect(scene.desk.panel).to_have_attribute("data-conn", "down")
    yield
    for lines in ("**/stream/**", "**/updates?*"):
        context.unroute(lines)


@contextmanager
def unlicensed(scene):
    scene.talk()
    _license(scene.product, "inactive")
    try:
        scene.desk.expect_state("unlicensed")
        yield
    finally:
        _license(scene.product, "active")
        scene.desk.expect_state("active")


@contextmanager
def read_only(scene):
    scene.talk()
    scene.desk.visit(f"/browse/{scene.desk.key}", **{"as": "vera"})
    scene.desk.expect_state("read-only")
    yield


STATES: dict[str, Callable] = {
    "active": active,
    "empty": empty,
    "loading": loading,
    "paused": paused,
    "resolved": resolved,
    "other-active": other_active,
    "window-closed": window_closed,
    "failed": failed,
    "opted-out": opted_out,
    "no-phone": no_phone,
    "sender-misconfigured": sender_misconfigured,
    "unreachable": unreachable,
    "unlicensed": unlicensed,
    "read-only": read_only,
}


def _email_request(scene):
    """A request of a customer who wrote an e-mail; returns its key."""
    told = {"summary": "The router restarts", "reporter_email": "marko.horvat@example.com"}
    answer = httpx.post(f"{scene.product.jira}/_sandbox/requests", json=told)
    return answer.raise_for_status().json()["key"]


def _wait_for_requests_of(scene, number):
    scene.desk.page.goto(scene.product.jira)
    found = scene.desk.page.locator("tr[data-key]", has_text=scene.customer.number)
    expect(found).to_have_count(number, timeout=PATIENCE_SECONDS * 1000)


@contextmanager
def _sender_switched_off(product, channel):
    _switch_sender(product, channel, on=False)
    try:
        yield
    finally:
        _switch_sender(product, channel, on=True)


def _switch_sender(product, channel, *, on):
    with psycopg.connect(product.database_url, autocommit=True) as connection:
        (schema,) = connection.execute(
            "SELECT schema_name FROM public.tenants_site WHERE slug = %s", (product.site,)
        ).fetchone()
        connection.execute(f"SET search_path = {schema}, public")
        connection.execute(
            "UPDATE conversations_sender SET enabled = %s WHERE number = %s AND channel = %s",
            (on, product.senders[channel], channel),
        )


def _license(product, licence):
    for route, body in (("app", {"licence": licence}), ("tick", {})):
        told = {"site": product.site, **body}
        answer = httpx.post(f"{product.jira}/_sandbox/{route}", json=told, timeout=PATIENCE_SECONDS)
        answer.raise_for_status()
