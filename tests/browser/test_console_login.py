"""Coming in by password: invited, with an authenticator, at last with a recovery code."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.console import Console
from tests.browser.desk import LIMIT_MS, WATCH_POLICY
from tests.logins.codes import code_of, key_on

PASSWORD = "correct horse battery staple"


@pytest.fixture
def stranger(browser, product):
    """A tab of somebody who is not in."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(LIMIT_MS)
    context.add_init_script(WATCH_POLICY)
    console = Console(context.new_page(), product.console_url)
    console.page.on("console", console.notice)
    yield console
    context.close()
    assert console.troubles == []


def invitation(owner):
    page = owner.open("users/invite/")
    page.get_by_label("Name", exact=True).fill("Petra Novak")
    page.get_by_label("E-mail address or user name").fill("petra@example.com")
    page.get_by_label("Role", exact=True).select_option("Auditor")
    page.get_by_role("button", name="Make a link").click()
    return page.locator("#link").input_value()


def log_in(page):
    page.get_by_label("User name").fill("petra@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def enter(page, code):
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name=re.compile("Confirm|Continue")).click()


@pytest.mark.browser
def test_invited_auditor_needs_password_and_code(open_console, stranger):
    page = stranger.page
    page.goto(invitation(open_console("owner")))
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password confirmation").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("svg").first).to_be_visible()
    assert stranger.faults() == []
    key = key_on(page.content())
    stranger.open()  # nothing opens before there is an authenticator
    expect(page.get_by_role("heading", name="Overview")).to_have_count(0)
    key = key_on(page.content())
    enter(page, code_of(key))
    codes = page.locator(".login-codes code").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    expect(page.get_by_role("link", name="Users and roles")).to_have_count(0)

    stranger.page.context.clear_cookies()
    stranger.open()
    log_in(page)
    enter(page, "000000")
    expect(page.get_by_role("alert")).to_be_visible()
    enter(page, codes[0])
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
