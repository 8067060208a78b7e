"""Two agents on one request: each knows what the other does. And what one has not read yet."""

import pytest
from playwright.sync_api import expect

WRITING = "Ivan Babić is also writing a reply to this customer."
VIEWING = "Ivan Babić is viewing this conversation."
SOON = 5_000  # milliseconds
AFTER_THE_LAST_KEY = 10_000


@pytest.fixture
def two(open_desk, customer):
    """Ana and Ivan, who both have the customer's request open."""
    customer.writes("sms", "Hello")
    return open_desk().open(customer), open_desk(width=480).open(customer, **{"as": "ivan"})


def test_agents_see_each_other_look_and_write(two):
    ana, ivan = two
    shown = ana.inside.locator("#presence [dir]")
    expect(shown).to_have_text(VIEWING)

    ivan.box.press_sequentially("Good mor", delay=50)

    expect(shown).to_have_text(WRITING, timeout=SOON)
    expect(ivan.inside.locator("#presence [dir]")).to_have_text(
        "Ana Kovač is viewing this conversation."
    )
    expect(shown).to_have_text(VIEWING, timeout=AFTER_THE_LAST_KEY)

    ivan.page.close()
    expect(shown).to_have_count(0, timeout=SOON)


def test_colleagues_are_seen_without_a_stream(two):
    ana, ivan = two
    ana.page.route("**/stream/**", lambda route: route.abort())
    ana.page.reload()
    expect(ana.panel).to_have_attribute("data-conn", "poll")

    ivan.box.press_sequentially("Good mor", delay=50)

    expect(ana.inside.locator("#presence [dir]")).to_have_text(WRITING, timeout=SOON)


def test_who_answers_what_a_colleague_has_answered_is_asked_once(two, product, customer):
    ana, ivan = two
    ana.write("It comes today")
    expect(ana.inside.locator("#saved")).to_have_text("Draft saved")
    ivan.send("Today at noon")
    expect(ana.row("Today at noon")).to_be_visible()

    ana.button("Send Message").click()

    asked = ana.inside.locator("#ask")
    expect(asked).to_contain_text("Ivan Babić replied a minute ago. Send anyway?")
    expect(ana.box).to_have_value("It comes today")
    asked.get_by_role("button", name="Cancel").click()
    expect(ana.box).to_be_focused()
    ana.box.press_sequentially(" too")
    expect(ana.box).to_have_value("It comes today too")
    ivan.send("Or later")
    expect(ana.row("Or later")).to_be_visible()
    ana.button("Send Message").click()
    asked.get_by_role("button", name="Send anyway").click()
    expect(ana.row("It comes today too")).to_have_attribute("data-status", "delivered")
    expect(ana.box).to_have_value("")
    assert len(product.sent_to(customer.number)) == 3


def test_new_messages_move_nothing_and_the_button_leads_to_them(desk, customer):
    customer.writes("sms", "Line\n" * 60)
    desk.open(customer)
    log, jump, line = (desk.inside.locator(name) for name in ("#log", "#jump", "#new"))
    expect(desk.panel).to_have_attribute("data-conn", "live")
    log.press("PageUp")
    log.evaluate("log => { log.scrollTop = 0 }")
    expect(jump).to_be_hidden()

    customer.writes("sms", "First")
    expect(jump).to_have_text("1 new message")
    customer.writes("sms", "Line\n" * 60)
    expect(jump).to_have_text("2 new messages")
    assert log.evaluate("log => log.scrollTop") == 0

    jump.click()
    expect(line).to_be_in_viewport()
    expect(desk.inside.locator("#head")).to_be_in_viewport()
    expect(line).to_have_text("2 new messages")
    assert line.evaluate("line => line.nextElementSibling.innerText").count("First") == 1
    log.evaluate("log => { log.scrollTop = log.scrollHeight }")
    expect(line).to_have_count(0)
    expect(jump).to_be_hidden()


# The line goes when it was read: those that ever stood there are kept.
KEEP_LINES = """
window.lines = [];
new MutationObserver((changes) => {
  const added = changes.flatMap(({ addedNodes }) => [...addedNodes]);
  window.lines.push(...added.filter(({ id }) => id === "new"));
}).observe(document, { childList: true, subtree: true });
"""


def test_what_was_read_is_new_no_more_after_a_reload(desk, customer):
    desk.page.add_init_script(KEEP_LINES)
    customer.writes("sms", "First")
    with desk.page.expect_request(says_it_was_read):
        desk.open(customer)
    desk.page.goto("about:blank")
    customer.writes("sms", "Second")

    with desk.page.expect_request(says_it_was_read):
        desk.open(customer)

    expect(desk.row("Second")).to_be_visible()
    expect(desk.inside.locator("#new")).to_have_count(0)
    lines = desk.frame.evaluate("window.lines.map((line) => line.innerText.trim())")
    assert lines == ["1 new message"]


def says_it_was_read(request):
    return request.url.endswith("/seen") and "upto" in (request.post_data or "")
