"""The chooser: templates filled in and sent, own texts inserted, by mouse or by keyboard alone."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.rules import OVERHANG, RULES

pytestmark = pytest.mark.usefixtures("templates")

DAY = timedelta(hours=25)


@pytest.fixture
def closed(desk, customer):
    """A desk with a request whose reply window has closed."""
    customer.wrote_on_whatsapp("Hello", datetime.now(UTC) - DAY)
    desk.open(customer)
    desk.expect_state("window-closed")
    return desk


@pytest.fixture
def chooser(closed):
    closed.button("Use a template").click()
    found = closed.inside.locator("#chooser")
    expect(found.locator(".choice").first).to_be_visible()
    return found


def fill_in(chooser):
    for field in chooser.locator("input[required]").all():
        field.fill("Friday")


def first_with_variables(chooser):
    chooser.get_by_role("searchbox").fill("{{1}}")
    expect(chooser.locator(".choice").first).to_be_visible()
    choice = chooser.locator(".choice", has_text="{{1}}").first
    choice.click()
    expect(chooser.locator(".preview mark").first).to_be_visible()


def test_template_opens_a_closed_window_with_words(closed, chooser, customer, product):
    first_with_variables(chooser)
    send = chooser.get_by_role("button", name="Send template")
    expect(send).to_have_attribute("aria-disabled", "true")
    fill_in(chooser)
    expect(send).to_have_attribute("aria-disabled", "false")
    send.click()

    expect(chooser).to_be_hidden()
    row = closed.inside.locator("[data-kind=template]")
    expect(row).to_have_attribute("data-status", "delivered")
    expect(row).to_contain_text("Friday")


def test_preview_follows_each_key(closed, chooser):
    first_with_variables(chooser)
    field = chooser.locator("[data-fills='body.1']")
    mark = chooser.locator(".preview mark[data-variable='body.1']").first
    expect(mark).to_have_text("{{1}}")

    field.press_sequentially("Fri")
    expect(mark).to_have_text("Fri")
    field.fill("")
    expect(mark).to_have_text("{{1}}")


def test_search_says_how_many_and_can_be_cleared(closed, chooser):
    chooser.get_by_role("searchbox").fill("no such template")
    expect(chooser.locator("#found")).to_contain_text("No template matches “no such template”.")
    expect(chooser.locator("#matches")).to_have_text("0 templates")

    chooser.get_by_role("button", name="Clear search").click()

    expect(chooser.locator(".choice").first).to_be_visible()
    expect(chooser.get_by_role("searchbox")).to_be_focused()


def test_language_narrows_and_a_template_without_variables_goes_at_once(closed, chooser):
    choices = chooser.locator(".choice")
    chooser.get_by_label("Language").select_option("hr")
    expect(choices).to_have_count(1)
    expect(choices).to_contain_text("Poštovani {{1}}")
    chooser.get_by_label("Language").select_option("")
    choices.filter(has_text="we_have_waited").click()
    expect(chooser.locator("[data-fills]")).to_have_count(0)

    chooser.get_by_role("button", name="Send template").click()

    row = closed.inside.locator("[data-kind=template]")
    expect(row).to_have_attribute("data-status", "delivered")
    expect(row).to_contain_text("We have not heard from you for a while.")


def test_keyboard_alone_is_enough(closed, chooser):
    closed.page.keyboard.press("ArrowDown")
    expect(chooser.locator(".choice").first).to_be_focused()
    closed.page.keyboard.press("ArrowDown")
    expect(chooser.locator(".choice").nth(1)).to_be_focused()
    closed.page.keyboard.press("Enter")
    expect(chooser.locator(".preview")).to_be_visible()

    closed.page.keyboard.press("Escape")

    expect(chooser).to_be_hidden()
    expect(closed.button("Use a template")).to_be_focused()


@pytest.mark.parametrize("colour", ["light", "dark"])
def test_everybody_can_use_it(closed, chooser, colour):
    first_with_variables(chooser)
    if colour == "dark":
        closed.page.get_by_role("button", name="Dark").click()
        expect(closed.inside.locator("html")).to_have_attribute("data-color-mode", "dark")

    found = Axe().run(closed.frame, options=RULES)

    assert [violation["id"] for violation in found.response["violations"]] == []


def test_nothing_sticks_out_of_a_narrow_panel(closed, chooser):
    first_with_variables(chooser)
    closed.page.set_viewport_size({"width": 352, "height": 980})

    assert closed.frame.evaluate(OVERHANG) == []


@pytest.fixture
def on_sms(desk, customer):
    """A desk with a customer whose name nobody knows."""
    customer.writes("sms", "Where is my parcel?")
    return desk.open(customer)


def open_chooser(desk):
    desk.button("Use a template").click()
    chooser = desk.inside.locator("#chooser")
    expect(chooser.locator(".choice").first).to_be_visible()
    return chooser


def test_text_is_inserted_at_the_caret_and_nothing_typed_goes(on_sms):
    on_sms.write("Good news! See you.")
    on_sms.box.evaluate("(box) => box.setSelectionRange(5, 10)")
    chooser = open_chooser(on_sms)
    expect(chooser.locator(".loz.sms").first).to_be_visible()
    expect(chooser.locator("[data-from^=templates]")).to_have_count(0)
    chooser.locator(".choice", has_text="Solved?").click()
    expect(chooser.locator(".preview mark.filled")).to_have_text(on_sms.key)
    chooser.get_by_role("button", name="Insert").click()

    expect(chooser).to_be_hidden()
    text = f"Does it work now? If not, just write back and I go on with {on_sms.key}."
    expect(on_sms.box).to_have_value(f"Good news! {text} See you.")
    expect(on_sms.box).to_be_focused()
    expect(on_sms.counter).to_contain_text(f"{len(text) + 20}/1000")
    expect(on_sms.inside.locator("#saved")).to_be_visible()


def test_gap_is_filled_in_before_or_after_or_the_reply_is_refused(on_sms):
    chooser = open_chooser(on_sms)
    chooser.locator(".choice", has_text="Greeting").click()
    field = chooser.get_by_label("Customer's name")
    expect(field).to_be_focused()
    field.fill("Marko")
    expect(chooser.locator(".preview")).to_contain_text("Hello Marko, this is ")
    field.fill("")
    chooser.get_by_role("button", name="Insert").click()
    selected = on_sms.box.evaluate(
        "({value, selectionStart, selectionEnd}) => value.slice(selectionStart, selectionEnd)"
    )
    assert selected == "{{customer.name}}"

    on_sms.button("Send Message").click()
    expect(on_sms.inside.locator("#refusal")).to_contain_text("{{customer.name}} is not filled in.")
    expect(on_sms.box).to_have_value(re.compile("^Hello {{customer.name}}, this is"))


def test_slash_enter_enter_inserts_and_it_is_recent_then(on_sms):
    keyboard = on_sms.page.keyboard
    on_sms.box.focus()
    keyboard.press("/")
    expect(on_sms.inside.get_by_role("searchbox")).to_be_focused()
    keyboard.type("radi li")
    expect(on_sms.inside.locator("#matches")).to_have_text("1 template")
    keyboard.press("Enter")
    expect(on_sms.button("Insert")).to_be_focused()
    keyboard.press("Enter")

    expect(on_sms.box).to_have_value(re.compile("^Radi li sada"))
    on_sms.box.fill("")
    keyboard.press("/")
    recent = on_sms.inside.locator("#found h3:text-is('Recently used') + ul")
    expect(recent.locator(".choice").first).to_contain_text("Riješeno?")


def test_whatsapp_has_both_in_one_list(desk, customer):
    customer.writes("whatsapp", "Hello")
    chooser = open_chooser(desk.open(customer))

    for kind in ("templates", "canned-replies"):
        expect(chooser.locator(f"[data-from^={kind}]").first).to_be_visible()
    chooser.locator(".choice", has_text="Ask for a photo").click()
    expect(chooser.get_by_role("button", name="Insert")).to_be_visible()
    chooser.locator("[data-from^=templates]").first.click()
    expect(chooser.get_by_role("button", name="Send template")).to_be_visible()
