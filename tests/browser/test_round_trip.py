"""One message all the way round, as an agent and a customer see it."""

from datetime import datetime, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

SOON = 2  # seconds
# What stands below the answer, from now on: word and icon of each change.
WATCH_STATUS = """() => {
  window.statuses = [];
  const note = () => {
    const row = [...document.querySelectorAll("#log .row.out")].at(-1);
    const word = row?.querySelector(".status .word")?.textContent;
    const icon = row?.querySelector(".status use")?.getAttribute("href");
    if (word && window.statuses.at(-1)?.[0] !== word) window.statuses.push([word, icon]);
  };
  new MutationObserver(note).observe(document.getElementById("log"), {
    childList: true, subtree: true, characterData: true, attributes: true,
  });
}"""


def test_first_message_is_a_request_and_the_second_adds_none(desk, product, customer):
    customer.writes("sms", "Hello")
    customer.writes("sms", "Is anybody there?")
    desk.page.goto(product.jira)

    entry = desk.page.locator("tr[data-key]", has_text=customer.number)
    expect(entry.locator(".summary")).to_have_text(f"SMS request from {customer.number}")
    desk.open(customer)
    expect(desk.page.locator("#description")).to_have_text("Hello")
    expect(desk.rows).to_have_count(2)


def test_sms_answer_is_delivered_without_a_reload(desk, product, customer):
    customer.writes("sms", "Hello")
    desk.open(customer)
    expect(desk.row("Hello")).to_have_attribute("data-dir", "in")

    desk.send("Good morning. What can we do for you?")
    answer = desk.row("Good morning")
    expect(answer).to_have_attribute("data-status", "delivered")
    expect(answer.locator(".status")).to_have_text("Delivered")
    assert len(product.sent_to(customer.number)) == 1


def test_whatsapp_answer_goes_from_sending_to_read(desk, customer):
    customer.writes("whatsapp", "Hello")
    desk.open(customer).frame.evaluate(WATCH_STATUS)
    desk.send("Good morning")
    answer = desk.row("Good morning")
    expect(answer).to_have_attribute("data-status", "delivered")

    customer.reads()

    expect(answer).to_have_attribute("data-status", "read")
    expect(answer.locator(".status")).to_contain_text("Read ")
    words, icons = zip(*desk.frame.evaluate("window.statuses"), strict=True)
    # One may be over before the page asks.
    run = [word for word in ("Sending…", "Sent", "Delivered") if word in words]
    assert list(words) == [*run, answer.locator(".status .word").text_content()]
    assert {"Sending…", "Delivered"} <= set(words)
    assert all(icons)


def test_sms_never_says_read(desk, customer):
    customer.writes("sms", "Hello")
    desk.open(customer).send("Good morning")
    expect(desk.row("Good morning")).to_have_attribute("data-status", "delivered")

    customer.reads()
    customer.writes("sms", "Thanks")

    expect(desk.row("Thanks")).to_be_visible()
    expect(desk.row("Good morning")).not_to_contain_text("Read")


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_new_message_comes_soon_and_leaves_half_a_sentence_alone(desk, customer, channel):
    customer.writes("sms", "Hello")
    desk.open(customer)
    expect(desk.panel).to_have_attribute("data-conn", "live")
    desk.write("We will bring it to mor")
    desk.box.evaluate("box => box.setSelectionRange(8, 13)")

    # The soonest of some: a busy machine may take its time with one.
    waits = [seconds_until_shown(desk, customer, channel, text) for text in ("One", "Two", "Three")]

    assert min(waits) < SOON
    expect(desk.box).to_be_focused()
    caret = desk.box.evaluate("box => [box.value, box.selectionStart, box.selectionEnd]")
    assert caret == ["We will bring it to mor", 8, 13]
    expect(desk.inside.locator("#to option:checked")).to_have_text(f"+{customer.number} SMS")


def test_days_and_times_are_those_of_the_agents_zone(open_desk, customer):
    now = datetime.now(ZoneInfo("Europe/Zagreb"))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    customer.wrote_on_whatsapp("Late", midnight - timedelta(minutes=1))
    customer.wrote_on_whatsapp("Early", min(midnight + timedelta(minutes=1), now))
    desk = open_desk(timezone_id="Pacific/Kiritimati").open(customer)

    rows = desk.inside.locator("#log > [data-day], #log > .row .text")
    expect(rows).to_have_text(["Yesterday", "Late", "Today", "Early"])
    time = desk.row("Late").locator("time")
    zone = f"{midnight - timedelta(minutes=1):%Z}"
    assert time.get_attribute("title").endswith(f"23:59 {zone}")


def test_two_agents_see_the_same(open_desk, customer):
    customer.writes("sms", "Hello")
    ana, ivan = open_desk().open(customer), open_desk().open(customer, **{"as": "ivan"})
    expect(ivan.panel).to_have_attribute("data-conn", "live")

    ana.send("Ana is on it.")

    expect(ivan.row("Ana is on it.")).to_have_attribute("data-status", "delivered")
    expect(ivan.row("Ana is on it.").locator(".name")).to_have_text("Ana Kovač")


def seconds_until_shown(desk, customer, channel, text):
    customer.writes(channel, text)
    began = monotonic()
    expect(desk.row(text)).to_be_visible()
    return monotonic() - began
