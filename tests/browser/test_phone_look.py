"""How the phone looks and can be used: accessible, in both colours, narrow."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.rules import RULES

OVERHANG = """() => [...document.querySelectorAll(".row, .desk > *, #composer > *")]
  .filter((child) => child.checkVisibility())
  .filter((child) => {
    const { left, right, width } = child.getBoundingClientRect();
    return width && (left < 0 || right > innerWidth);
  }).map((child) => child.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize("colour", ["light", "dark"])
@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_everybody_can_use_it(talking, channel, colour):
    talking.page.emulate_media(color_scheme=colour)
    talking.attach("A photo")
    talking.gets_buttons()
    expect(talking.page.get_by_role("button", name="Yes", exact=True)).to_be_visible()
    talking.open(channel)

    assert violations(talking) == []


@pytest.mark.parametrize("colour", ["light", "dark"])
@pytest.mark.parametrize("sheet", ["attach-sheet", "place-sheet", "contact-sheet"])
def test_everybody_can_use_the_sheets(phone, sheet, colour):
    phone.page.emulate_media(color_scheme=colour)
    phone.page.evaluate("name => document.getElementById(name).showModal()", sheet)

    assert violations(phone) == []


@pytest.mark.parametrize("colour", ["light", "dark"])
def test_everybody_can_react_and_choose(talking, colour):
    talking.page.emulate_media(color_scheme=colour)
    talking.gets_list()
    talking.menu("Hello")
    assert violations(talking) == []
    talking.page.get_by_role("button", name="Close").click()

    talking.page.get_by_role("button", name="Choose a day").click()

    assert violations(talking) == []


def test_nothing_sticks_out_of_a_narrow_window(talking):
    talking.page.set_viewport_size({"width": 360, "height": 720})
    talking.attach("Location…")
    talking.page.get_by_role("button", name="Railway station").click()
    talking.write("verylongword" * 12)

    assert talking.page.evaluate(OVERHANG) == []
    assert talking.page.evaluate("document.documentElement.scrollWidth") == 360


def violations(phone):
    found = Axe().run(phone.page, options=RULES)
    return [violation["id"] for violation in found.response["violations"]]
