"""`make screenshots`: pictures of the panel in every state and of the console, for the guides.

Name some of them to take only those: `make screenshots ARGS="paused chooser audit-log"`.
"""

import io
import sys

from PIL import Image
from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import FLAGS
from tests.browser.desk import WATCH_POLICY, Desk, Product
from tests.browser.states import STATES
from tests.local_run import ROOT, local_run
from tests.plugin import chromium
from tests.screenshots import console
from tests.screenshots.scenes import SCENES, Picture, staged

FOLDER = ROOT / "docs" / "images"
WINDOW = {"width": 1130, "height": 1120}
ZONE = "Europe/Zagreb"  # as the agents' in the sandbox's Jira
COLOURS = ("light", "dark")
PATIENCE = 30_000  # milliseconds
PICTURES = {state: Picture(state) for state in STATES} | SCENES


def main():
    wanted = sys.argv[1:] or [*PICTURES, *console.PICTURES]
    unknown = set(wanted) - set(PICTURES) - set(console.PICTURES)
    if unknown:
        sys.exit(f"There is no picture {', '.join(sorted(unknown))}.")
    if not chromium():
        sys.exit("Chromium is needed for pictures: apt-get install chromium.")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        if of_panel := [name for name in wanted if name in PICTURES]:
            take_panel(browser, of_panel)
        if of_console := [name for name in wanted if name in console.PICTURES]:
            with local_run() as run:  # of its own: its figures are those of its week
                console.take(run, browser, of_console, keep)


def take_panel(browser, names):
    with local_run() as run:
        product = Product(run.described, run.state)
        for name in names:
            take(browser, product, name)


def take(browser, product, name):
    context = browser.new_context(viewport=WINDOW, device_scale_factor=2, timezone_id=ZONE)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(WATCH_POLICY)
    desk = Desk(context.new_page(), product)
    picture = PICTURES[name]
    with staged(picture, desk) as scene:
        for colour in COLOURS:
            paint(desk, colour)
            taken = picture.aim(scene).screenshot(animations="disabled")
            keep(taken, "panel", name, colour)
    for each in browser.contexts:
        each.close()


def paint(desk, colour):
    button = desk.page.get_by_role("button", name=f"Use {colour} theme")
    if button.is_visible():
        button.click()
    expect(desk.inside.locator("html")).to_have_attribute("data-color-mode", colour)


def keep(picture, of, name, colour):
    """Store with a palette: a third of the bytes, and no eye sees it."""
    path = FOLDER / of / f"{name}-{colour}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(colors=256, dither=Image.Dither.NONE).save(path, optimize=True)
    sys.stdout.write(f"{path.name}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
