"""The app's own page around the panel: why nothing opens, and another try."""

import pytest
from playwright.sync_api import expect

INVOKE = "**/forge/invoke"
LATER = "Jira's limit is reached until 14:00 UTC. Try again then."


@pytest.mark.parametrize(
    ("answer", "title", "words"),
    [
        ({"status": 502}, "OmniChat does not answer", "Nothing is lost."),
        ({"status": 503, "body": {"detail": LATER}}, "OmniChat cannot be opened now", LATER),
        ({"status": 403, "body": {"detail": "Gone."}}, "You cannot open OmniChat", "Gone."),
    ],
)
def test_why_nothing_opens_is_said(desk, customer, answer, title, words):
    customer.writes("sms", "Hello")
    desk.open(customer)
    desk.page.context.route(INVOKE, lambda route: route.fulfill(json=answer))
    desk.page.reload()
    shell = desk.page.frame_locator("#panel-omnichat iframe")
    expect(shell.get_by_role("heading", name=title)).to_be_visible()
    expect(shell.locator("#problem-text")).to_contain_text(words)

    desk.page.context.unroute(INVOKE)
    shell.get_by_role("button", name="Try again").click()

    expect(desk.row("Hello")).to_be_visible()
