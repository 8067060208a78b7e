"""The composer: each message once, nothing typed is lost, the counter tells the truth."""

import pytest
from playwright.sync_api import expect

CROATIAN = (
    "Hvala na strpljenju, Marko. Zamjenski router šaljemo danas kurirskom službom i stiže sutra do"
    " 12:00. Broj pošiljke poslat ću čim ga dobijem. Stari uređaj samo predajte kuriru \u2013 hvala"
    " i lijep dan!"
)


@pytest.fixture
def writing(desk, customer):
    """A desk with the request of a customer who wrote by SMS."""
    customer.writes("sms", "Hello")
    return desk.open(customer)


def test_double_click_sends_once(writing, product, customer):
    writing.write("Only once")
    writing.button("Send Message").dblclick()

    expect(writing.row("Only once")).to_have_attribute("data-status", "delivered")
    assert len(product.sent_to(customer.number)) == 1
    expect(writing.row("Only once")).to_have_count(1)


def test_ctrl_enter_twice_sends_once(writing, product, customer):
    writing.write("Only once")
    writing.box.press("Control+Enter")
    writing.box.press("Control+Enter")

    expect(writing.row("Only once")).to_have_attribute("data-status", "delivered")
    assert len(product.sent_to(customer.number)) == 1


def test_after_sending_the_box_is_ready_for_the_next(writing, customer):
    writing.write("Good morning")
    expect(writing.inside.locator("#saved")).to_have_text("Draft saved")
    writing.button("Send Message").click()

    expect(writing.box).to_have_value("")
    expect(writing.box).to_be_focused()
    expect(writing.counter).to_contain_text("0/1000")
    expect(writing.row("Good morning")).to_have_attribute("data-status", "delivered")
    writing.open(customer)
    expect(writing.box).to_have_value("")


def test_lost_answer_is_asked_for_again_and_sends_once(writing, product, customer):
    tries = []

    def lose_the_first_answer(route):
        tries.append(route)
        if len(tries) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    writing.page.context.route("**/messages", lose_the_first_answer)
    writing.page.context.route("**/updates?*", lambda route: route.abort())
    writing.send("Only once")
    expect(writing.row("Only once")).to_have_attribute("data-status", "sending")
    writing.page.context.unroute("**/updates?*")

    expect(writing.row("Only once")).to_have_attribute("data-status", "delivered")
    expect(writing.row("Only once")).to_have_count(1)
    assert len(product.sent_to(customer.number)) == 1


def test_server_error_gives_the_text_back_and_says_why(writing, product, customer):
    writing.page.context.route("**/messages", lambda route: route.fulfill(status=500))
    writing.send("Keep me")

    expect(writing.box).to_have_value("Keep me")
    expect(writing.inside.locator("#form #refusal")).to_contain_text("Your text is kept")
    expect(writing.row("Keep me")).to_have_count(0)
    writing.page.context.unroute("**/messages")
    writing.button("Send Message").click()
    expect(writing.row("Keep me")).to_have_attribute("data-status", "delivered")
    assert len(product.sent_to(customer.number)) == 1


def test_too_long_a_text_is_refused_in_words(writing, product, customer):
    writing.send("a" * 1001)

    expect(writing.inside.locator("#refusal")).to_contain_text("1000 are allowed")
    expect(writing.box).to_have_value("a" * 1001)
    expect(writing.counter).to_contain_text("1 too many")
    assert product.sent_to(customer.number) == []


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        (CROATIAN, ["3 SMS parts", "Message 61/67", "195/1000"]),
        ("a" * 161, ["2 SMS parts", "Message 8/153", "161/1000"]),
        ("€", ["1 SMS part", "Message 2/160", "2/1000"]),
        ("", ["0 SMS parts", "Message 0/160", "0/1000"]),
    ],
)
def test_counter_counts_as_it_will_be_charged(writing, text, figures):
    writing.write(text)

    expect(writing.counter.locator("span")).to_have_text(figures)


def test_counter_names_what_made_it_dear(writing):
    writing.write("Šta ima \u2013 ništa")

    expect(writing.counter).to_have_attribute(
        "title", "Š, \u2013, š need Unicode: 70 characters a part"
    )


def test_from_and_to_decide_what_is_counted_and_what_can_be_attached(writing, customer):
    customer.writes("whatsapp", "And here")
    expect(writing.row("And here")).to_be_visible()
    attach = writing.button("Attach files")
    writing.write("👍 ok")
    expect(writing.counter).to_have_text("4/4096")

    writing.inside.locator("#from").select_option(label="385951006719 SMS")
    expect(writing.inside.locator("#to option:checked")).to_have_text(f"+{customer.number} SMS")
    expect(writing.counter.locator("span").last).to_have_text("5/1000")
    expect(attach).to_have_attribute("aria-disabled", "true")

    writing.inside.locator("#to").select_option(label=f"+{customer.number} WhatsApp")
    expect(writing.inside.locator("#from option:checked")).to_have_text("385951006720 WhatsApp")
    expect(writing.counter).to_have_text("4/4096")
    expect(attach).to_have_attribute("aria-disabled", "false")


def test_draft_comes_back_after_a_reload_for_this_agent_only(writing, open_desk, customer):
    writing.write("Half a sent")
    expect(writing.inside.locator("#saved")).to_have_text("Draft saved")

    writing.open(customer)

    expect(writing.box).to_have_value("Half a sent")
    expect(open_desk().open(customer, **{"as": "ivan"}).box).to_have_value("")


def test_emoji_goes_where_the_caret_is(writing):
    writing.write("Hello Marko")
    writing.box.evaluate("box => box.setSelectionRange(5, 5)")
    writing.button("Insert an emoji").click()
    writing.button("Wave").click()

    expect(writing.box).to_have_value("Hello👋 Marko")
    expect(writing.box).to_be_focused()
    expect(writing.inside.locator("#emoji")).to_be_hidden()


def test_emoji_is_found_by_a_word_and_taken_by_keys_alone(writing):
    writing.button("Insert an emoji").click()
    search = writing.inside.get_by_label("Search emoji")
    expect(search).to_be_focused()
    expect(writing.inside.locator("#emoji-groups section")).to_have_count(7)
    search.press_sequentially("nothing like it")
    expect(writing.inside.locator("#emoji-none")).to_be_visible()

    search.fill("wrench")
    search.press("ArrowDown")
    expect(writing.button("Wrench")).to_be_focused()
    writing.page.keyboard.press("ArrowUp")
    expect(search).to_be_focused()
    search.fill("birthday cake")
    search.press("Enter")

    expect(writing.box).to_have_value("🎂")
    expect(writing.box).to_be_focused()
