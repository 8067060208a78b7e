"""What a WhatsApp message may hold, by kind: its bounds, its words, the file it names."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.infobip.validation import Fields

LONGEST_CAPTION = 3000
LONGEST_NAME = 240
LONGEST_BODY = 1024
LONGEST_PLACE = 1000
MOST_ROWS = 10
LINK = re.compile(r"https?://")
BIRTHDAY = re.compile(r"\d{4}-\d{2}-\d{2}")
PHONE_TYPES = ("CELL", "MAIN", "IPHONE", "HOME", "WORK")
PLACE_TYPES = ("HOME", "WORK")


@dataclass(frozen=True)
class Content:
    """`text` is what a phone shows as words, `media_kind` what the file has to be."""

    text: str = ""
    media_url: str = ""
    media_kind: str = ""


def _text(content: Fields) -> Content:
    text = content.text("text", 1, 4096, required=content.given)
    if content.value.get("previewUrl") is True and not LINK.search(text):
        content.violate("text", "must contain a URL starting with http:// or https://")
    return Content(text)


def _file(kind: str) -> Callable[[Fields], Content]:
    def read(content: Fields) -> Content:
        url = content.url("mediaUrl", required=True)
        caption = content.text("caption", 0, LONGEST_CAPTION)
        content.text("filename", 0, LONGEST_NAME)
        voice = kind == "audio" and content.value.get("voice") is True
        return Content(caption, url, "voice" if voice else kind)

    return read


def _location(content: Fields) -> Content:
    content.number("latitude", -90, 90, required=True)
    content.number("longitude", -180, 180, required=True)
    name = content.text("name", 0, LONGEST_PLACE)
    content.text("address", 0, LONGEST_PLACE)
    return Content(name)


def _contacts(content: Fields) -> Content:
    names = []
    for contact in content.list("contacts"):
        name = contact.object("name", required=True)
        name.text("firstName", 1, LONGEST_BODY, required=True)
        names.append(name.text("formattedName", 1, LONGEST_BODY, required=True))
        birthday = contact.text("birthday", 0, 10)
        if birthday and not BIRTHDAY.fullmatch(birthday):
            contact.violate("birthday", "must match YYYY-MM-DD")
        for kind, types in (
            ("phones", PHONE_TYPES),
            ("emails", PLACE_TYPES),
            ("addresses", PLACE_TYPES),
            ("urls", PLACE_TYPES),
        ):
            for each in contact.list(kind, required=False):
                if each.value.get("type") is not None:
                    each.choice("type", types)
    return Content(", ".join(names))


def _buttons(content: Fields) -> Content:
    body = _framed(content)
    buttons = content.object("action", required=True).list("buttons", 3)
    for button in buttons:
        button.choice("type", ("REPLY",))
        button.text("id", 1, 256, required=True)
        button.text("title", 1, 20, required=True)
    for name in ("id", "title"):
        if _repeated([button.value.get(name) for button in buttons]):
            content.violate("action.buttons", "ids and titles must be unique")
            break
    return body


def _list(content: Fields) -> Content:
    body = _framed(content, headers=("TEXT",))
    action = content.object("action", required=True)
    action.text("title", 1, 20, required=True)
    sections = action.list("sections", MOST_ROWS)
    rows = []
    for section in sections:
        section.text("title", 0, 24, required=len(sections) > 1)
        rows += section.list("rows")
    for row in rows:
        row.text("id", 1, 200, required=True)
        row.text("title", 1, 24, required=True)
        row.text("description", 0, 72)
    if not 1 <= len(rows) <= MOST_ROWS:
        content.violate("action.sections", f"number of rows must be between 1 and {MOST_ROWS}")
    if _repeated([row.value.get("id") for row in rows]):
        content.violate("action.sections", "ids must be unique")
    return body


def _url_button(content: Fields) -> Content:
    body = _framed(content)
    action = content.object("action", required=True)
    action.text("displayText", 1, 20, required=True)
    action.url("url", required=True)
    return body


def _framed(
    content: Fields, headers: tuple[str, ...] = ("TEXT", "IMAGE", "VIDEO", "DOCUMENT")
) -> Content:
    """Read the body with its optional header and footer."""
    text = content.object("body", required=True).text("text", 1, LONGEST_BODY, required=True)
    footer, header = content.object("footer"), content.object("header")
    if footer.given:
        footer.text("text", 1, 60, required=True)
    if not header.given:
        return Content(text)
    kind = header.choice("type", headers)
    if kind == "TEXT":
        header.text("text", 1, 60, required=True)
        return Content(text)
    header.text("filename", 0, LONGEST_NAME)
    return Content(text, header.url("mediaUrl", required=True), kind.lower())


def _repeated(values: list[object]) -> bool:
    return any(count > 1 for count in Counter(map(str, values)).values())


CONTENTS: dict[str, Callable[[Fields], Content]] = {
    "text": _text,
    "image": _file("image"),
    "document": _file("document"),
    "audio": _file("audio"),
    "video": _file("video"),
    "sticker": _file("sticker"),
    "location": _location,
    "contact": _contacts,
    "interactive/buttons": _buttons,
    "interactive/list": _list,
    "interactive/url-button": _url_button,
}
