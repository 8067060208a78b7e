"""Places, contacts, buttons and lists: filled in by agents, seen on the customer's phone."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.phone import Phone
from tests.browser.rules import RULES, SMALL_TARGETS

ARRIVED = re.compile("delivered|read")
KINDS = ["Location", "Contact", "Reply buttons", "List"]
# What sticks out of the dialog, or of its part that scrolls.
CUT_OFF = """() => {
  const box = document.getElementById("rich").getBoundingClientRect();
  return [...document.querySelectorAll("#rich *:not(.sr)")]
    .filter((child) => child.checkVisibility())
    .filter((child) => {
      const { left, right, width } = child.getBoundingClientRect();
      return width && (left < box.left - 1 || right > box.right + 1);
    }).map((child) => child.outerHTML.slice(0, 80));
}"""


@pytest.fixture
def talked(open_desk, product, customer):
    """A customer's phone, and the desk with what they wrote."""
    phone = Phone(open_desk().page, product, customer.number).open()
    phone.write("Hello")
    desk = open_desk().open(customer)
    desk.expect_state("active")
    return desk, phone


@pytest.fixture
def desk(talked):
    return talked[0]


def open_form(desk, kind):
    desk.button("More to send").click()
    desk.inside.locator("#more-menu").get_by_role("button", name=kind).click()
    dialog = desk.inside.locator("#rich")
    expect(dialog).to_be_visible()
    return dialog


def fill_in(dialog, kind):
    def fill(label, text):
        dialog.get_by_label(label, exact=True).locator("visible=true").first.fill(text)

    if kind == "Location":
        fill("Paste coordinates or a map link", "45.81, 15.98")
        fill("Name", "The shop")
    if kind == "Contact":
        fill("Name *", "Ana Kovač")
        fill("Phone number 1 *", "+385 91 234 5678")
    if kind in {"Reply buttons", "List"}:
        fill("Text *", "Which day?")
    if kind == "Reply buttons":
        fill("Button 1 *", "Today")
        fill("Button 2", "Tomorrow")
    if kind == "List":
        fill("Button that opens the list *", "Days")
        fill("Title *", "Monday")
        dialog.get_by_role("group", name="Row 2").get_by_label("Title", exact=True).fill("Tuesday")


def send(dialog):
    dialog.get_by_role("button", name="Send", exact=True).click()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("Location", "The shop"),
        ("Contact", "Ana Kovač"),
        ("Reply buttons", "Tomorrow"),
        ("List", "Which day?"),
    ],
)
def test_it_reaches_the_phone(talked, kind, words):
    desk, phone = talked
    dialog = open_form(desk, kind)
    fill_in(dialog, kind)
    dialog.get_by_role("button", name="Send", exact=True).dblclick()

    expect(dialog).to_be_hidden()
    expect(desk.button("More to send")).to_be_focused()
    row = desk.row(words)
    expect(row).to_have_count(1)
    expect(row).to_have_attribute("data-status", ARRIVED)
    expect(phone.row(words)).to_have_count(1)


def test_one_form_after_the_other_keeps_to_the_policy(desk):
    for kind in (*KINDS, *reversed(KINDS)):
        open_form(desk, kind)
        desk.page.keyboard.press("Escape")

    assert desk.troubles == []


def test_menu_is_used_by_keyboard_alone(desk):
    desk.button("More to send").focus()
    desk.page.keyboard.press("Enter")
    menu = desk.inside.locator("#more-menu")
    expect(menu.get_by_role("button", name="Location")).to_be_focused()
    desk.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(desk.button("More to send")).to_be_focused()

    desk.page.keyboard.press("Enter")
    expect(menu.get_by_role("button", name="Location")).to_be_focused()
    desk.page.keyboard.press("Tab")
    desk.page.keyboard.press("Enter")
    dialog = desk.inside.locator("#rich")
    expect(dialog.get_by_role("heading")).to_have_text("Send a contact")
    expect(dialog.get_by_label("Name *")).to_be_focused()
    desk.page.keyboard.press("Escape")
    expect(desk.button("More to send")).to_be_focused()


def test_sms_carries_none_of_it(desk, customer):
    customer.writes("sms", "And here")
    expect(desk.row("And here")).to_be_visible()
    desk.inside.locator("#from").select_option(label="385951006719 SMS")
    more = desk.button("More to send")
    expect(more).to_have_attribute("aria-disabled", "true")
    more.press("Enter")

    expect(desk.inside.locator("#more-menu")).to_be_hidden()
    expect(desk.inside.locator("#refusal")).to_have_text("SMS carries text only")


@pytest.mark.parametrize(
    "typed",
    [
        "45.81,15.98",
        "45,81; 15,98",
        "geo:45.81,15.98?z=17",
        "https://www.google.com/maps/@45.81,15.98,17z",
        "https://www.google.com/maps/place/X/@45.8,15.9,17z/data=!3m1!3d45.81!4d15.98",
        "https://maps.google.com/?q=45.81%2C15.98",
        "https://www.openstreetmap.org/?mlat=45.81&mlon=15.98#map=16/45.8/15.9",
        "https://www.openstreetmap.org/#map=16/45.81/15.98",
        "https://maps.apple.com/?ll=45.81,15.98&z=10",
    ],
)
def test_coordinates_are_read_out_of(desk, typed):
    found = desk.frame.evaluate(
        """async (typed) => {
          const panel = document.querySelector("script[type=module]").src;
          const reader = await import(panel.replace("panel.js", "coordinates.js"));
          return reader.coordinatesIn(typed);
        }""",
        typed,
    )

    assert found == {"latitude": "45.81", "longitude": "15.98"}


def test_link_without_coordinates_is_told_apart(desk):
    dialog = open_form(desk, "Location")
    field = dialog.get_by_label("Paste coordinates or a map link")
    field.fill("https://maps.example/x7Zq")
    expect(dialog).to_contain_text("No coordinates stand in this link.")

    field.fill("-33.86 151.2")
    expect(dialog).not_to_contain_text("No coordinates stand in this link.")
    expect(dialog.get_by_label("Latitude")).to_have_value("-33.86")
    expect(dialog.get_by_label("Longitude")).to_have_value("151.2")


def test_refusal_leads_to_its_field_and_loses_nothing(desk):
    dialog = open_form(desk, "Reply buttons")
    fill_in(dialog, "Reply buttons")
    second = dialog.get_by_label("Button 2", exact=True)
    second.fill("Today")
    send(dialog)

    expect(dialog).to_contain_text("Two choices have the same title.")
    expect(second).to_be_focused()
    expect(second).to_have_attribute("aria-invalid", "true")
    expect(dialog.get_by_label("Button 1 *")).to_have_value("Today")
    second.fill("Tomorrow")
    expect(dialog).not_to_contain_text("Two choices have the same title.")
    send(dialog)
    expect(desk.row("Tomorrow")).to_have_count(1)


def test_lost_answer_keeps_the_form_and_makes_no_second_message(desk):
    dialog = open_form(desk, "Reply buttons")
    fill_in(dialog, "Reply buttons")
    lost = []

    def lose(route):
        lost.append(route.fetch())
        route.fulfill(status=502)

    desk.page.context.route("**/rich/buttons", lose, times=1)
    send(dialog)
    expect(dialog).to_contain_text("What you typed is kept")
    send(dialog)

    expect(dialog).to_be_hidden()
    expect(desk.row("Which day?")).to_have_count(1)
    assert len(lost) == 1


def test_counter_says_what_is_too_long(desk):
    dialog = open_form(desk, "Reply buttons")
    dialog.get_by_label("Button 1 *").fill("a" * 21)
    count = dialog.locator(".field", has=desk.inside.locator("#rich-buttons-0")).locator(".count")
    expect(count).to_have_text("21/20")
    expect(count).to_have_class("count over")


def test_text_of_the_box_is_offered_and_leaves_it_only_as_it_is(desk):
    desk.write("Which day?")
    dialog = open_form(desk, "List")
    expect(dialog.get_by_label("Text *")).to_have_value("Which day?")
    desk.page.keyboard.press("Escape")
    expect(desk.box).to_have_value("Which day?")

    dialog = open_form(desk, "Location")
    fill_in(dialog, "Location")
    send(dialog)
    expect(dialog).to_be_hidden()
    expect(desk.box).to_have_value("Which day?")
    dialog = open_form(desk, "Reply buttons")
    fill_in(dialog, "Reply buttons")
    send(dialog)

    expect(desk.box).to_have_value("")


def test_rows_and_sections_come_as_they_are_needed(talked):
    desk, phone = talked
    dialog = open_form(desk, "List")
    fill_in(dialog, "List")
    dialog.get_by_role("button", name="Add a row").click()
    third = dialog.get_by_role("group", name="Row 3")
    expect(third.get_by_label("Title", exact=True)).to_be_focused()
    third.get_by_label("Title", exact=True).fill("Saturday")
    expect(dialog.get_by_label("Title of the section")).to_be_hidden()
    dialog.get_by_label("Group the rows in sections").check()
    dialog.get_by_label("Title of the section").fill("This week")
    third.get_by_label("Title, if a new section begins here").fill("At the weekend")
    send(dialog)

    row = desk.row("At the weekend")
    expect(row).to_have_attribute("data-status", ARRIVED)
    phone.row("Which day?").get_by_role("button", name="Days").click()
    expect(phone.page.get_by_role("dialog")).to_contain_text("At the weekend")


def test_quote_goes_with_it(desk):
    desk.row("Hello").hover()
    desk.row("Hello").get_by_role("button", name="Reply to this message").click()
    dialog = open_form(desk, "Location")
    fill_in(dialog, "Location")
    send(dialog)

    expect(desk.row("The shop").get_by_role("button", name="Hello")).to_be_visible()
    expect(desk.inside.locator("#quoting")).to_be_hidden()


def test_answer_to_buttons_stands_with_what_it_answers(talked):
    desk, phone = talked
    dialog = open_form(desk, "Reply buttons")
    fill_in(dialog, "Reply buttons")
    send(dialog)
    phone.row("Which day?").get_by_role("button", name="Tomorrow").click()

    answer = desk.inside.locator("#log [data-kind=button]")
    expect(answer.locator(".text")).to_have_text("Tomorrow")
    expect(answer.get_by_role("button", name="Which day?")).to_be_visible()


def test_slash_in_an_empty_box_opens_the_templates(desk):
    desk.write("1")
    desk.box.press("/")
    expect(desk.inside.locator("#chooser")).to_be_hidden()
    desk.write("")
    desk.box.press("/")

    expect(desk.inside.locator("#chooser")).to_be_visible()
    expect(desk.box).to_have_value("")


@pytest.mark.parametrize("colour", ["light", "dark"])
def test_everybody_can_use_it(desk, colour):
    if colour == "dark":
        desk.page.get_by_role("button", name="Dark").click()
        expect(desk.inside.locator("html")).to_have_attribute("data-color-mode", "dark")
    desk.button("More to send").click()
    found = {"menu": Axe().run(desk.frame, options=RULES)}
    desk.page.keyboard.press("Escape")
    for kind in KINDS:
        dialog = open_form(desk, kind)
        send(dialog)
        expect(dialog.locator(".wrong:not(:empty)")).to_have_count(1)
        found[kind] = Axe().run(desk.frame, options=RULES)
        desk.page.keyboard.press("Escape")

    violations = {name: each.response["violations"] for name, each in found.items()}
    assert {name: each for name, each in violations.items() if each} == {}


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_nothing_is_cut_off_in_a_narrow_panel(desk, direction):
    desk.page.set_viewport_size({"width": 352, "height": 980})
    desk.frame.evaluate("direction => { document.documentElement.dir = direction; }", direction)
    for kind in KINDS:
        open_form(desk, kind)
        assert desk.frame.evaluate(CUT_OFF) == []
        assert desk.frame.evaluate(SMALL_TARGETS) == []
        desk.page.keyboard.press("Escape")
