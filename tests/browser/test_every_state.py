"""What holds in every state of the panel: rules of access, widths, colours and the policy."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.rules import OVERHANG, RULES, SMALL_TARGETS
from tests.browser.states import STATES, shown

# How wide the panel is; around it stands what Jira shows beside it.
WIDTHS = (320, 480, 720, 1200)
HEIGHT = 900
ZOOMED = (320, 256)  # what is left of 1280 x 1024 at 400 %


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_for_everybody(open_desk, state):
    desk = open_desk(width=1640)
    with shown(state, desk):
        for colour in ("light", "dark"):
            paint(desk, colour)
            for width in WIDTHS:
                desk.fit(width, HEIGHT)
                assert violations(desk) == [], (colour, width)
                assert desk.frame.evaluate(OVERHANG) == [], (colour, width)
                assert desk.frame.evaluate(SMALL_TARGETS) == [], (colour, width)
        for direction in ("ltr", "rtl"):
            desk.frame.evaluate("(dir) => { document.documentElement.dir = dir; }", direction)
            for size in ((320, HEIGHT), ZOOMED):
                desk.fit(*size)
                assert desk.frame.evaluate(OVERHANG) == [], (direction, size)
                assert desk.frame.evaluate(SMALL_TARGETS) == [], (direction, size)


def violations(desk):
    return [each["id"] for each in Axe().run(desk.frame, options=RULES).response["violations"]]


def paint(desk, colour):
    """The host switches its colours as a user does."""
    if desk.frame.evaluate("document.documentElement.dataset.colorMode") != colour:
        desk.page.get_by_role("button", name=colour.title()).click()
    expect(desk.inside.locator("html")).to_have_attribute("data-color-mode", colour)
    # Buttons take their colours a little later.
    desk.frame.evaluate("Promise.all(document.getAnimations().map(each => each.finished))")
