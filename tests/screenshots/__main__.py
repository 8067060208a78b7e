"""`make screenshots`: pictures of the panel in every state, for the guide and the README.

Name some of them to take only those: `make screenshots ARGS="paused chooser"`.
"""

import io
import sys

from PIL import Image
from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import FLAGS
from tests.browser.desk import WATCH_POLICY, Desk, Product
from tests.browser.states import STATES, shown
from tests.local_run import ROOT, local_run
from tests.plugin import chromium
from tests.screenshots.scenes import SCENES

FOLDER = ROOT / "docs" / "images" / "panel"
WINDOW = {"width": 1130, "height": 980}
COLOURS = ("light", "dark")
PATIENCE = 30_000  # milliseconds


def main():
    wanted = sys.argv[1:] or [*STATES, *SCENES]
    unknown = set(wanted) - {*STATES, *SCENES}
    if unknown:
        sys.exit(f"There is no picture {', '.join(sorted(unknown))}.")
    if not chromium():
        sys.exit("Chromium is needed for pictures: apt-get install chromium.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE)
    with local_run() as run, sync_playwright() as playwright:
        product = Product(run.described, run.state)
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for name in wanted:
            for colour in COLOURS:
                take(browser, product, name, colour)


def take(browser, product, name, colour):
    context = browser.new_context(viewport=WINDOW, device_scale_factor=2)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(WATCH_POLICY)
    desk = Desk(context.new_page(), product)
    scene = SCENES.get(name)
    with shown(scene.state if scene else name, desk) as staged:
        paint(desk, colour)
        target = scene.play(staged) if scene else desk.page.locator("#panel-omnichat iframe")
        keep(target.screenshot(animations="disabled"), FOLDER / f"{name}-{colour}.png")
    context.close()
    sys.stdout.write(f"{name}, {colour}\n")


def paint(desk, colour):
    if colour == "dark":
        desk.page.get_by_role("button", name="Dark").click()
    expect(desk.inside.locator("html")).to_have_attribute("data-color-mode", colour)


def keep(picture, path):
    """Store with a palette: a third of the bytes, and no eye sees it."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(colors=256, dither=Image.Dither.NONE).save(path, optimize=True)


main()
