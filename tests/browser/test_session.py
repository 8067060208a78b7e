"""A panel's session is renewed by the clock, and where it has ended: the agent notices nothing."""

from playwright.sync_api import expect

from jira_bridge import panel_session


def asks_for_session(desk):
    return desk.page.expect_response(
        lambda answer: answer.url.endswith("/forge/invoke") and "token" in answer.text()
    )


def test_panel_goes_on_when_its_session_has_ended(desk, customer):
    customer.writes("sms", "Hello")
    desk.open(customer)
    messages = "**/panel/*/messages"
    desk.page.context.route(messages, lambda route: route.fulfill(status=401), times=1)

    with asks_for_session(desk):
        desk.send("We are still here")

    expect(desk.row("We are still here")).to_have_attribute("data-status", "delivered")


def test_session_is_renewed_by_the_clock(desk, customer):
    desk.page.context.clock.install()
    customer.writes("sms", "Hello")
    desk.open(customer)
    desk.write("A draft of mine")

    with asks_for_session(desk):
        desk.page.context.clock.fast_forward(panel_session.LIFETIME_SECONDS * 1000)

    customer.writes("sms", "Are you there?")
    expect(desk.row("Are you there?")).to_be_visible()
    expect(desk.box).to_have_value("A draft of mine")
