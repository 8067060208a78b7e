"""A thread that is longer than the screen holds: searching it, and going through it."""

import psycopg
from playwright.sync_api import expect

from tests.benchmarks.thread import MESSAGES

CUSTOMERS = """
SELECT message.conversation_id FROM conversations_message AS message
JOIN conversations_address AS address ON address.id = message.address_id WHERE address.value = %s
"""


def fill(product, customer, count):
    """Let a conversation have many older messages, three minutes apart."""
    with psycopg.connect(product.database_url, autocommit=True) as connection:
        found = "SELECT schema_name FROM public.tenants_site WHERE slug = %s"
        (schema,) = connection.execute(found, (product.site,)).fetchone()
        connection.execute("SELECT set_config('search_path', %s, false)", (schema,))
        (pk,) = connection.execute(CUSTOMERS, (customer.number,)).fetchone()
        connection.execute(MESSAGES, {"conversation": pk, "count": count})


def test_search_leads_far_up_and_the_thread_stays_one(desk, product, customer):
    customer.writes("sms", "Hello")
    desk.open(customer)
    fill(product, customer, 400)
    desk.page.reload()
    inside, log = desk.inside, desk.inside.locator("#log")
    rows = log.locator(".row")
    expect(rows).to_have_count(50)

    button = inside.locator("#head").get_by_role("button", name="Search this conversation")
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    field = inside.get_by_role("searchbox", name="Search this conversation")
    expect(field).to_be_focused()
    field.fill("MÉSSAGE 350")
    expect(inside.locator("#finds mark")).to_have_text(["Message", "350"])
    inside.locator(".find").click()

    expect(log.locator(".pointed")).to_contain_text("Message 350 ")
    expect(log.locator(".pointed")).to_be_in_viewport()
    expect(inside.locator("#finds-count")).to_have_text("1 of 1")
    expect(rows).to_have_count(100)
    log.get_by_role("button", name="Show the messages that follow").click()
    expect(rows).to_have_count(150)
    assert in_order(log)

    customer.writes("sms", "Somewhere else")
    expect(rows.last).to_contain_text("Somewhere else")
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(log.locator(".gap")).to_have_count(1)
    field.fill("message 390")
    inside.locator(".find", has_text="390").click()
    expect(log.locator(".pointed")).to_contain_text("Message 390 ")
    expect(log.locator("#new")).to_have_text("1 new message")
    assert in_order(log)
    field.press("Escape")
    expect(inside.locator("#search")).to_be_hidden()
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")


def test_scrolling_up_brings_earlier_messages_and_keeps_the_place(desk, product, customer):
    customer.writes("sms", "Hello")
    desk.open(customer)
    fill(product, customer, 120)
    desk.page.reload()
    log = desk.inside.locator("#log")
    rows = log.locator(".row")
    expect(rows).to_have_count(50)
    top = rows.first.get_attribute("id")

    log.evaluate("log => { log.scrollTop = 200; return new Promise(requestAnimationFrame); }")
    log.evaluate("log => { log.scrollTop = 10; }")

    expect(rows).to_have_count(100)
    expect(log.locator(f"#{top}")).to_be_in_viewport()
    assert in_order(log)


def in_order(log):
    orders = log.locator("> li[data-order]").evaluate_all("all => all.map(e => e.dataset.order)")
    return orders == sorted(orders, key=int)
