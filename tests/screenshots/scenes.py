"""What the guide shows beside the states: dialogs, menus and what happens between people."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Locator

from tests.browser.states import Scene


@dataclass(frozen=True)
class Picture:
    """Played in a state; `play` returns what the picture is taken of."""

    state: str
    play: Callable[[Scene], Locator]


def chooser(scene):
    scene.desk.button("Use a template").click()
    scene.desk.inside.locator("#found .choice").first.click()
    return _frame(scene)


SCENES = {
    "chooser": Picture("active", chooser),
}


def _frame(scene):
    return scene.desk.page.locator("#panel-omnichat iframe")
