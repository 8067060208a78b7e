"""The console's frame in the browser: by keyboard, on a narrow screen, in the reader's colours."""

import pytest
from playwright.sync_api import expect

NARROW = 360
SURFACE = "() => getComputedStyle(document.body).backgroundColor"
LIGHT, DARK = "rgb(255, 255, 255)", "rgb(31, 31, 33)"


@pytest.mark.browser
def test_frame_is_worked_by_keyboard(open_console):
    page = open_console().open("conversations/sender/")

    page.keyboard.press("Tab")
    expect(page.locator(".skip-to-content-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content-start")).to_be_focused()

    page.set_viewport_size({"width": NARROW, "height": 900})
    navigation = page.locator("#nav-sidebar")
    expect(navigation).to_be_hidden()
    page.get_by_role("button", name="Navigation").press("Enter")
    page.keyboard.press("Tab")
    expect(navigation.get_by_role("link", name="Overview")).to_be_focused()
    page.keyboard.press("Escape")
    expect(navigation).to_be_hidden()
    expect(page.get_by_role("button", name="Navigation")).to_be_focused()


@pytest.mark.browser
def test_colours_are_the_readers_choice_and_stay(open_console):
    console = open_console()
    page = console.open()
    console.paint("dark")
    assert page.evaluate(SURFACE) == DARK

    page.locator("button.theme-toggle").click()
    assert page.evaluate(SURFACE) == LIGHT
    page.reload()
    assert page.evaluate(SURFACE) == LIGHT


@pytest.mark.browser
def test_refused_form_shows_first_what_is_wrong(open_console):
    page = open_console().open("conversations/sender/add/")
    page.get_by_label("Channel").select_option("sms")
    page.get_by_label("Number").fill("not a number!")
    page.get_by_role("button", name="Save", exact=True).click()

    summary = page.locator(".errornote")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Number").click()
    expect(page.get_by_label("Number")).to_be_focused()
    expect(page.get_by_label("Number")).to_have_value("not a number!")
