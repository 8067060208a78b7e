"""How the panel looks and can be used: accessible, in both colours, narrow, from right to left."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.rules import OVERHANG, RULES, SMALL_TARGETS


@pytest.fixture
def talked(desk, customer):
    """A desk with a little talk on both channels."""
    customer.writes("sms", "Hello, my router restarts every hour. " + "verylongword" * 12)
    customer.writes("whatsapp", "And here")
    desk.open(customer).send("Good morning")
    expect(desk.row("Good morning")).to_have_attribute("data-status", "delivered")
    return desk


def show(desk, state):
    if state == "paused":
        desk.button("Pause conversation").click()
    if state == "resolved":
        desk.product.move(desk.key, "Resolved")
    desk.expect_state(state)


@pytest.mark.parametrize("colour", ["light", "dark"])
@pytest.mark.parametrize("state", ["active", "paused", "resolved"])
def test_everybody_can_use_it(talked, state, colour):
    if colour == "dark":
        talked.page.get_by_role("button", name="Dark").click()
        expect(talked.inside.locator("html")).to_have_attribute("data-color-mode", "dark")
    show(talked, state)

    found = Axe().run(talked.frame, options=RULES)

    assert [violation["id"] for violation in found.response["violations"]] == []


def test_failed_row_can_be_used_by_everybody(desk, unreachable_customer):
    unreachable_customer.writes("sms", "Hello")
    desk.open(unreachable_customer).send("Good morning")
    desk.row("Good morning").get_by_text("Details").click()

    found = Axe().run(desk.frame, options=RULES)

    assert [violation["id"] for violation in found.response["violations"]] == []


def test_colours_follow_jira_without_a_reload(talked):
    colour = "() => getComputedStyle(document.body).backgroundColor"
    light = talked.frame.evaluate(colour)
    talked.page.get_by_role("button", name="Dark").click()
    expect(talked.inside.locator("html")).to_have_attribute("data-color-mode", "dark")

    assert (light, talked.frame.evaluate(colour)) == ("rgb(255, 255, 255)", "rgb(31, 31, 33)")


def test_tokens_of_the_host_win(talked):
    shell = next(frame for frame in talked.page.frames if "/forge/shell/" in frame.url)
    shell.evaluate(
        """() => frames[0].postMessage({
          type: "omnichat.theme",
          theme: { colorMode: "light", tokens: { "--ds-surface": "red", "color": "blue" } },
        }, "*")"""
    )

    expect(talked.inside.locator("body")).to_have_css("background-color", "rgb(255, 0, 0)")
    expect(talked.inside.locator("html")).not_to_have_css("color", "rgb(0, 0, 255)")


def test_strangers_cannot_speak_to_it(talked):
    talked.frame.evaluate(
        """() => postMessage({
          type: "omnichat.theme", theme: { colorMode: "dark", tokens: { "--ds-surface": "red" } },
        }, "*")"""
    )
    talked.write("Time has passed")

    expect(talked.inside.locator("#saved")).to_have_text("Draft saved")
    expect(talked.inside.locator("html")).to_have_attribute("data-color-mode", "light")


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("state", ["active", "paused", "resolved"])
def test_nothing_sticks_out_of_a_narrow_panel(talked, state, direction):
    talked.page.set_viewport_size({"width": 352, "height": 980})
    talked.frame.evaluate("direction => { document.documentElement.dir = direction; }", direction)
    show(talked, state)

    assert talked.frame.evaluate("innerWidth") <= 322
    assert talked.frame.evaluate(OVERHANG) == []
    assert talked.frame.evaluate(SMALL_TARGETS) == []


def test_row_says_who_how_and_when(talked):
    row = talked.row("Good morning")

    expect(row.locator(".av")).to_have_text("AK")
    expect(row.locator(".name")).to_have_text("Ana Kovač")
    expect(row.locator("header .loz")).to_have_text("WhatsApp")
    time = row.locator("time")
    assert time.get_attribute("datetime")
    assert time.get_attribute("title").split(", ")[1].count(":") == 1


def test_keyboard_alone_is_enough(talked):
    talked.box.focus()
    talked.page.keyboard.type("By keyboard")
    stops = []
    name = "({ ariaLabel, textContent }) => ariaLabel ?? textContent.trim()"
    for _stop in range(7):
        talked.page.keyboard.press("Tab")
        stops.append(talked.frame.evaluate(f"({name})(document.activeElement)"))

    assert stops == [
        "Attach files",
        "Insert an emoji",
        "Use a template",
        "More to send",
        "Your settings",
        "Pause conversation",
        "Send Message",
    ]
    talked.page.keyboard.press("Enter")
    expect(talked.row("By keyboard")).to_have_attribute("data-status", "delivered")
