"""A number is deleted in the console while an agent has its customer's panel open."""

import pytest
from playwright.sync_api import expect

from conversations.phone_numbers import display, mask

LIST = "conversations/customer/"


@pytest.mark.browser
def test_deleted_number_shows_in_the_open_panel(open_desk, open_console, customer):
    customer.writes("sms", "Hello")
    desk = open_desk().open(customer)
    desk.expect_state("active")
    console = open_console("configurator", reduced_motion="reduce")
    page = found(console, customer)
    assert display(customer.number) not in page.content()
    assert console.faults_anywhere() == {}

    page.get_by_role("link", name="Delete number").click()
    expect(page.locator("h1")).to_have_text(f"Delete {mask(customer.number)}?")
    expect(page.locator("main")).to_contain_text("1 active conversation ends.")
    page.get_by_label("Reason").select_option(label="Asked in another way")
    assert console.faults_anywhere() == {}
    page.get_by_role("button", name="Delete number").click()

    desk.expect_state("opted-out")
    expect(page.locator(".messagelist")).to_contain_text("The number is deleted.")
    expect(page.locator("main")).to_contain_text("Proofs of deletion")
    assert console.faults_anywhere() == {}


@pytest.mark.browser
def test_revealed_numbers_hold_on_any_screen(open_console, product, talking):
    console = open_console("owner", reduced_motion="reduce")
    page = found(console, talking)
    page.get_by_role("button", name="Reveal numbers").click()
    expect(page.locator("main")).to_contain_text(display(talking.number))
    assert console.faults_anywhere() == {}


@pytest.mark.browser
def test_auditor_finds_no_way_to_change_a_customer(open_console, talking):
    console = open_console("auditor")
    page = found(console, talking)
    address = page.url

    expect(page.get_by_role("link", name="Delete number")).to_have_count(0)
    expect(page.get_by_role("button", name="Reveal numbers")).to_have_count(0)
    refused = page.goto(address.replace("change/", "merge/"))
    assert refused.status == 403


def found(console, customer):
    """Search the customer by their whole number, and open their page."""
    page = console.open(LIST)
    page.get_by_label("Search").fill(display(customer.number))
    page.get_by_label("Search").press("Enter")
    page.locator("#result_list tbody th a").click()
    return page
