"""News of a resolve comes late: what was written after it leaves the open panel."""

import httpx
from playwright.sync_api import expect

LATE_SECONDS = 3


def test_message_later_than_the_resolve_moves_to_another_request(desk, customer, product):
    customer.writes("sms", "Hello")
    desk.open(customer)
    late = {"route": "events", "kind": "late", "seconds": LATE_SECONDS, "times": 1}
    httpx.post(f"{product.jira}/_sandbox/faults", json=late).raise_for_status()
    product.move(desk.key, "Resolved")
    customer.writes("sms", "Is anybody there?")
    expect(desk.row("Is anybody there?")).to_be_visible()

    desk.expect_state("resolved")

    expect(desk.row("Is anybody there?")).to_have_count(0)
    expect(desk.row("Hello")).to_be_visible()
    desk.page.goto(product.jira)
    expect(desk.page.locator("tr[data-key]", has_text=customer.number)).to_have_count(2)
