"""The side panel in a real Chromium: an agent enters a number, and the conversation begins."""

from dataclasses import dataclass, field
from itertools import count

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.desk import LIMIT_MS, NOT_OURS, REFUSE_STORAGE, WATCH_POLICY
from tests.browser.rules import RULES

NUMBERS = count(1)
# What the Forge shell does for the page: hand over the session, and open the conversation.
PARENT = """([address, session, colorMode]) => {
  const frame = document.createElement("iframe");
  Object.assign(frame, { title: "OmniChat", src: address });
  Object.assign(frame.style, { position: "fixed", inset: 0, width: "100%", height: "100%" });
  frame.style.border = 0;
  addEventListener("message", ({ data, source }) => {
    if (source !== frame.contentWindow) return;
    if (data.type === "omnichat.ready" || data.type === "omnichat.renew") {
      source.postMessage({ type: "omnichat.session", session, theme: { colorMode } }, "*");
    }
    if (data.type === "omnichat.panel") document.body.dataset.opened = "yes";
  });
  document.body.replaceChildren(frame);
}"""
OVERHANG = """() => [...document.querySelectorAll("#side *:not(.sr, .sr *, .tag input)")]
  .filter((child) => child.checkVisibility())
  .filter((child) => {
    const { left, right, width } = child.getBoundingClientRect();
    return width && (left < -1 || right > innerWidth + 1);
  }).map((child) => child.outerHTML.slice(0, 80))"""
SMALL_TARGETS = """() => ["button", ".tag", ".check", ".field input"]
  .flatMap((name) => [...document.querySelectorAll(`#side ${name}`)])
  .filter((target) => target.checkVisibility())
  .filter((target) => {
    const { width, height } = target.getBoundingClientRect();
    return width < 24 || height < 24;
  }).map((target) => target.outerHTML.slice(0, 80))"""


@dataclass
class Side:
    """A page of ours in a frame beside a request."""

    page: object
    path: str
    troubles: list = field(default_factory=list)

    @property
    def inside(self):
        return self.page.frame_locator("iframe")

    @property
    def frame(self):
        return next(frame for frame in self.page.frames if frame.url.endswith(self.path))

    @property
    def number(self):
        return self.inside.locator("#number")

    @property
    def said(self):
        return self.inside.locator("#said")

    def tag(self, channel):
        return self.inside.locator(f"label.tag.{channel}")

    def button(self, name):
        return self.inside.get_by_role("button", name=name, exact=True)

    def save(self, number=None):
        if number is not None:
            self.number.fill(number)
        self.button("Save changes").click()

    def expect_state(self, state):
        expect(self.inside.locator("main")).to_have_attribute("data-state", state)

    def violations(self):
        found = Axe().run(self.frame, options=RULES)
        return [violation["id"] for violation in found.response["violations"]]


@pytest.fixture
def request_key(product):
    """A request that came by e-mail: nobody has a number for it."""
    sender = {"summary": "Printer", "reporter_email": f"marko{next(NUMBERS)}@customers.example"}
    answer = httpx.post(f"{product.jira}/_sandbox/requests", json={"site": product.site, **sender})
    answer.raise_for_status()
    return answer.json()["key"]


@pytest.fixture
def number(product):
    return f"+38599400{next(NUMBERS):04d}"


@pytest.fixture
def open_page(product, browser, request_key):
    """Open the side panel, or another page of ours, beside the request."""
    opened = []
    session = _session(product, browser, request_key)

    def open_one(path="/panel/side/", *, width=340, height=640, colour="light"):
        context = browser.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(LIMIT_MS)
        context.add_init_script(WATCH_POLICY + REFUSE_STORAGE)
        side = Side(context.new_page(), path)
        opened.append(side)
        side.page.on("console", lambda message: _notice(side, message))
        side.page.on("pageerror", lambda error: side.troubles.append(str(error)))
        side.page.goto(f"{product.jira}/static/tokens.css")
        side.page.evaluate(PARENT, [f"{product.app}{path}", session, colour])
        expect(side.inside.locator("main")).not_to_have_attribute("data-state", "loading")
        return side

    expect.set_options(timeout=LIMIT_MS)
    yield open_one
    for side in opened:
        side.page.context.close()
    assert [side.troubles for side in opened if side.troubles] == []


@pytest.fixture
def side(open_page):
    return open_page()


def _session(product, browser, key):
    """Return the session that the shell is given on the request's page."""
    context = browser.new_context()
    page = context.new_page()
    with page.expect_response(lambda answer: _session_in(answer) is not None) as awaited:
        page.goto(f"{product.jira}/browse/{key}")
    session = _session_in(awaited.value)
    context.close()
    return session


def _session_in(answer):
    if not answer.url.endswith("/forge/invoke"):
        return None
    body = answer.json().get("body")
    return body if isinstance(body, dict) and "token" in body else None


def _notice(side, message):
    if message.type == "error" and not any(words in message.text for words in NOT_OURS):
        side.troubles.append(message.text)


def test_number_begins_the_conversation_and_the_panel_follows(open_page, side, number):
    panel = open_page("/panel/", width=760)
    panel.expect_state("no-phone")
    side.save(number)

    side.expect_state("active")
    expect(side.said).to_have_text("Saved just now")
    panel.expect_state("empty")
    expect(panel.inside.locator("#text")).to_be_visible()


def test_panel_without_number_has_the_same_form(open_page, side, number):
    panel = open_page("/panel/", width=760)
    panel.save("0991903327")
    expect(panel.inside.get_by_text("Enter the number with its country code")).to_be_visible()
    expect(panel.number).to_be_focused()
    panel.save(number)

    panel.expect_state("empty")
    expect(panel.inside.locator("#text")).to_be_focused()
    side.expect_state("active")


def test_refused_number_keeps_what_was_typed_and_the_focus(side):
    side.save("099 190")

    expect(side.number).to_be_focused()
    expect(side.number).to_have_value("099 190")
    expect(side.number).to_have_attribute("aria-invalid", "true")
    expect(side.said).to_have_text("Unsaved changes")


def test_two_numbers_begin_as_the_one(side, number):
    side.number.fill(number)
    side.inside.get_by_label("Use the same number for SMS and WhatsApp").uncheck()

    expect(side.inside.get_by_label("SMS number")).to_have_value(number)
    expect(side.inside.get_by_label("WhatsApp number")).to_have_value(number)
    expect(side.number).to_be_hidden()


def test_what_is_typed_outlives_what_others_save(open_page, side, number):
    other = open_page()
    other.number.fill("+385 99 4")
    side.save(number)
    side.expect_state("active")

    other.expect_state("active")
    expect(other.number).to_have_value("+385 99 4")
    expect(other.said).to_have_text("Unsaved changes")


def test_last_channel_asks_before_it_stops_the_conversation(side, number):
    side.save(number)
    side.expect_state("active")
    for channel in ("sms", "whatsapp"):
        side.tag(channel).click()
    side.save()
    expect(side.inside.get_by_text("This stops the conversation for this request.")).to_be_visible()
    side.button("Stop conversation").click()

    side.expect_state("paused")
    side.tag("sms").click()
    side.save()
    side.expect_state("active")


def test_jira_customer_is_found_and_linked(side, number):
    side.save(number)
    side.inside.locator("[data-action=search]").click()
    side.inside.locator("#q").fill("ana")
    side.inside.get_by_role("radio", name="Ana Kovač").check()
    side.button("Link").click()

    expect(side.said).to_have_text("Linked just now")
    expect(side.inside.locator("#account .name").first).to_have_text("Ana Kovač")


def test_open_search_outlives_what_a_colleague_changes(open_page, number):
    side = open_page()
    side.save(number)
    side.expect_state("active")
    colleague = open_page()
    side.inside.locator("[data-action=search]").click()
    side.inside.locator("#q").fill("ivan")

    colleague.inside.locator("[data-action=search]").click()
    colleague.inside.locator("#q").fill("ana")
    colleague.inside.get_by_role("radio", name="Ana Kovač").check()
    colleague.button("Link").click()

    expect(side.inside.locator("#account .name").first).to_have_text("Ana Kovač")
    expect(side.inside.locator("#q")).to_be_focused()
    expect(side.inside.locator("#q")).to_have_value("ivan")
    expect(side.inside.get_by_role("radio", name="Ivan Babić")).to_be_visible()


def test_resolved_request_says_why_nothing_can_be_changed(product, side, number, request_key):
    side.save(number)
    side.expect_state("active")
    move = {"site": product.site, "to": "Resolved"}
    path = f"/_sandbox/requests/{request_key}/transition"
    httpx.post(f"{product.jira}{path}", json=move).raise_for_status()

    side.expect_state("ended")
    expect(side.inside.get_by_text('the request is in status "Resolved"')).to_be_visible()
    expect(side.number).to_be_disabled()


def test_conversation_is_opened_by_the_page_around(side):
    side.button("Open OmniChat").click()

    expect(side.page.locator("body")).to_have_attribute("data-opened", "yes")


def test_jira_gives_it_its_height_and_opens_the_conversation(open_desk, product, request_key):
    desk = open_desk(width=1360)
    desk.page.goto(f"{product.jira}/browse/{request_key}")
    desk.page.locator("#app-panel summary").click()
    outer = desk.page.locator("#app-place iframe")
    beside = outer.content_frame.frame_locator("iframe")
    expect(beside.locator("#side")).to_have_attribute("data-state", "no-phone")
    beside.get_by_role("button", name="Open OmniChat").click()

    inside = desk.page.frame_locator("dialog iframe").frame_locator("iframe")
    expect(inside.get_by_text("No phone number yet")).to_be_visible()
    height = beside.locator("#side").evaluate("side => Math.ceil(side.offsetHeight)")
    expect(outer).to_have_css("height", f"{height}px")


def test_keyboard_alone_is_enough(side, number):
    side.tag("sms").locator("input").focus()
    for _stop in range(3):
        side.page.keyboard.press("Tab")
    side.page.keyboard.press("ControlOrMeta+A")
    side.page.keyboard.type(number)
    side.page.keyboard.press("Enter")

    side.expect_state("active")


@pytest.mark.parametrize("colour", ["light", "dark"])
def test_everybody_can_use_it(open_page, number, colour):
    side = open_page(colour=colour)
    states = [side.violations()]
    side.save("099")
    expect(side.number).to_have_attribute("aria-invalid", "true")
    states.append(side.violations())
    side.save(number)
    side.expect_state("active")
    side.inside.locator("[data-action=search]").click()
    side.inside.locator("#q").fill("ana")
    expect(side.inside.get_by_role("radio").first).to_be_visible()
    states.append(side.violations())

    assert states == [[], [], []]


@pytest.mark.parametrize("width", [250, 300, 420])
def test_nothing_sticks_out_however_narrow(open_page, width):
    side = open_page(width=width)
    side.inside.get_by_label("Use the same number for SMS and WhatsApp").uncheck()
    side.save()
    expect(side.inside.get_by_label("SMS number")).to_be_focused()

    assert side.frame.evaluate(OVERHANG) == []
    assert side.frame.evaluate(SMALL_TARGETS) == []
