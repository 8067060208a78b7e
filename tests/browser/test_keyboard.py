"""The keyboard alone: an agent comes in, reads, answers, sends again, picks a template, pauses."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.usefixtures("templates")

MOST_STOPS = 60
# The stop where the keyboard is: what it is called, where it is, and whether one sees it.
STOP = """() => {
  const stop = document.activeElement;
  const { x, y, width, height } = stop.getBoundingClientRect();
  const over = document.elementFromPoint(x + width / 2, y + height / 2);
  const ringed = (part) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(part);
    return outlineStyle !== "none" && outlineWidth !== "0px" || boxShadow !== "none";
  };
  return {
    inside: document.hasFocus() && stop !== document.body,
    id: stop.id,
    name: stop.ariaLabel ?? stop.labels?.[0]?.textContent.trim() ?? stop.textContent.trim(),
    row: stop.closest("#log .row")?.id ?? "",
    seen: [stop, stop.closest(".pick, .box"), stop.querySelector(":scope > article .bub")]
      .some((part) => part && ringed(part)),
    covered: !(over && (stop.contains(over) || over.contains(stop))),
  };
}"""


@pytest.fixture
def keys(desk, unreachable_customer):
    """Ana's hands on the keyboard, before a request whose customer's phone is off."""
    unreachable_customer.writes("sms", "Hello")
    unreachable_customer.writes("whatsapp", "And here")
    desk.open(unreachable_customer)
    expect(desk.rows).to_have_count(2)
    return Keys(desk)


class Keys:
    def __init__(self, desk):
        self.desk, self.press, self.type = desk, desk.page.keyboard.press, desk.page.keyboard.type

    @property
    def stop(self):
        return self.desk.frame.evaluate(STOP)

    def go_to(self, wanted, key="Tab"):
        """Press a key until the keyboard is there; each place on the way can be seen."""
        for _stop in range(MOST_STOPS):
            self.press(key)
            stop = self.stop
            if stop["inside"]:
                assert (stop["seen"], stop["covered"]) == (True, False), stop
            if stop["inside"] and wanted(stop):
                return stop
        raise AssertionError("The keyboard does not come there")

    def walk(self, key):
        """All places from where the keyboard comes into the panel to where it leaves it."""
        stops = [self.go_to(lambda stop: stop["inside"], key)]
        while len(stops) < MOST_STOPS:
            self.press(key)
            if not self.stop["inside"]:
                break
            stops.append(self.stop)
        return stops


def called(name):
    return lambda stop: stop["name"] == name


def test_keyboard_alone_is_enough(keys, desk):
    keys.go_to(lambda stop: stop["row"])
    keys.press("Home")
    assert "Hello" in keys.stop["name"]
    keys.press("End")
    keys.go_to(called("Reply to this message"))
    keys.press("Enter")
    expect(desk.inside.locator("#quoting")).to_contain_text("And here")
    expect(desk.box).to_be_focused()
    keys.type("Good morning")
    keys.press("Control+Enter")
    answer = desk.row("Good morning")
    expect(answer).to_have_attribute("data-status", "failed")

    keys.press("ArrowUp")
    assert "Good morning" in keys.stop["name"]
    keys.go_to(called("Resend"))
    keys.press("Enter")
    expect(answer).to_contain_text("attempt 2")
    expect(answer).to_have_attribute("data-status", "failed")
    assert keys.stop["row"] == answer.get_attribute("id")

    keys.press("Escape")
    expect(desk.box).to_be_focused()
    keys.press("/")
    chooser = desk.inside.locator("#chooser")
    expect(chooser.get_by_role("searchbox")).to_be_focused()
    keys.type("{{1}}")
    expect(chooser.locator("#found")).to_contain_text("{{1}}")
    keys.go_to(lambda stop: "{{1}}" in stop["name"], key="ArrowDown")
    keys.press("Enter")
    expect(chooser.locator(".preview")).to_be_visible()
    while chooser.get_by_role("button", name="Send template").get_attribute("aria-disabled") == (
        "true"
    ):
        keys.type("Friday")
        keys.press("Tab")
    keys.go_to(called("Send template"))
    keys.press("Enter")
    expect(desk.row("Friday")).to_have_attribute("data-kind", "template")
    expect(chooser).to_be_hidden()

    keys.go_to(called("Pause conversation"))
    keys.press("Enter")
    desk.expect_state("paused")
    expect(desk.button("Resume")).to_be_focused()
    keys.press("Enter")
    desk.expect_state("active")
    expect(desk.box).to_be_focused()


@pytest.mark.parametrize("size", [(1130, 980), (320, 256)])
def test_keyboard_is_nowhere_caught_nor_out_of_sight(keys, desk, size):
    desk.fit(*size)

    forth = keys.walk("Tab")
    back = keys.walk("Shift+Tab")

    assert [stop["name"] for stop in back] == [stop["name"] for stop in reversed(forth)]
    assert {"Search this conversation", "From:", "To:"} <= {stop["name"] for stop in forth}
    assert [stop["name"] for stop in forth][-1] == "Send Message"
    assert [stop for stop in forth + back if stop["covered"] or not stop["seen"]] == []
