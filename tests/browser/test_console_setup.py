"""From the empty site to the first answered message, with the console, Jira and a phone alone."""

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.console import Console
from tests.browser.desk import PATIENCE_SECONDS, Product

SLUG = "newcomer"
PHONE = "385915550001"
THANKS = "Thank you for contacting us. Your request is {{request.key}}."


@pytest.fixture
def empty_site(product):
    """A site that has installed the app, and an Infobip account that knows nothing of it."""
    site = jira(product, "sites", site=SLUG)
    account = {"api_key": site["infobip_key"], "senders": site["senders"]}
    product.infobip_does("accounts", site=SLUG, webhook_url=f"{product.app}/none/", **account)
    jira(product, "tick", site=SLUG)
    described = {"site": SLUG, "senders": site["senders"], "infobip_key": site["infobip_key"]}
    return Product(product.described | described, product.state)


@pytest.fixture
def console(open_desk, empty_site):
    """Ana's tab of the console, opened from the app's page in Jira."""
    desk = open_desk(width=1280, height=900).visit("/admin", site=SLUG)
    enter = desk.page.frame_locator("#place iframe").get_by_role("button", name="Open the console")
    expect(enter).to_be_visible(timeout=PATIENCE_SECONDS * 1000)
    with desk.page.context.expect_page() as tab:
        enter.click()
    console = Console(tab.value, tab.value.url, desk.troubles)
    console.page.on("console", console.notice)
    console.page.on("pageerror", lambda error: desk.troubles.append(str(error)))
    expect(console.page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    console.url = console.page.url
    return console


def test_nobody_needs_a_manual(console, empty_site, open_desk):
    connect_account(console, empty_site)
    choose_request_type(console)
    write_auto_reply(console)
    deliver_test_message(console, empty_site)

    desk = answer_first_message(open_desk(), empty_site)

    expect(desk.row("How can I help?")).to_contain_text("Delivered")
    texts = str(empty_site.sent_to(PHONE))
    assert ("Thank you for contacting us." in texts, "How can I help?" in texts) == (True, True)
    console.page.goto(console.url)
    expect(console.page.get_by_role("heading", name="Finish setting up")).to_have_count(0)
    console.open("conversations/sender/")
    expect(console.page.get_by_role("row", name="WhatsApp")).to_contain_text("Working")
    fair(console)


def connect_account(console, site):
    page = console.page
    page.get_by_role("link", name="Connect account").click()
    expect(page.get_by_text("It needs three things of it:")).to_be_visible()
    fair(console)
    page.get_by_label("Base URL").fill(site.infobip)
    page.get_by_label("API key").fill("a-key-of-another-account")
    page.get_by_role("button", name="Save and test").click()
    expect(page.get_by_role("alert").or_(page.locator(".messagelist"))).to_contain_text("(401)")
    page.get_by_label("API key").fill(site.infobip_key)
    page.get_by_role("button", name="Save and test").click()
    expect(page.locator(".messagelist")).to_contain_text("The key works. 2 senders found.")
    fair(console)
    for box in page.locator(".console-choices input").all():
        box.check()
    page.get_by_role("button", name="Add chosen senders").click()
    expect(page.locator(".messagelist")).to_contain_text("2 senders added.")
    page.get_by_role("button", name="Subscribe the webhook").click()
    expect(page.locator(".messagelist")).to_contain_text("Set up at Infobip:")
    assert site.infobip_key not in page.content()
    fair(console)


def choose_request_type(console):
    page = console.page
    page.goto(console.url)
    page.get_by_role("link", name="Choose request type").click()
    page.get_by_label("Request type").select_option(label="Ask a question (SUP)")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Takes requests like this.")).to_be_visible()
    fair(console)


def write_auto_reply(console):
    page = console.page
    page.goto(console.url)
    page.get_by_role("link", name="Set auto-reply").click()
    page.get_by_label("Send an automatic reply").check()
    tabs = page.locator("#greeting-group").get_by_role("tab")
    expect(tabs).to_have_text(["SMS, English", "WhatsApp, English"])
    for number in range(2):
        tabs.nth(number).click()
        page.locator(f"[name=greeting-{number}-text]").fill(THANKS)
        preview = page.locator(f"#preview-greeting-{number}-text")
        expect(preview).to_have_text("Thank you for contacting us. Your request is SUP-1024.")
    fair(console)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".console-changed")).to_contain_text("Changed by Ana")
    tabs.nth(0).press("ArrowRight")
    expect(tabs.nth(1)).to_be_focused()
    expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
    fair(console)


def deliver_test_message(console, site):
    page = console.page
    page.goto(console.url)
    page.get_by_role("link", name="Send test").click()
    page.get_by_label("My number").fill("+385 91 555 0002")
    fair(console)
    page.get_by_role("button", name="Send a test message").click()
    expect(page.get_by_text("Infobip takes the message")).to_be_visible()
    code = page.get_by_text("code ").first.inner_text().rsplit(maxsplit=1)[-1].rstrip(".")
    answer = {"channel": "sms", "from": "385915550002", "to": site.senders["sms"], "text": code}
    site.infobip_does("inbound", site=SLUG, **answer)
    expect(page.get_by_text("✓ done")).to_have_count(3)
    fair(console)


def answer_first_message(desk, site):
    hello = {"channel": "whatsapp", "from": PHONE, "to": site.senders["whatsapp"], "text": "Hello"}
    site.infobip_does("inbound", site=SLUG, **hello)
    desk.visit("/", site=SLUG)
    link = desk.page.locator("td.summary a", has_text=PHONE).first
    expect(link).to_be_visible(timeout=PATIENCE_SECONDS * 1000)
    link.click()
    expect(desk.row("Hello")).to_be_visible()
    expect(desk.row("Thank you for contacting us.")).to_be_visible()
    desk.send("How can I help?")
    return desk


def fair(console):
    """Keep what is wrong with a page: the walk goes on, and the tab's owner is told at its end."""
    console.troubles += [f"{console.page.url}: {fault}" for fault in console.faults()]


def jira(product, what, **told):
    answer = httpx.post(f"{product.jira}/_sandbox/{what}", json=told, timeout=PATIENCE_SECONDS)
    answer.raise_for_status()
    return answer.json()
