"""The panel's lines: identity in a header only, and updates that survive whatever breaks."""

from base64 import b64encode
from io import BytesIO
from signal import SIGKILL
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import expect

NOTE = {"name": "terms.txt", "mimeType": "text/plain", "buffer": b"No returns."}
STORAGE = """() => ["localStorage", "sessionStorage", "indexedDB"].map((name) => {
  try {
    return window[name];
  } catch ({ name }) {
    return name;
  }
})"""


def photo():
    made = BytesIO()
    Image.new("RGB", (30, 20), "navy").save(made, "PNG")
    image = b64encode(made.getvalue()).decode()
    return {"name": "lights.png", "content_type": "image/png", "base64": image}


def refuse(route):
    route.abort()


def hold_back(_route):
    """A proxy on the way keeps what is streamed to itself."""


@pytest.mark.parametrize("stream", [refuse, hold_back])
def test_panel_follows_by_the_clock_where_no_stream_gets_through(desk, open_desk, customer, stream):
    clock = desk.page.context.clock
    clock.install()
    desk.page.context.route("**/stream/**", stream)
    customer.writes("sms", "Hello")
    desk.open(customer)
    expect(desk.panel).to_have_attribute("data-conn", "poll")
    colleague = open_desk(width=480).open(customer, **{"as": "ivan"})
    clock.pause_at(desk.frame.evaluate("Date.now() + 1000"))

    customer.writes("sms", "Are you there?")
    expect(colleague.row("Are you there?")).to_be_visible()
    with desk.page.expect_request("**/updates?*"):
        clock.run_for(6_000)

    clock.resume()
    expect(desk.row("Are you there?")).to_be_visible()


def test_requests_carry_the_token_and_no_cookie(desk, product, customer):
    asked = []
    desk.page.context.on("request", lambda request: asked.append((request.url, request)))
    customer.writes("whatsapp", "Look", type="image", file=photo())
    desk.open(customer)
    desk.inside.locator(".shot img").evaluate("image => image.decode()")
    desk.inside.locator("#files").set_input_files(NOTE)
    expect(desk.button("Remove terms.txt")).to_be_visible()
    desk.send("Good morning")
    expect(desk.row("Good morning")).to_have_attribute("data-status", "delivered")

    told = [
        (urlsplit(url).path, request.all_headers())
        for url, request in asked
        if url.startswith(product.app) and request.method != "OPTIONS"
    ]
    tokens = [headers["authorization"] for _path, headers in told if "authorization" in headers]
    bare = {path for path, headers in told if "authorization" not in headers}
    data = {path for path in bare if not path.startswith("/static/")}
    assert len(tokens) > 5
    assert all(token.startswith("Bearer ") for token in tokens)
    assert [path for path in data if not path.startswith("/panel/files/")] == ["/panel/"]
    assert len(data) == 2  # the document, and the signed address of the photo
    assert not any("cookie" in headers for _path, headers in told)
    assert desk.page.context.cookies(product.app) == []
    assert desk.frame.evaluate(STORAGE) == ["SecurityError"] * 3


def test_what_breaks_the_policy_is_noticed(desk, customer):
    customer.writes("sms", "Hello")
    desk.open(customer)
    with desk.page.expect_console_message(lambda said: said.text.startswith("policy: ")):
        desk.frame.evaluate("() => document.body.setAttribute('style', 'color: red')")

    assert "policy: style-src-attr inline" in desk.troubles
    desk.troubles.clear()


def test_lost_connection_says_so_and_comes_back(desk, customer):
    context = desk.page.context
    context.clock.install()
    customer.writes("sms", "Hello")
    context.route("**/stream/**", lambda route: route.abort())
    context.route("**/updates?*", lambda route: route.abort())
    desk.open(customer)

    expect(desk.panel).to_have_attribute("data-conn", "down")
    expect(desk.inside.locator("#connection")).to_contain_text("Connection lost")
    context.clock.pause_at(desk.frame.evaluate("Date.now() + 1000"))
    with desk.page.expect_request("**/updates?*"):  # the clock asks no more, the button does
        desk.button("Try now").click()
    context.unroute("**/updates?*")
    context.clock.resume()
    context.clock.fast_forward("00:20")  # longer than any pause between two questions
    expect(desk.inside.locator("#connection")).to_be_hidden()


def test_lost_connection_is_said_as_soon_as_a_message_gets_no_answer(desk, customer):
    context = desk.page.context
    context.clock.install()
    customer.writes("sms", "Hello")
    desk.open(customer)
    expect(desk.panel).to_have_attribute("data-conn", "live")
    context.clock.pause_at(desk.frame.evaluate("Date.now() + 1000"))
    with desk.page.expect_response("**/updates?*"):
        context.clock.fast_forward("00:15")  # from now on the clock asks once a minute

    for address in ("**/updates?*", "**/messages"):
        context.route(address, lambda route: route.abort())
    desk.send("Are you there?")
    context.clock.run_for(6_000)
    expect(desk.panel).to_have_attribute("data-conn", "down")
    expect(desk.row("Are you there?")).to_contain_text("Sending")

    context.unroute_all()
    context.clock.resume()
    expect(desk.row("Are you there?")).to_contain_text("Delivered")
    expect(desk.inside.locator("#connection")).to_be_hidden()


def test_stream_that_dies_loses_no_message_and_shows_none_twice(desk, product, customer):
    customer.writes("sms", "First")
    desk.open(customer)
    expect(desk.panel).to_have_attribute("data-conn", "live")

    answered = []
    desk.page.on("response", lambda answer: answered.append((answer.url, answer.status)))
    product.signal("stream", SIGKILL)
    lines = [f"In the dark {number}" for number in range(10)]
    for line in lines:
        customer.writes("sms", line)

    expect(desk.inside.locator("#log .text")).to_have_text(["First", *lines])
    expect(desk.panel).to_have_attribute("data-conn", "live")
    news = [urlsplit(url).query for url, status in answered if "/updates?" in url and status == 200]
    cursors = [parse_qs(query)["after"] for query in news]
    assert cursors
    assert all(cursors.count(cursor) == 1 for cursor in cursors)  # what is known is not told again


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


def test_what_a_send_is_answered_with_is_not_asked_for(desk, customer):
    customer.writes("sms", "Hello")
    clock = desk.page.context.clock
    clock.install()
    desk.open(customer)
    expect(desk.panel).to_have_attribute("data-conn", "live")
    clock.pause_at(desk.frame.evaluate("Date.now() + 1000"))  # nothing is asked by the clock
    asked = []
    desk.page.on("request", lambda request: asked.append(request.url))

    with desk.page.expect_response("**/messages") as answer:
        desk.send("Good morning")
    clock.resume()
    expect(desk.row("Good morning")).to_have_attribute("data-status", "delivered")

    cursors = [parse_qs(urlsplit(url).query)["after"][0] for url in asked if "/updates?" in url]
    assert cursors
    assert [after for after in cursors if int(after) < int(answer.value.headers["x-cursor"])] == []
