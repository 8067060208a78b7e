"""How the panel looks and can be used: accessible, in both colours, narrow, from right to left."""

import pytest
from playwright.sync_api import expect

from tests.browser.rules import OVERHANG, SMALL_TARGETS

# On which side of its neighbour something stands; "+" before or after the digits of its number.
PLACES = """() => {
  const find = (name) => document.querySelector(name);
  const x = (part) => part.getBoundingClientRect().x;
  const side = (part, other) => (x(part) < x(other) ? "left" : "right");
  const digits = find("#head .num").firstChild;
  const character = (at) => {
    const range = document.createRange();
    range.setStart(digits, at);
    range.setEnd(digits, at + 1);
    return range;
  };
  const [avatar, body] = find("#log .msg:has(.av)").children;
  return {
    name: side(find("#head .who"), find("#head .state")),
    avatar: side(avatar, body),
    send: side(find("#send"), find("[data-action=pause]")),
    plus: side(character(0), character(digits.length - 1)),
  };
}"""


@pytest.fixture
def talked(desk, customer):
    """A desk with a little talk on both channels."""
    customer.name = "Marko Horvat"
    customer.writes("sms", "Hello, my router restarts every hour. " + "verylongword" * 12)
    customer.writes("whatsapp", "And here")
    desk.open(customer).send("Good morning")
    expect(desk.row("Good morning")).to_have_attribute("data-status", "delivered")
    return desk


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


def test_right_to_left_mirrors_all_but_numbers(talked):
    talked.page.set_viewport_size({"width": 352, "height": 980})
    places = []
    for direction in ("ltr", "rtl"):
        talked.frame.evaluate("dir => { document.documentElement.dir = dir; }", direction)
        assert talked.frame.evaluate("innerWidth") <= 322
        assert talked.frame.evaluate(OVERHANG) == []
        assert talked.frame.evaluate(SMALL_TARGETS) == []
        places.append(talked.frame.evaluate(PLACES))

    assert places == [
        {"name": "left", "avatar": "left", "send": "right", "plus": "left"},
        {"name": "right", "avatar": "right", "send": "left", "plus": "left"},
    ]


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
