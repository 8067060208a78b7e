"""The console's transcripts: what agents saw, for who reads it later, on any screen."""

import pytest
from playwright.sync_api import expect

from conversations.phone_numbers import display, mask
from tests.browser.phone import Phone

LIST = "conversations/conversation/"


@pytest.fixture
def key(open_desk, product, customer):
    """A request with text, picture, quote and reaction; the customer has no name."""
    phone = Phone(open_desk().page, product, customer.number).open()
    phone.write("Is it repaired?")
    phone.attach("A photo")
    desk = open_desk().open(customer)
    expect(desk.inside.locator(".shot")).to_have_count(1)
    desk.row("Is it repaired?").hover()
    desk.row("Is it repaired?").get_by_role("button", name="Reply to this message").click()
    desk.send("It is repaired.")
    phone.menu("It is repaired.").get_by_role("button", name="React with 👍").click()
    expect(desk.row("It is repaired.").locator(".reaction")).to_contain_text("👍")
    return desk.key


@pytest.fixture
def failed_key(open_desk, unreachable_customer):
    unreachable_customer.writes("sms", "Call me")
    desk = open_desk().open(unreachable_customer)
    desk.send("We called you.")
    expect(desk.row("We called you.")).to_have_attribute("data-status", "failed")
    return desk.key


@pytest.mark.browser
def test_transcript_reads_as_the_agent_saw_it(open_console, customer, key):
    console = open_console("auditor")
    page = found(console, key)

    row = page.locator("#log li.row", has_text="It is repaired.")
    expect(row.locator(".quoted")).to_contain_text("Is it repaired?")
    expect(row.locator(".reaction")).to_contain_text("👍")
    page.locator("#log .shot img").evaluate("image => image.decode()")
    row.locator(".quoted").click()
    expect(page.locator("#log .pointed")).to_contain_text("Is it repaired?")
    assert console.faults_anywhere() == {}


@pytest.mark.browser
def test_numbers_are_in_no_tab_before_they_are_revealed(open_console, customer, key):
    console = open_console("owner")
    page = found(console, key)

    for tab in ("Delivery", "Events", "Messages"):
        page.get_by_role("link", name=tab, exact=True).click()
        expect(page.locator("#content")).to_contain_text(mask(customer.number))
        for form in (customer.number, display(customer.number)):
            assert form not in page.content()
        assert console.faults_anywhere() == {}

    page.get_by_role("button", name="Reveal").click()
    expect(page.locator("#content")).to_contain_text(display(customer.number))


@pytest.mark.browser
def test_failed_message_is_found_and_says_why(open_console, failed_key):
    console = open_console("auditor")
    page = console.open(f"{LIST}?failed=only")
    page.get_by_role("link", name=failed_key, exact=True).click()

    row = page.locator("#log li.row", has_text="We called you.")
    expect(row).to_contain_text("Not delivered")
    page.get_by_role("link", name="Delivery", exact=True).click()
    expect(page.locator("#content")).to_contain_text("Absent Subscriber")
    assert console.faults_anywhere() == {}


def found(console, key):
    """Search a request, and open its transcript."""
    page = console.open(f"{LIST}?q={key}")
    page.get_by_role("link", name=key, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(key)
    return page
