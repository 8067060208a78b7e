"""What the guide shows beside the states: dialogs, people, languages, and a day's conversation."""

import base64
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
from playwright.sync_api import Locator, expect

from tests.browser.desk import Customer, Desk
from tests.browser.states import Scene, shown
from tests.local_run import ROOT

PHOTO = ROOT / "sandbox" / "phones" / "static" / "samples" / "photo.jpg"
INVOICE = (PHOTO.parent / "invoice.pdf").read_bytes()
CROATIAN = (
    "Hvala na strpljenju, Marko. Zamjenski router šaljemo danas kurirskom službom i stiže sutra "
    "do 12:00. Broj pošiljke poslat ću čim ga dobijem. Stari uređaj samo predajte kuriru \u2013 "
    "hvala i lijep dan!"
)
QUOTED = (
    "Your “new” router comes tomorrow \u2013 before noon. The courier takes the old one with him."
)
LONG = (
    "Dobar dan! Šaljemo Vam upute za zamjenu uređaja. Isključite stari router iz struje, odspojite "
    "žuti i sivi kabel i pričekajte jednu minutu. Zatim spojite žuti kabel u priključak WAN na "
    "novom uređaju, a sivi u priključak LAN 1. Uključite uređaj i pričekajte da prva lampica "
    "svijetli zeleno, to može trajati do deset minuta. "
) * 2


def frame(scene):
    """The panel in its tab."""
    return scene.desk.page.locator("#panel-omnichat iframe")


@dataclass(frozen=True)
class Picture:
    """What is shown, what is done there, and what the picture is then taken of."""

    state: str = ""
    play: Callable[[Scene], object] = lambda scene: None
    aim: Callable[[Scene], Locator] = frame


@contextmanager
def staged(picture: Picture, desk: Desk):
    if not picture.state:
        scene = Scene(desk, desk.product)
        picture.play(scene)
        yield scene
        return
    with shown(picture.state, desk) as scene:
        picture.play(scene)
        yield scene


def conversation(scene):
    """A day of a real request, as large as on a large screen."""
    scene.desk.page.set_viewport_size({"width": 1180, "height": 1440})
    scene.customer = Customer(scene.product, "385991903327", scene.name)
    colleague(scene)
    frame(scene).evaluate("frame => { frame.style.blockSize = '930px'; }")
    _open_beside(scene)


def colleague(scene):
    """Another agent looks and writes as well."""
    _photographed(scene)
    scene.customer.writes("sms", "I am at home until noon 👍 When can you replace it?")
    expect(scene.desk.counter).to_contain_text("SMS")
    scene.desk.write(CROATIAN)
    expect(scene.desk.counter).to_contain_text("61/67")
    expect(scene.desk.inside.locator("#saved")).to_contain_text("Draft saved")
    scene.colleague = _colleague(scene)


def with_colleague(scene):
    """They are writing for as long as it takes."""
    scene.colleague.box.press_sequentially("Hello", delay=20)
    expect(scene.desk.inside.locator("#presence .writing")).to_be_visible()
    return frame(scene)


def page_with_colleague(scene):
    with_colleague(scene)
    return scene.desk.page.locator("body")


def chooser(scene):
    _fetch_templates(scene)
    _photographed(scene)
    dialog = _chooser(scene)
    dialog.get_by_role("searchbox").fill("request")
    dialog.locator(".choice", has_text="there is news about").click()
    expect(dialog.locator(".preview mark").first).to_be_visible()
    values = ("Marko", scene.desk.key, "a new router is on its way")
    for field, value in zip(dialog.locator("input[required]").all(), values, strict=False):
        field.fill(value)


def canned_reply(scene):
    scene.talk()
    dialog = _chooser(scene)
    dialog.locator(".choice", has_text="Greeting").click()
    expect(dialog.locator(".preview mark").first).to_be_visible()


def settings(scene):
    scene.talk()
    scene.desk.button("Your settings").click()
    expect(scene.desk.inside.locator("#settings")).to_be_visible()


def emoji(scene):
    scene.talk()
    scene.desk.write("It is on its way ")
    scene.desk.button("Insert an emoji").click()
    expect(scene.desk.inside.locator("#emoji")).to_be_visible()


def search(scene):
    _photographed(scene)
    scene.desk.button("Search this conversation").click()
    scene.desk.inside.locator("#searched").fill("router")
    expect(scene.desk.inside.locator(".find").first).to_be_visible()


def question(scene):
    """A colleague has answered what this agent was writing about."""
    scene.talk()
    scene.desk.write("It comes today before noon.")
    expect(scene.desk.inside.locator("#saved")).to_contain_text("Draft saved")
    _colleague(scene).send("Good news: the courier comes at eleven.")
    expect(scene.desk.row("the courier comes")).to_have_attribute("data-status", "delivered")
    scene.desk.button("Send Message").click()
    expect(scene.desk.inside.locator("#ask")).to_contain_text("Send anyway?")


def parts(scene):
    scene.talk()
    scene.desk.send(LONG)
    expect(scene.desk.inside.locator("#ask")).to_contain_text("SMS parts")


def plain(scene):
    scene.talk()
    scene.desk.write(QUOTED)
    expect(scene.desk.inside.locator("#offer")).to_be_visible()


def viewer(scene):
    _photographed(scene)
    scene.desk.inside.locator(".shot").first.click()
    image = scene.desk.inside.locator("#viewer img")
    expect(image).to_be_visible()
    image.evaluate("image => image.decode()")


def moving(scene):
    scene.desk.button("Move here").click()
    expect(scene.desk.inside.locator("#moving")).to_be_visible()


def quote(scene):
    scene.talk()
    liked = {"emoji": "👍", "to": _newest_sent(scene)}
    scene.customer.writes("whatsapp", "", type="reaction", reaction=liked)
    expect(scene.desk.row("Good morning").locator(".reaction")).to_be_visible()
    scene.customer.writes("whatsapp", "Only the third light is red, is that important?")
    row = scene.desk.row("third light")
    row.hover()
    row.get_by_role("button", name="Reply to this message").click()
    scene.desk.write("Thank you! Then it is the power supply.")


def files(scene):
    _photographed(scene)
    made = {"name": "router.jpg", "mimeType": "image/jpeg", "buffer": PHOTO.read_bytes()}
    sheet = {"name": "How to connect it.pdf", "mimeType": "application/pdf", "buffer": INVOICE}
    scene.desk.inside.locator("#files").set_input_files([made, sheet])
    expect(scene.desk.inside.locator("#uploads li[data-upload]")).to_have_count(2)
    scene.desk.write("This is how the cables go.")


def buttons(scene):
    _photographed(scene)
    scene.desk.button("More to send").click()
    menu = scene.desk.inside.locator("#more-menu")
    menu.get_by_role("button", name="Reply buttons").click()
    dialog = scene.desk.inside.locator("#rich")
    dialog.get_by_label("Text *", exact=True).fill("When may the courier come?")
    dialog.get_by_label("Button 1 *", exact=True).fill("Today")
    dialog.get_by_label("Button 2", exact=True).fill("Tomorrow")


def unread(scene):
    _photographed(scene)
    scene.desk.page.goto("about:blank")
    scene.customer.writes("sms", "I am at home until noon 👍 When can you replace it?")
    scene.desk.open(scene.customer)
    scene.desk.inside.locator("#jump").click()


def narrow(scene):
    scene.desk.page.set_viewport_size({"width": 392, "height": 980})
    _photographed(scene)
    scene.desk.write("Thank you! A new one arrives tomorrow.")


def spoken_by(who):
    def play(scene):
        _photographed(scene)
        scene.desk.visit(f"/browse/{scene.desk.key}", **{"as": who})
        expect(scene.desk.row("Like this").locator(".shot img")).to_be_visible()
        scene.desk.inside.locator("#jump").click()

    return play


def _photographed(scene):
    desk, customer = scene.desk, scene.customer
    yesterday = datetime.now(UTC) - timedelta(hours=18, minutes=48)
    customer.wrote_on_whatsapp(
        "Hi, my router has been restarting every hour since the weekend. Order 4471.", yesterday
    )
    customer.wrote_on_whatsapp(
        "I already tried another power socket.", yesterday + timedelta(minutes=1)
    )
    desk.open(customer)
    desk.send("Good morning, Marko. Could you send a photo of the lights on the front?")
    expect(desk.row("Good morning")).to_have_attribute("data-status", "delivered")
    customer.reads()
    customer.writes(
        "whatsapp",
        "Like this, the third one stays red.",
        type="image",
        file={
            "name": "photo.jpg",
            "content_type": "image/jpeg",
            "base64": base64.b64encode(PHOTO.read_bytes()).decode(),
        },
        quotes=_newest_sent(scene),
    )
    image = desk.row("Like this").locator(".shot img")
    expect(image).to_be_visible()
    image.evaluate("image => image.decode()")
    expect(desk.page.get_by_role("heading", name="Attachments")).to_be_visible()


def _newest_sent(scene):
    told = {"to": scene.customer.number, "channel": "whatsapp"}
    sent = httpx.get(f"{scene.product.infobip}/_sandbox/messages", params=told).json()
    return sent["messages"][-1]["message_id"]


def _colleague(scene, who="ivan"):
    """Another agent at another desk, with the same request."""
    context = scene.desk.page.context.browser.new_context()
    desk = Desk(context.new_page(), scene.product)
    desk.visit(f"/browse/{scene.desk.key}", **{"as": who})
    expect(desk.box).to_be_visible()
    return desk


def _open_beside(scene):
    scene.desk.side.locator("summary").click()
    expect(scene.desk.beside.get_by_role("button", name="Save changes")).to_be_visible()


def _chooser(scene):
    scene.desk.button("Use a template").click()
    dialog = scene.desk.inside.locator("#chooser")
    expect(dialog.locator(".choice").first).to_be_visible()
    return dialog


def _fetch_templates(scene):
    """An admin has the console fetch the templates that WhatsApp has approved."""
    product, page = scene.product, scene.desk.page
    page.goto(product.console_url)
    page.fill("[name=username]", product.console_user)
    page.fill("[name=password]", product.console_password)
    page.press("[name=password]", "Enter")
    page.goto(f"{product.console_url}conversations/messagetemplate/")
    page.get_by_role("button", name="Synchronise now").click()
    expect(page.locator(".messagelist")).to_contain_text("templates")


SCENES = {
    "conversation": Picture("", conversation, page_with_colleague),
    "colleague": Picture("", colleague, with_colleague),
    "chooser": Picture("", chooser),
    "canned-reply": Picture("", canned_reply),
    "settings": Picture("", settings),
    "emoji": Picture("", emoji),
    "search": Picture("", search),
    "question": Picture("", question),
    "parts": Picture("", parts),
    "plain": Picture("", plain),
    "viewer": Picture("", viewer),
    "moving": Picture("other-active", moving),
    "quote": Picture("", quote),
    "files": Picture("", files),
    "buttons": Picture("", buttons),
    "unread": Picture("", unread),
    "narrow": Picture("", narrow),
    "beside": Picture("active", _open_beside, lambda scene: scene.desk.side),
    "croatian": Picture("", spoken_by("mia")),
    "german": Picture("", spoken_by("jonas")),
}
