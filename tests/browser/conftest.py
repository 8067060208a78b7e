"""The whole product beside a real Chromium: agents in Jira, customers on their phones."""

import json
import os
import socket
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.console import Console, link_for
from tests.browser.desk import (
    LIMIT_MS,
    PATIENCE_SECONDS,
    REFUSE_STORAGE,
    WATCH_POLICY,
    Customer,
    Desk,
    Product,
)
from tests.browser.phone import Phone
from tests.plugin import chromium
from tests.process_logs import leaks_in, secrets_of

ROOT = Path(__file__).parents[2]
FLAGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PORTS = ("PORT", "JIRA_PORT", "INFOBIP_PORT", "PHONES_PORT")
# The product's own settings are made by the run; of the tests' environment it gets only this.
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "USER")
numbers = count(1)


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
    told = json.loads(described.read_text())
    yield Product(told, state)
    secrets = secrets_of(told)
    process.terminate()
    process.communicate(timeout=PATIENCE_SECONDS)
    assert leaks_in(state / "log", secrets) == []


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium(), args=FLAGS)


@pytest.fixture(scope="session")
def templates(product, browser):
    """The console has fetched the templates that the sandbox's Infobip has."""
    page = browser.new_page()
    page.goto(product.console_url)
    page.fill("[name=username]", product.console_user)
    page.fill("[name=password]", product.console_password)
    page.press("[name=password]", "Enter")
    page.goto(f"{product.console_url}conversations/messagetemplate/")
    page.get_by_role("button", name="Synchronise now").click()
    expect(page.locator(".messagelist")).to_contain_text("templates")
    page.close()


@pytest.fixture
def customer(product):
    return Customer(product, f"38591{next(numbers):03d}0001")


@pytest.fixture
def unreachable_customer(product):
    """The sandbox lets what is sent to such numbers fail as for a phone that is off."""
    return Customer(product, f"38591{next(numbers):03d}0091")


@pytest.fixture
def open_desk(product, browser):
    """Open tabs that break the test when anything in them is thrown or breaks the policy."""
    contexts, desks = [], []

    def open_one(*, width=1130, height=980, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(LIMIT_MS)
        context.add_init_script(WATCH_POLICY + REFUSE_STORAGE)
        contexts.append(context)
        desk = Desk(context.new_page(), product)
        desk.page.on("console", desk.notice)
        desk.page.on("pageerror", lambda error: desk.troubles.append(str(error)))
        desks.append(desk)
        return desk

    expect.set_options(timeout=LIMIT_MS)
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


@pytest.fixture
def open_console(product, browser):
    """Open the console as somebody of a role, by a link from Jira; nothing may be thrown there."""
    contexts, consoles = [], []

    def open_one(role="owner", *, width=1280, height=900, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(LIMIT_MS)
        context.add_init_script(WATCH_POLICY)
        contexts.append(context)
        console = Console(context.new_page(), product.console_url)
        console.page.on("console", console.notice)
        console.page.on("pageerror", lambda error: console.troubles.append(str(error)))
        console.page.goto(link_for(product, role))
        consoles.append(console)
        return console

    expect.set_options(timeout=LIMIT_MS)
    yield open_one
    for context in contexts:
        context.close()
    assert [console.troubles for console in consoles if console.troubles] == []


def free_ports():
    with_sockets = [(name, socket.socket()) for name in PORTS]
    for _name, probe in with_sockets:
        probe.bind(("127.0.0.1", 0))
    ports = {name: str(probe.getsockname()[1]) for name, probe in with_sockets}
    for _name, probe in with_sockets:
        probe.close()
    return ports
