"""An operator looks after all sites: logs in, finds one, puts it to sleep and wakes it."""

import pytest
from playwright.sync_api import expect

from tests.browser.console import Console
from tests.browser.desk import LIMIT_MS, WATCH_POLICY


@pytest.fixture
def operator(product, browser):
    """The tab of the sandbox's operator, who is in."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(LIMIT_MS)
    context.add_init_script(WATCH_POLICY)
    console = Console(context.new_page(), product.operator_url)
    console.page.on("console", console.notice)
    console.page.on("pageerror", lambda error: console.troubles.append(str(error)))
    console.open()
    console.page.fill("[name=username]", product.operator_user)
    console.page.fill("[name=password]", product.operator_password)
    console.page.press("[name=password]", "Enter")
    expect.set_options(timeout=LIMIT_MS)
    expect(console.page.get_by_role("heading", name="Sites", level=1)).to_be_visible()
    yield console
    context.close()
    assert console.troubles == []


def looked_at(console):
    """Return what is wrong with the page on any screen, in both colours."""
    faults = console.faults_anywhere()
    return {console.page.url: faults} if faults else {}


def confirm(page, button, reason):
    page.get_by_role("link", name=f"{button}…").click()
    page.get_by_label("Reason").fill(reason)
    page.get_by_role("button", name=button, exact=True).click()


def test_site_is_suspended_and_resumed(operator, product):
    page, found = operator.page, looked_at(operator)
    page.get_by_role("link", name=product.site, exact=True).click()
    found |= looked_at(operator)
    page.get_by_role("link", name="Suspend…").click()
    found |= looked_at(operator)
    page.go_back()

    confirm(page, "Suspend", "Asked for by the customer.")

    expect(page.locator("h1")).to_contain_text("Suspended")
    expect(page.get_by_role("row").filter(has_text="Asked for")).to_contain_text("operator")
    console = page.context.new_page()
    assert console.goto(product.console_url).status == 404

    confirm(page, "Resume", "They paid.")

    expect(page.locator("h1")).to_contain_text("Active")
    assert console.goto(product.console_url).status == 200
    assert found == {}


def test_operators_page_and_door(operator):
    page = operator.page
    page.get_by_role("link", name="Operators", exact=True).click()
    found = looked_at(operator)

    page.get_by_label("Name").fill("vesna")
    page.get_by_role("button", name="Invite", exact=True).click()

    link = page.get_by_label("Link").input_value()
    found |= looked_at(operator)
    stranger = page.context.browser.new_context().new_page()
    stranger.goto(link)
    expect(stranger.get_by_role("heading", name="Choose a password")).to_be_visible()
    found |= looked_at(Console(stranger, link))
    stranger.context.close()
    assert found == {}


def test_cookies_stay_with_the_operators_pages(operator, product):
    cookies = operator.page.context.cookies(product.operator_url)

    assert {cookie["path"] for cookie in cookies} == {"/operator/"}
    assert operator.page.context.cookies(f"{product.app}/panel/") == []
