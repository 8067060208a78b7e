"""The states of the panel, and how they change before an agent's eyes."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

RESOLVED = (
    "It is not possible to use Infobip communication channels if the request is in status"
    ' "Resolved"'
)


@pytest.fixture
def asked(desk, customer):
    """A desk with the request of a customer who wrote by SMS."""
    customer.writes("sms", "Hello")
    return desk.open(customer)


def hold_messages(desk):
    """Hold what is sent back, to let it go on later."""
    held = []

    def hold(route):
        held.append(route)

    desk.page.context.route("**/messages", hold)
    return held


def test_pause_and_resume_keep_the_draft(asked):
    asked.write("Half a sent")
    asked.button("Pause conversation").click()
    asked.expect_state("paused")
    expect(asked.inside.locator("#banner")).to_contain_text("Paused by Ana Kovač")
    expect(asked.box).to_have_count(0)

    asked.button("Resume").click()

    asked.expect_state("active")
    expect(asked.box).to_have_value("Half a sent")


def test_refused_message_is_kept_with_what_was_typed_on(asked, open_desk, customer):
    held = hold_messages(asked)
    asked.send("Refused while it was on its way.")
    asked.write("Typed on.")
    colleague = open_desk().open(customer, **{"as": "ivan"})
    colleague.button("Pause conversation").click()
    asked.expect_state("paused")

    held[0].continue_()

    both = "Refused while it was on its way.\nTyped on."
    refused = asked.inside.locator("#refused")
    expect(asked.inside.locator("#kept-text")).to_have_text(both)
    expect(refused).to_contain_text("This conversation is not active.")
    colleague.button("Resume").click()
    asked.expect_state("active")
    expect(asked.box).to_have_value(both)
    expect(refused).to_be_empty()
    expect(asked.inside.locator("#saved")).to_have_text("Draft saved")
    expect(asked.open(customer).box).to_have_value(both)


def test_what_is_typed_while_a_message_is_on_its_way_is_a_draft(asked, customer):
    held = hold_messages(asked)
    asked.send("The first")
    with asked.page.expect_response("**/draft"):
        asked.write("The second")

    with asked.page.expect_response("**/draft"):
        held[0].continue_()

    expect(asked.row("The first")).to_have_attribute("data-status", "delivered")
    expect(asked.open(customer).box).to_have_value("The second")


def test_keyboard_stays_where_it_was_when_the_page_changes(asked, customer):
    search = asked.button("Search this conversation")
    search.focus()
    customer.writes("whatsapp", "And here")
    expect(asked.row("And here")).to_be_visible()
    expect(search).to_be_focused()

    asked.button("Pause conversation").press("Enter")
    expect(asked.button("Resume")).to_be_focused()
    asked.button("Resume").press("Enter")
    expect(asked.box).to_be_focused()


def test_resolved_takes_the_composer_and_reopened_brings_it_back(asked, product):
    asked.write("Half a sent")
    product.move(asked.key, "Resolved")
    asked.expect_state("resolved")
    expect(asked.inside.locator("#banner p")).to_have_text(RESOLVED)
    expect(asked.box).to_have_count(0)

    product.move(asked.key, "In progress")

    asked.expect_state("active")
    expect(asked.box).to_have_value("Half a sent")


def test_message_after_a_pause_opens_another_request(asked, customer):
    asked.button("Pause conversation").click()
    asked.expect_state("paused")
    customer.writes("sms", "Something else")
    asked.page.goto(asked.product.jira)
    entries = asked.page.locator("tr[data-key]", has_text=customer.number)
    expect(entries).to_have_count(2)

    entries.last.locator(".summary a").click()

    asked.expect_state("other-active")
    expect(asked.box).to_have_count(0)


def test_conversation_is_moved_from_one_request_to_another(asked, open_desk, customer):
    asked.write("Half a sent")
    asked.button("Pause conversation").click()
    asked.expect_state("paused")
    customer.writes("sms", "Something else")
    # Neither was known when the page was opened: its session is renewed by itself.
    expect(asked.button("Move here")).to_be_visible(timeout=20_000)
    banner = asked.inside.locator("#banner")
    opens = asked.inside.get_by_role("link", name="Open SUP-")
    with asked.page.context.expect_page() as opened:
        opens.click()
    other = open_desk().visit(opened.value.url.removeprefix(asked.product.jira))
    other.expect_state("active")
    expect(banner).to_contain_text(f"messages now go to {other.key} “SMS request from")

    asked.button("Move here").click()
    dialog = asked.inside.get_by_role("dialog")
    expect(dialog).to_contain_text(f"{other.key} will be paused.")
    asked.button("Cancel").click()
    expect(asked.button("Move here")).to_be_focused()
    asked.button("Move here").click()
    asked.button("Move").click()

    asked.expect_state("active")
    expect(asked.box).to_have_value("Half a sent")
    expect(asked.box).to_be_focused()
    other.expect_state("other-active")
    expect(other.inside.locator("#banner")).to_contain_text(f"messages now go to {asked.key} “")
    customer.writes("sms", "Which one is it?")
    expect(asked.row("Which one is it?")).to_be_visible()


def test_closed_window_gives_way_to_a_reason_until_the_customer_writes(desk, customer):
    customer.wrote_on_whatsapp("Hello", datetime.now(UTC) - timedelta(hours=25))
    desk.open(customer)
    desk.expect_state("window-closed")
    expect(desk.box).to_have_count(0)
    expect(desk.inside.locator("#composer")).to_contain_text("Reply window closed")
    expect(desk.button("Use a template")).to_be_visible()

    customer.writes("whatsapp", "Still waiting")

    desk.expect_state("active")
    expect(desk.box).to_be_visible()


def test_closed_window_lets_the_agent_switch_to_sms(desk, customer):
    old = datetime.now(UTC) - timedelta(hours=25)
    customer.writes("sms", "Hello")
    desk.open(customer)
    customer.wrote_on_whatsapp("And here", old)
    expect(desk.row("And here")).to_be_visible()
    desk.inside.locator("#from").select_option(label="385951006720 WhatsApp")
    desk.expect_state("window-closed")

    desk.button("Switch to SMS").click()

    desk.expect_state("active")
    expect(desk.inside.locator("#from option:checked")).to_have_text("385951006719 SMS")


def test_countdown_is_the_servers(desk, customer):
    customer.wrote_on_whatsapp("Hello", datetime.now(UTC) - timedelta(hours=22, minutes=30))
    ahead = "const real = Date.now; Date.now = () => real() + 3 * 3600 * 1000;"
    desk.page.context.add_init_script(ahead)
    desk.open(customer)

    expect(desk.inside.locator(".window")).to_have_text("WhatsApp window: 1 h 29 min left")
    expect(desk.inside.locator(".window")).to_have_class("window warning")


def test_stop_closes_one_channel_and_then_the_other(desk, customer):
    customer.writes("sms", "Hello")
    customer.writes("whatsapp", "And here")
    desk.open(customer)
    expect(desk.row("And here")).to_be_visible()
    to_sms = desk.inside.locator("#to option[data-channel=sms]")

    customer.writes("sms", "STOP")
    expect(to_sms).to_be_disabled()
    expect(to_sms).to_contain_text("opted out")
    expect(desk.box).to_be_visible()
    customer.writes("whatsapp", "STOP")

    desk.expect_state("opted-out")
    expect(desk.inside.locator("#banner")).to_contain_text("on SMS and WhatsApp (")
    expect(desk.box).to_have_count(0)


def test_stop_while_an_answer_is_written_sends_it_over_no_other_channel(desk, customer):
    customer.writes("whatsapp", "Hello")
    customer.writes("sms", "And here")
    desk.open(customer).write("For SMS")

    customer.writes("sms", "STOP")

    shown = desk.inside.locator(".pick:has(#to)")
    expect(shown).to_have_class("pick out")
    expect(shown.locator(".shown")).to_have_text("+" + customer.number + "SMSopted out")
    desk.button("Send Message").click()
    expect(desk.inside.locator("#refusal")).to_contain_text("asked not to be messaged here")
    expect(desk.box).to_have_value("For SMS")
    desk.box.fill("")
    desk.inside.locator("#to").select_option(label=f"+{customer.number} WhatsApp")
    desk.send("For WhatsApp")
    expect(desk.row("For WhatsApp")).to_have_attribute("data-channel", "whatsapp")


def test_failed_message_says_why(desk, unreachable_customer):
    unreachable_customer.writes("sms", "Hello")
    desk.open(unreachable_customer).send("Good morning")
    failed = desk.row("Good morning")
    expect(failed).to_have_attribute("data-status", "failed")
    expect(failed.locator(".status")).to_have_text("Not delivered: the phone was unreachable.")
    expect(desk.inside.locator("#alarm")).to_contain_text("the phone was unreachable")

    failed.get_by_text("Details").click()

    expect(failed.locator("dl")).to_contain_text("27")


def test_resend_is_another_attempt_under_the_same_row(desk, unreachable_customer, product):
    unreachable_customer.writes("sms", "Hello")
    desk.open(unreachable_customer).send("Good morning")
    desk.row("Good morning").get_by_role("button", name="Resend").click()

    expect(desk.row("Good morning")).to_contain_text("attempt 2")
    expect(desk.row("Good morning")).to_have_count(1)
    expect(desk.row("Good morning")).to_have_attribute("data-status", "failed")
    assert len(product.sent_to(unreachable_customer.number)) == 2


def test_who_may_only_look_sees_the_thread_without_composer(desk, customer):
    customer.writes("sms", "Hello")
    desk.open(customer, **{"as": "vera"})

    desk.expect_state("read-only")
    expect(desk.row("Hello")).to_be_visible()
    expect(desk.box).to_have_count(0)
    expect(desk.button("Pause conversation")).to_have_count(0)


def test_new_message_is_read_out_once_and_own_ones_are_not(asked, customer):
    asked.frame.evaluate(
        """() => {
          window.said = [];
          new MutationObserver(() => {
            const text = document.getElementById("say").textContent;
            if (text) window.said.push(text);
          }).observe(document.getElementById("say"), { childList: true });
        }"""
    )
    asked.send("Good morning")
    expect(asked.row("Good morning")).to_have_attribute("data-status", "delivered")

    customer.writes("sms", "Thanks")

    expect(asked.row("Thanks")).to_be_visible()
    (said,) = asked.frame.evaluate("window.said")
    assert said.startswith("New SMS message from +385")
    assert said.endswith(": Thanks")


def test_young_time_grows_older_by_itself(asked):
    time = asked.row("Hello").locator("time")
    expect(time).to_have_text("just now")
    minute_ago = (datetime.now(UTC) - timedelta(seconds=70)).isoformat()
    time.evaluate("(time, at) => time.setAttribute('datetime', at)", minute_ago)

    expect(time).to_have_text("1 min")


def test_who_reads_further_up_is_not_moved(desk, customer):
    for number in range(24):
        customer.writes("sms", f"Line {number}")
    desk.open(customer)
    expect(desk.rows).to_have_count(24)
    log = desk.inside.locator("#log")
    log.evaluate("log => { log.scrollTop = 0; }")
    before = desk.row("Line 0").bounding_box()

    customer.writes("sms", "News")

    jump = desk.inside.locator("#jump")
    expect(jump).to_have_text("1 new message")
    assert desk.row("Line 0").bounding_box() == before
    jump.click()
    expect(desk.row("News")).to_be_in_viewport()
    expect(jump).to_be_hidden()
