"""The panel's lines: identity in a header only, and updates that survive whatever breaks."""

from signal import SIGKILL

from playwright.sync_api import expect


def test_panel_follows_by_the_clock_where_no_stream_gets_through(desk, customer):
    customer.writes("sms", "Hello")
    desk.page.context.route("**/stream/**", lambda route: route.abort())
    desk.open(customer)
    expect(desk.panel).to_have_attribute("data-conn", "poll")

    customer.writes("sms", "Are you there?")

    expect(desk.row("Are you there?")).to_be_visible()


def test_requests_carry_the_token_and_no_cookie(desk, product, customer):
    asked = []
    desk.page.context.on("request", lambda request: asked.append((request.url, request)))
    customer.writes("sms", "Hello")
    desk.open(customer).send("Good morning")
    expect(desk.row("Good morning")).to_have_attribute("data-status", "delivered")

    headers = [
        request.all_headers()
        for url, request in asked
        if request.method != "OPTIONS" and ("/stream/" in url or f"{product.app}/panel/1" in url)
    ]
    assert len(headers) > 2
    assert all(each["authorization"].startswith("Bearer ") for each in headers)
    assert not any("cookie" in each for each in headers)


def test_lost_connection_says_so_and_comes_back(desk, customer):
    customer.writes("sms", "Hello")
    desk.page.context.route("**/stream/**", lambda route: route.abort())
    desk.page.context.route("**/updates?*", lambda route: route.abort())
    desk.open(customer)

    expect(desk.panel).to_have_attribute("data-conn", "down")
    expect(desk.inside.locator("#connection")).to_contain_text("Connection lost")
    desk.page.context.unroute("**/updates?*")
    desk.button("Try now").click()
    expect(desk.inside.locator("#connection")).to_be_hidden()


def test_stream_that_dies_loses_no_message_and_shows_none_twice(desk, product, customer):
    customer.writes("sms", "First")
    desk.open(customer)
    expect(desk.panel).to_have_attribute("data-conn", "live")

    product.signal("stream", SIGKILL)
    lines = [f"In the dark {number}" for number in range(10)]
    for line in lines:
        customer.writes("sms", line)

    expect(desk.inside.locator("#log .text")).to_have_text(["First", *lines])
    expect(desk.panel).to_have_attribute("data-conn", "live")


def test_document_holds_no_data(desk, product, customer):
    customer.writes("sms", "Private words")
    desk.page.goto(f"{product.app}/panel/")

    expect(desk.page.locator("#panel")).to_have_attribute("data-state", "loading")
    assert customer.number not in desk.page.content()


def test_session_from_a_stranger_is_not_taken(desk, product):
    desk.page.goto(f"{product.app}/panel/")
    asked = []
    desk.page.on("request", lambda request: asked.append(request.url))
    stranger = {"token": "x", "expires_in": 900, "stream_url": "/stream/", "issue_id": "1"}
    desk.page.evaluate(
        """async (session) => {
          const heard = new Promise((resolve) => addEventListener("message", resolve));
          postMessage({ type: "omnichat.session", session }, "*");
          await heard;
        }""",
        stranger,
    )

    assert [url for url in asked if "/panel/1/" in url] == []
    expect(desk.page.locator("#panel")).to_have_attribute("data-state", "loading")
