"""One message all the way round, as an agent and a customer see it."""

import pytest
from playwright.sync_api import expect


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


def test_whatsapp_answer_is_read_when_the_phone_reads_it(desk, customer):
    customer.writes("whatsapp", "Hello")
    desk.open(customer).send("Good morning")
    answer = desk.row("Good morning")
    expect(answer).to_have_attribute("data-status", "delivered")

    customer.reads()

    expect(answer).to_have_attribute("data-status", "read")
    expect(answer.locator(".status")).to_contain_text("Read ")


def test_sms_never_says_read(desk, customer):
    customer.writes("sms", "Hello")
    desk.open(customer).send("Good morning")
    expect(desk.row("Good morning")).to_have_attribute("data-status", "delivered")

    customer.reads()
    customer.writes("sms", "Thanks")

    expect(desk.row("Thanks")).to_be_visible()
    expect(desk.row("Good morning")).not_to_contain_text("Read")


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_new_message_leaves_half_a_sentence_alone(desk, customer, channel):
    customer.writes("sms", "Hello")
    desk.open(customer)
    expect(desk.panel).to_have_attribute("data-conn", "live")
    desk.write("We will bring it to mor")
    desk.box.press("ArrowLeft")
    desk.box.press("ArrowLeft")

    customer.writes(channel, "When will it arrive?")

    expect(desk.row("When will it arrive?")).to_be_visible()
    expect(desk.box).to_be_focused()
    caret = desk.box.evaluate("box => [box.value, box.selectionStart]")
    assert caret == ["We will bring it to mor", 21]
    expect(desk.inside.locator("#to option:checked")).to_have_text(f"+{customer.number} SMS")


def test_two_agents_see_the_same(open_desk, customer):
    customer.writes("sms", "Hello")
    ana, ivan = open_desk().open(customer), open_desk().open(customer, **{"as": "ivan"})
    expect(ivan.panel).to_have_attribute("data-conn", "live")

    ana.send("Ana is on it.")

    expect(ivan.row("Ana is on it.")).to_have_attribute("data-status", "delivered")
    expect(ivan.row("Ana is on it.").locator(".name")).to_have_text("Ana Kovač")
