"""What people see while something does not run: it is said, nothing typed is lost, and it heals."""

from contextlib import contextmanager
from signal import SIGCONT, SIGSTOP
from urllib.parse import urlsplit, urlunsplit

import psycopg
from playwright.sync_api import expect
from psycopg import sql

from tests.browser.console import Console
from tests.browser.desk import LIMIT_MS


def database(product, *, other=""):
    """A connection to the product's database, or to another one of its server."""
    parts = urlsplit(product.database_url)
    path = f"/{other}" if other else parts.path
    return psycopg.connect(urlunsplit(parts._replace(path=path)), autocommit=True)


@contextmanager
def frozen_worker(product):
    """The worker says nothing more, and has not for a while."""
    product.signal("worker", SIGSTOP)
    try:
        with database(product) as connection:
            connection.execute(
                "UPDATE public.tenants_pulse SET beaten_at = beaten_at - interval '2 minutes'"
                " WHERE kind IN ('worker', 'sweep')"
            )
        yield
    finally:
        product.signal("worker", SIGCONT)


@contextmanager
def no_database(product):
    """The server lets nobody into the product's database, and sends away who is in."""
    name = urlsplit(product.database_url).path.removeprefix("/")
    allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format
    with database(product, other="template1") as connection:
        connection.execute(allow(sql.Identifier(name), sql.SQL("false")))
        try:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
            )
            yield
        finally:
            connection.execute(allow(sql.Identifier(name), sql.SQL("true")))


def test_without_a_worker_agents_and_operators_are_told(desk, product, customer, open_desk):
    customer.writes("sms", "Hello")
    desk.open(customer)

    with frozen_worker(product):
        desk.send("Are you still there?")

        expect(desk.inside.get_by_role("heading", name="OmniChat stands still")).to_be_visible()
        operator = Console(open_desk().page, product.operator_url)
        operator.open()
        operator.page.fill("[name=username]", product.operator_user)
        operator.page.fill("[name=password]", product.operator_password)
        operator.page.press("[name=password]", "Enter")
        expect(operator.page.locator(".console-notice.error")).to_contain_text("Worker")
        operator.page.get_by_role("link", name="This installation").first.click()
        expect(operator.page.get_by_role("row").filter(has_text="Start a worker")).to_be_visible()

    expect(desk.row("Are you still there?")).to_contain_text("Delivered")
    expect(desk.inside.get_by_role("heading", name="OmniChat stands still")).to_be_hidden()


def test_without_a_database_what_is_typed_stays_and_pages_heal(
    desk, product, customer, open_desk, browser
):
    customer.writes("sms", "Hello")
    desk.open(customer)
    desk.write("Half a sentence")
    page = browser.new_page()

    with no_database(product):
        late = open_desk()
        late.page.goto(desk.page.url)
        expect(late.shell.get_by_role("button", name="Try again")).to_be_visible()
        page.goto(product.console_url)
        expect(page.get_by_role("heading", name="OmniChat is interrupted")).to_be_visible()
        desk.button("Send Message").click()
        expect(desk.box).to_have_value("Half a sentence")

    # The page asks every ten seconds, and a busy machine takes its time to answer.
    interrupted = page.get_by_role("heading", name="OmniChat is interrupted")
    expect(interrupted).to_be_hidden(timeout=2 * LIMIT_MS)
    expect(late.panel).to_have_attribute("data-state", "active")
    desk.button("Send Message").click()
    expect(desk.row("Half a sentence")).to_contain_text("Delivered")
    page.close()
