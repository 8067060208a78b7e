"""The guides as they are read: reached from panel and console, on any screen, in any colours."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.rules import RULES

OVERHANG = """() => [...document.querySelectorAll("body *")]
  .filter((child) => {
    const { left, right, width } = child.getBoundingClientRect();
    return width && (left < -1 || right > innerWidth + 1);
  }).map((child) => child.outerHTML.slice(0, 80))"""


def test_help_opens_the_guide_where_it_helps(desk, product, customer):
    customer.writes("sms", "Hello")
    desk.open(customer)
    desk.button("Pause conversation").click()
    desk.expect_state("paused")

    with desk.page.expect_popup() as opened:
        desk.inside.get_by_role("link", name="Help").click()

    guide = opened.value
    assert guide.url == f"{product.app}/guide/agents/#pause-resume-move-here"
    expect(guide.get_by_role("heading", name="Pause, resume, Move here")).to_be_in_viewport()


def test_console_leads_to_its_guide(open_console, product):
    console = open_console("auditor")

    guide = console.page.locator("header a[href*='/guide/']").get_attribute("href")

    assert guide == f"{product.app}/guide/admins/"


@pytest.mark.parametrize("colour", ["light", "dark"])
@pytest.mark.parametrize(("guide", "first"), [("agents", "conversation"), ("admins", "overview")])
def test_everybody_can_read_it(desk, product, colour, guide, first):
    desk.page.emulate_media(color_scheme=colour)
    desk.page.goto(f"{product.app}/guide/{guide}/")
    picture = desk.page.get_by_role("img").first
    assert picture.evaluate("image => image.decode().then(() => image.currentSrc)").endswith(
        f"{first}-{colour}.png"
    )

    found = Axe().run(desk.page, options=RULES).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    for width in (320, 1200):
        desk.page.set_viewport_size({"width": width, "height": 900})
        assert desk.page.evaluate(OVERHANG) == []
