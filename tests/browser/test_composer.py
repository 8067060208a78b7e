"""The composer as each agent wants it: keys, figures, cheaper texts, and what outlives it."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

QUOTED = "The “new” router \u2013 as I said \u2013 comes tomorrow. " + "a" * 100
SEVEN_PARTS = "š" * 67 * 6 + "š"
# Whether something else lies over the middle of what has the focus, or the frame ends before it.
COVERED = """() => {
  const focused = document.activeElement;
  const { x, y, width, height } = focused.getBoundingClientRect();
  const found = document.elementFromPoint(x + width / 2, y + height / 2);
  return !focused.contains(found);
}"""


@pytest.fixture
def writing(desk, customer):
    """A desk with the request of a customer who wrote by SMS."""
    customer.writes("sms", "Hello")
    return desk.open(customer, **{"as": "ivan"})


def focused(desk):
    return desk.frame.evaluate("document.activeElement.id")


def test_agent_chooses_what_sends_and_how_much_is_counted(writing, customer):
    writing.button("Your settings").click()
    dialog = writing.inside.get_by_role("dialog", name="Your settings")
    expect(dialog.locator("[name=send_with_enter]:checked")).to_have_value("false")
    dialog.locator("[name=send_with_enter][value=true]").check()
    dialog.get_by_label("Show in full what an SMS takes").uncheck()
    writing.button("Save").click()

    expect(dialog).to_be_hidden()
    expect(writing.inside.locator(".hint .keys")).to_have_text("Enter sends")
    expect(writing.counter).to_have_text("0/1000")
    writing.write("First line")
    composing = {"key": "Enter", "isComposing": True, "bubbles": True}
    writing.box.dispatch_event("keydown", composing)
    expect(writing.box).to_have_value("First line")
    writing.box.press("Shift+Enter")
    writing.box.press_sequentially("and the second")
    writing.box.press("Enter")
    expect(writing.row("and the second")).to_have_attribute("data-status", "delivered")
    expect(writing.box).to_have_value("")

    writing.write("Geduld, bitte")
    writing.button("Your settings").click()
    dialog.get_by_label("Language").select_option("de")
    writing.button("Save").click()
    expect(writing.inside.locator("html")).to_have_attribute("lang", "de")
    expect(writing.box).to_have_value("Geduld, bitte")
    writing.open(customer, **{"as": "ivan"})
    expect(writing.inside.locator("html")).to_have_attribute("lang", "de")
    writing.inside.locator("[data-action=settings]").click()
    writing.inside.locator("#panel-language").select_option("en-gb")
    writing.inside.locator("[name=send_with_enter][value=false]").check()
    writing.inside.locator("[name=counter_details]").check()
    writing.inside.locator("#preferences [type=submit]").click()
    expect(writing.inside.locator("html")).to_have_attribute("lang", "en-gb")


def test_keys_lead_through_the_thread_and_back(writing, customer):
    customer.writes("whatsapp", "And here")
    expect(writing.row("And here")).to_be_visible()
    first, last = (row.get_attribute("id") for row in writing.rows.all())
    writing.box.focus()
    places = []
    for key in ("ArrowUp", "ArrowUp", "ArrowUp", "ArrowDown", "Home", "End", "Enter", "Escape"):
        writing.page.keyboard.press(key)
        places.append(focused(writing))

    assert places == [last, first, first, last, first, last, last, "text"]
    writing.box.press("ArrowUp")
    writing.page.keyboard.press("Tab")
    button = writing.row("And here").get_by_role("button", name="Reply to this message")
    expect(button).to_be_focused()
    customer.writes("whatsapp", "One more")
    expect(writing.row("One more")).to_be_visible()
    expect(button).to_be_focused()
    writing.write("not empty")
    writing.box.press("ArrowUp")
    expect(writing.box).to_be_focused()


def test_dear_characters_are_replaced_when_the_agent_wants(writing):
    offer = writing.inside.locator("#offer")
    writing.write(QUOTED)
    expect(offer.locator("span")).to_have_text(
        "Replace “ ” \u2013 by plain characters: 1 SMS part instead of 3."
    )
    writing.box.evaluate("box => box.setSelectionRange(8, 8)")
    writing.button("Replace").click()

    plain = QUOTED.translate({ord("“"): '"', ord("”"): '"', ord("\u2013"): "-"})
    expect(writing.box).to_have_value(plain)
    expect(writing.box).to_be_focused()
    assert writing.box.evaluate("box => [box.selectionStart, box.selectionEnd]") == [8, 8]
    expect(offer).to_be_hidden()
    writing.box.press("Control+z")
    expect(writing.box).to_have_value(QUOTED)
    expect(offer).to_be_visible()


def test_many_parts_are_sent_after_a_yes_only(writing, product, customer):
    writing.send(SEVEN_PARTS)
    question = writing.inside.get_by_role("dialog", name="7 SMS parts")
    expect(question).to_contain_text("Each part is charged. Send anyway?")
    writing.page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    expect(writing.box).to_have_value(SEVEN_PARTS)
    assert product.sent_to(customer.number) == []

    writing.box.press("Control+Enter")
    writing.button("Send anyway").click()
    expect(writing.row(SEVEN_PARTS)).to_have_attribute("data-status", "delivered")
    assert len(product.sent_to(customer.number)) == 1


def test_what_was_typed_stays_when_the_window_closes(desk, customer):
    closes_soon = datetime.now(UTC) - timedelta(hours=24) + timedelta(minutes=1, seconds=12)
    customer.wrote_on_whatsapp("Hello", closes_soon)
    desk.open(customer)
    desk.box.press_sequentially("Almost there")
    kept = desk.inside.locator("#kept")
    expect(kept).to_be_visible(timeout=20_000)

    expect(desk.box).to_have_count(0)
    expect(kept.locator("blockquote")).to_have_text("Almost there")
    desk.button("Copy text").click()
    expect(kept.get_by_role("status")).to_have_text("Copied")


def test_nothing_leaves_while_the_server_is_away(writing, product, customer):
    context = writing.page.context
    context.route("**/stream/**", lambda route: route.abort())
    writing.page.reload()
    writing.write("Keep me")
    expect(writing.inside.locator("#saved")).to_have_text("Draft saved")
    context.route("**/panel/*/**", lambda route: route.abort())
    expect(writing.panel).to_have_attribute("data-conn", "down")

    expect(writing.button("Send Message")).to_have_attribute("aria-disabled", "true")
    writing.box.press("Control+Enter")
    expect(writing.inside.locator("#refusal")).to_contain_text("cannot be reached just now")
    expect(writing.box).to_have_value("Keep me")
    context.unroute("**/panel/*/**")
    expect(writing.button("Send Message")).to_have_attribute("aria-disabled", "false")
    expect(writing.inside.locator("#refusal")).to_be_empty()
    writing.button("Send Message").click()
    expect(writing.row("Keep me")).to_have_attribute("data-status", "delivered")
    assert len(product.sent_to(customer.number)) == 1


def test_thread_has_half_of_a_narrow_panel(writing):
    for width in (320, 360, 480):
        writing.fit(width, 640)
        log = writing.inside.locator("#log").bounding_box()

        assert log["height"] >= 320, width


def test_zoomed_in_one_scrolls_from_the_thread_to_the_box(writing):
    writing.fit(320, 256)
    writing.rows.last.focus()
    thread = writing.frame.evaluate(COVERED)
    writing.page.keyboard.press("Escape")

    assert (thread, writing.frame.evaluate(COVERED)) == (False, False)
    expect(writing.box).to_be_focused()
