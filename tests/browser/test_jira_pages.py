"""The sandbox's Jira as a person uses it: queues, people, the places of the app, new requests."""

import re

import httpx
import pytest
from playwright.sync_api import expect


def test_queue_says_what_talks_and_how(desk, customer):
    customer.writes("sms", "Hello")
    desk.open(customer).visit("/", queue="chats")

    row = desk.page.locator("tr[data-key]", has_text=customer.number)
    expect(row.locator(".chat")).to_have_text("ActiveSMS")
    expect(row.locator(".status")).to_have_text("Waiting for support")


def test_reader_sees_and_changes_nothing(desk, customer):
    customer.writes("sms", "Hello")
    desk.open(customer)

    desk.page.locator("#as").select_option(label="Vera Gost (reader)")

    desk.expect_state("read-only")
    expect(desk.page.locator("#status")).to_be_disabled()
    expect(desk.page.locator("#assignee")).to_be_disabled()


def test_side_panel_opens_and_stays_open(desk, customer):
    customer.writes("sms", "Hello")
    desk.open(customer)
    frame = desk.side.locator("iframe")
    expect(frame).to_have_count(0)

    desk.side.locator("summary").click()
    expect(frame).to_be_visible()
    desk.page.reload()
    expect(frame).to_be_visible()

    desk.side.locator("summary").click()
    expect(frame).to_be_hidden()


def test_side_panel_tells_the_state_without_being_opened(desk, customer):
    customer.writes("sms", "Hello")
    desk.open(customer)
    expect(desk.side.locator(".lozenge")).to_have_text("Active")

    desk.button("Pause conversation").click()

    expect(desk.side.locator(".lozenge")).to_have_text("Paused")


def test_side_panel_is_as_long_as_what_is_in_it(desk, customer):
    customer.writes("sms", "Hello")
    desk.open(customer)
    desk.side.locator("summary").click()
    expect(desk.beside.get_by_role("button", name="Save changes")).to_be_visible()

    inner = next(frame for frame in desk.page.frames if "/panel/side/?" in frame.url)
    inner.wait_for_function("() => document.documentElement.scrollHeight <= innerHeight")


def test_side_panel_opens_the_conversation_in_a_dialog(desk, customer):
    customer.writes("sms", "Hello")
    desk.open(customer)
    desk.side.locator("summary").click()

    desk.beside.get_by_role("button", name="Open OmniChat").click()

    inside = desk.page.frame_locator("dialog.modal iframe").frame_locator("iframe")
    expect(inside.locator("#log li.row")).to_contain_text("Hello")


def test_customer_who_wrote_an_e_mail_is_answered_by_sms(desk, customer, product):
    request = {"summary": "No internet", "reporter_email": f"{customer.number}@kupac.example"}
    key = httpx.post(f"{product.jira}/_sandbox/requests", json=request).json()["key"]
    desk.visit(f"/browse/{key}")
    expect(desk.side.locator(".lozenge")).to_have_text("No number")
    desk.side.locator("summary").click()

    desk.beside.get_by_label("Phone number").fill(customer.number)
    desk.beside.get_by_role("button", name="Save changes").click()

    expect(desk.side.locator(".lozenge")).to_have_text("Active")
    desk.expect_state("empty")
    desk.send("Good morning, we have your e-mail.")
    expect(desk.row("Good morning")).to_have_attribute("data-status", "delivered")
    (sent,) = product.sent_to(customer.number)
    assert sent["messages"][0]["content"]["text"] == "Good morning, we have your e-mail."


def test_number_that_talks_elsewhere_says_in_which_request(desk, customer, product):
    customer.writes("sms", "Hello")
    talking = desk.open(customer).key
    request = {"summary": "Bill", "reporter_email": f"{customer.number}@kupac.example"}
    key = httpx.post(f"{product.jira}/_sandbox/requests", json=request).json()["key"]
    desk.visit(f"/browse/{key}")
    desk.side.locator("summary").click()

    desk.beside.get_by_label("Phone number").fill(customer.number)
    desk.beside.get_by_role("button", name="Save changes").click()

    expect(desk.beside.locator("#side")).to_contain_text(f"now go to {talking}.")


def test_panel_listens_to_the_conversation_that_has_just_begun(desk, customer, product):
    request = {"summary": "No internet", "reporter_email": f"{customer.number}@kupac.example"}
    key = httpx.post(f"{product.jira}/_sandbox/requests", json=request).json()["key"]
    desk.visit(f"/browse/{key}")
    expect(desk.panel).to_have_attribute("data-conn", "live")
    desk.inside.get_by_label("Phone number").fill(customer.number)

    # Well before the next ping of the stream that was open.
    with desk.page.expect_request(re.compile(r"/stream/\?conversation=[1-9]"), timeout=10_000):
        desk.button("Save changes").click()

    customer.writes("sms", "It works again")
    expect(desk.row("It works again")).to_be_visible()


def test_agent_makes_a_request_for_a_customer(desk):
    desk.visit("/")
    desk.page.get_by_role("button", name="Create request").click()
    desk.page.get_by_label("Customer's name").fill("Petra Horvat")
    desk.page.get_by_label("E-mail address").fill("petra@kupac.example")
    desk.page.get_by_label("Summary").fill("No internet since Monday")

    desk.page.get_by_role("button", name="Create", exact=True).click()

    expect(desk.page.locator("#summary")).to_have_text("No internet since Monday")
    expect(desk.page.locator("#reporter")).to_have_text("Petra Horvat")
    expect(desk.side.locator(".lozenge")).to_have_text("No number")
    desk.expect_state("no-phone")


def test_reader_makes_no_request(desk):
    desk.visit("/", **{"as": "vera"})

    expect(desk.page.locator("#nothing, #table").locator("visible=true")).to_have_count(1)
    expect(desk.page.locator("#create")).to_be_hidden()


@pytest.mark.parametrize("person", ["ivan", "vera"])
def test_settings_of_the_app_are_for_admins(desk, person):
    desk.visit("/admin", **{"as": person})

    refusal = desk.page.get_by_role("heading", name="You need to be a Jira administrator")
    expect(refusal).to_be_visible()
    expect(desk.page.locator("iframe")).to_have_count(0)


def test_admin_enters_the_console_in_a_tab_of_its_own(desk, product):
    desk.visit("/admin")
    enter = desk.page.frame_locator("#place iframe").get_by_role("button", name="Open the console")

    with desk.page.context.expect_page() as tab:
        enter.click()

    expect(tab.value).to_have_url(product.console_url)
    expect(tab.value.locator("#user-tools")).to_contain_text("Ana")


def test_news_of_another_person_reaches_the_page(desk, customer, product):
    customer.writes("sms", "Hello")
    desk.open(customer, **{"as": "ivan"})

    product.move(desk.key, "Resolved")

    expect(desk.page.locator("#status")).to_have_value("Resolved")
    desk.expect_state("resolved")
