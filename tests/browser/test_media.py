"""Every kind of message in the panel: files both ways, images in full size, quotes."""

import json
import re
from io import BytesIO

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from tests.browser.phone import Phone
from tests.browser.rules import OVERHANG, RULES, SMALL_TARGETS

# The phone that is open in another tab may read it at once.
ARRIVED = re.compile("delivered|read")
NOTE = {"name": "terms.txt", "mimeType": "text/plain", "buffer": b"No returns."}


@pytest.fixture
def talked(open_desk, product, customer):
    """A desk with the request of a customer who has sent two photos, and the customer's phone."""
    phone = Phone(open_desk().page, product, customer.number).open()
    phone.write("Hello")
    for _time in range(2):
        phone.attach("A photo")
    desk = open_desk().open(customer)
    expect(desk.inside.locator(".shot")).to_have_count(2)
    return desk, phone


@pytest.fixture
def desk(talked):
    return talked[0]


def photo():
    made = BytesIO()
    Image.new("RGB", (300, 200), "navy").save(made, "PNG")
    return {"name": "lights.png", "mimeType": "image/png", "buffer": made.getvalue()}


def hand_over(desk, how, name="pasted.png", kind="image/png"):
    """Paste or drop a file, as the browser says it."""
    desk.box.evaluate(
        """async (box, [how, name, type, bytes]) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], name, { type }));
          const event = how === "paste"
            ? new ClipboardEvent(how, { clipboardData: data, bubbles: true, cancelable: true })
            : new DragEvent(how, { dataTransfer: data, bubbles: true, cancelable: true });
          box.dispatchEvent(event);
        }""",
        [how, name, kind, list(photo()["buffer"])],
    )


def test_image_opens_in_full_size_and_escape_leads_back(desk):
    shots = desk.inside.locator(".shot")
    shots.first.click()
    viewer = desk.inside.locator("#viewer")
    expect(viewer).to_be_visible()
    expect(viewer.get_by_role("button", name="Previous")).to_have_attribute("aria-disabled", "true")

    desk.page.keyboard.press("ArrowRight")
    shown = viewer.locator("img")
    expect(shown).to_have_attribute("data-file", shots.last.get_attribute("data-file"))
    shown.evaluate("image => image.decode()")
    before = shown.bounding_box()["width"]
    desk.page.keyboard.press("+")
    assert shown.bounding_box()["width"] > before
    desk.page.keyboard.press("Escape")

    expect(viewer).to_be_hidden()
    expect(shots.last).to_be_focused()


def test_thread_ends_with_its_newest_message_once_its_photos_are_there(desk, customer):
    desk.open(customer)
    for shot in desk.inside.locator(".shot img").all():
        shot.evaluate("image => image.decode()")

    log = desk.inside.locator("#log")
    left = "log => Math.round(log.scrollHeight - log.scrollTop - log.clientHeight)"
    assert log.evaluate("log => log.scrollHeight > log.clientHeight")
    assert log.evaluate(left) == 0


def test_image_can_be_saved_from_the_viewer(desk):
    desk.inside.locator(".shot").first.click()

    with desk.page.expect_download() as download:
        desk.inside.locator("#viewer").get_by_role("button", name="Download").click()
    assert download.value.path().stat().st_size > 0


def test_address_that_has_run_out_is_asked_for_anew(desk):
    image = desk.inside.locator(".shot img").first
    image.evaluate("image => { image.src = '/panel/files/run-out/'; }")

    expect(image).not_to_have_attribute("src", "/panel/files/run-out/")
    image.evaluate("image => image.decode()")


def test_thumbnails_move_nothing_when_they_come(desk, customer):
    desk.page.context.route("**/panel/files/**", lambda route: None)
    desk.open(customer)

    box = desk.inside.locator(".shot img").first.bounding_box()
    assert min(box["width"], box["height"]) > 48
    desk.page.context.unroute_all(behavior="ignoreErrors")


def test_files_go_with_the_message(talked):
    desk, phone = talked
    desk.inside.locator("#files").set_input_files([photo(), NOTE])
    waiting = desk.inside.locator("#uploads li[data-upload]")
    expect(waiting).to_have_count(2)
    expect(desk.counter).to_have_text("0/1024")
    desk.send("Here they are")

    expect(waiting).to_have_count(0)
    expect(desk.row("Here they are")).to_have_attribute("data-kind", "image")
    expect(desk.row("terms.txt")).to_have_attribute("data-status", ARRIVED)
    expect(phone.row("Here they are")).to_be_visible()


def test_waiting_files_survive_a_reload_and_can_be_removed(desk, customer):
    desk.inside.locator("#files").set_input_files(NOTE)
    expect(desk.inside.locator("#uploads li[data-upload]")).to_have_count(1)
    desk.open(customer)
    waiting = desk.inside.locator("#uploads li[data-upload]")
    expect(waiting).to_contain_text("terms.txt")

    desk.button("Remove terms.txt").click()

    expect(waiting).to_have_count(0)
    expect(desk.open(customer).inside.locator("#uploads li")).to_have_count(0)


@pytest.mark.parametrize("how", ["paste", "drop"])
def test_file_is_pasted_or_dropped(desk, how):
    hand_over(desk, how)

    waiting = desk.inside.locator("#uploads li[data-upload]")
    expect(waiting).to_contain_text("pasted.png")
    expect(waiting.locator("img")).to_be_visible()
    expect(desk.button("Remove pasted.png")).to_be_visible()


def test_dragging_a_file_over_the_panel_says_where_it_goes(desk):
    hand_over(desk, "dragover")

    expect(desk.inside.get_by_text("Drop to attach")).to_be_visible()
    hand_over(desk, "drop")
    expect(desk.inside.get_by_text("Drop to attach")).to_be_hidden()


def test_sms_carries_text_only(desk, customer):
    customer.writes("sms", "And here")
    expect(desk.row("And here")).to_be_visible()
    uploads = []
    desk.page.on("request", lambda request: uploads.append(request.url))
    desk.inside.locator("#from").select_option(label="385951006719 SMS")
    attach = desk.inside.locator("#attach")
    expect(attach).to_have_attribute("aria-disabled", "true")
    hand_over(desk, "paste")

    expect(desk.inside.locator("#refusal")).to_have_text("SMS carries text only")
    assert [url for url in uploads if url.endswith("/uploads")] == []


def test_too_large_and_forbidden_files_are_refused_before_they_are_uploaded(desk):
    uploads = []
    desk.page.on("request", lambda request: uploads.append(request.url))
    large = {**photo(), "buffer": b"\0" * (5 * 1024 * 1024 + 1)}
    desk.inside.locator("#files").set_input_files(large)
    refusal = desk.inside.locator("#refusal")
    expect(refusal).to_have_text("“lights.png” is too large: at most 5 MB.")

    images_only = json.dumps([{"types": ["image/png"], "largest": 1024}])
    options = desk.inside.locator("#from option")
    options.evaluate_all(
        "(all, files) => all.forEach((o) => (o.dataset.files = files))", images_only
    )
    desk.inside.locator("#files").set_input_files(NOTE)
    expect(refusal).to_have_text("Files like “terms.txt” cannot be sent here.")
    expect(desk.inside.locator("#uploads li")).to_have_count(0)
    assert [url for url in uploads if url.endswith("/uploads")] == []


def test_file_that_is_refused_after_a_pause_is_not_lost_without_a_word(desk):
    held = []

    def hold(route):
        held.append(route)

    desk.page.context.route("**/uploads", hold)
    with desk.page.expect_request("**/uploads"):
        desk.inside.locator("#files").set_input_files(NOTE)
    desk.button("Pause conversation").click()
    desk.expect_state("paused")

    held[0].continue_()

    expect(desk.inside.locator("#refused")).to_contain_text("This conversation is not active.")


def test_refused_message_gives_its_files_and_its_quote_back(desk):
    desk.inside.locator("#files").set_input_files(NOTE)
    expect(desk.inside.locator("#uploads li[data-upload]")).to_have_count(1)
    desk.row("Hello").hover()
    desk.row("Hello").get_by_role("button", name="Reply to this message").click()
    desk.page.context.route("**/messages", lambda route: route.fulfill(status=500))
    desk.send("Keep all of it")

    expect(desk.box).to_have_value("Keep all of it")
    expect(desk.inside.locator("#uploads li[data-upload]")).to_have_count(1)
    expect(desk.inside.locator("#quoting")).to_contain_text("Hello")


def test_quote_stands_above_the_box_and_leads_to_its_message(talked):
    desk, phone = talked
    desk.row("Hello").hover()
    desk.row("Hello").get_by_role("button", name="Reply to this message").click()
    expect(desk.inside.locator("#quoting")).to_contain_text("Hello")
    expect(desk.box).to_be_focused()
    desk.send("Good morning")

    row = desk.row("Good morning")
    expect(row).to_have_attribute("data-status", ARRIVED)
    expect(desk.inside.locator("#quoting")).to_be_hidden()
    row.get_by_role("button", name="Hello").click()
    expect(desk.row("Hello").first).to_be_focused()
    expect(phone.row("Good morning")).to_contain_text("Hello")


def test_quote_can_be_removed(desk):
    desk.row("Hello").hover()
    desk.row("Hello").get_by_role("button", name="Reply to this message").click()
    desk.button("Remove the quote").click()

    expect(desk.inside.locator("#quoting")).to_be_hidden()
    desk.send("Good morning")
    expect(desk.row("Good morning")).not_to_contain_text("Hello")


@pytest.mark.parametrize("colour", ["light", "dark"])
def test_everybody_can_use_it(talked, colour):
    desk, phone = talked
    for name in ("A video", "Voice note", "Sticker"):
        phone.attach(name)
    desk.inside.locator("#files").set_input_files([photo(), NOTE])
    expect(desk.inside.locator("#uploads li[data-upload]")).to_have_count(2)
    expect(desk.inside.locator("video, audio")).to_have_count(2)
    if colour == "dark":
        desk.page.get_by_role("button", name="Dark").click()
        expect(desk.inside.locator("html")).to_have_attribute("data-color-mode", "dark")

    for dialog in (False, True):
        if dialog:
            desk.inside.locator(".shot").first.click()
        found = Axe().run(desk.frame, options=RULES)
        assert [violation["id"] for violation in found.response["violations"]] == []


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_nothing_sticks_out_of_a_narrow_panel(talked, direction):
    desk, phone = talked
    phone.attach("Voice note")
    desk.inside.locator("#files").set_input_files([photo(), NOTE])
    expect(desk.inside.locator("#uploads li[data-upload]")).to_have_count(2)
    desk.page.set_viewport_size({"width": 352, "height": 980})
    desk.frame.evaluate("direction => { document.documentElement.dir = direction; }", direction)

    assert desk.frame.evaluate(OVERHANG) == []
    assert desk.frame.evaluate(SMALL_TARGETS) == []


def test_more_than_ten_files_are_not_even_uploaded(desk):
    desk.inside.locator("#files").set_input_files([NOTE] * 11)

    expect(desk.inside.locator("#refusal")).to_contain_text("Up to 10 files go at a time.")
    expect(desk.inside.locator("#uploads li[data-upload]")).to_have_count(10)
