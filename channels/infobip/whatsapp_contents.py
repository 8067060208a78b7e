"""What of a message stands in a WhatsApp request, by kind: its path and its content.

Source: Infobip's WhatsApp OpenAPI document.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from channels.media_address import media_url
from conversations.contracts import MessageKind, OutgoingFile, OutgoingMessage
from conversations.errors import PermanentFailure

LONGEST_FILE_NAME = 240
LINKS = ("http://", "https://")

Content = dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """How a kind is sent: the end of its path, and what makes its content."""

    path: str
    content: Callable[[OutgoingMessage], Content]


def _text(message: OutgoingMessage) -> Content:
    # Asked for without a link, a preview is refused; whether one in capitals counts is not said.
    previewed = any(link in message.text for link in LINKS)
    return {"text": message.text} | ({"previewUrl": True} if previewed else {})


def _media(message: OutgoingMessage) -> Content:
    return {"mediaUrl": address_of(message)}


def _captioned(message: OutgoingMessage) -> Content:
    return _media(message) | _filled(caption=message.text)


def _document(message: OutgoingMessage) -> Content:
    return _captioned(message) | _filled(filename=file_name_of(message))


def _voice(message: OutgoingMessage) -> Content:
    return _media(message) | {"voice": True}


def _location(message: OutgoingMessage) -> Content:
    given = message.content
    return {
        "latitude": given["latitude"],
        "longitude": given["longitude"],
        **_filled(name=given.get("name"), address=given.get("address")),
    }


def _contacts(message: OutgoingMessage) -> Content:
    return {"contacts": [_contact(each) for each in message.content["contacts"]]}


def _contact(given: Mapping[str, Any]) -> Content:
    first, _, last = given["name"].partition(" ")
    organisation = given.get("organisation")
    return {
        "name": {"firstName": first, "formattedName": given["name"], **_filled(lastName=last)},
        **_filled(
            phones=[{"phone": phone} for phone in given.get("phones", [])],
            emails=[{"email": email} for email in given.get("emails", [])],
            org={"company": organisation} if organisation else None,
        ),
    }


def _buttons(message: OutgoingMessage) -> Content:
    buttons = message.content["buttons"]
    return _interactive(
        message,
        {"buttons": [{"type": "REPLY", "id": one["id"], "title": one["title"]} for one in buttons]},
    )


def _list(message: OutgoingMessage) -> Content:
    sections = [
        {**_filled(title=section.get("title")), "rows": [_row(row) for row in section["rows"]]}
        for section in message.content["sections"]
    ]
    return _interactive(message, {"title": message.content["button"], "sections": sections})


def _row(row: Mapping[str, Any]) -> Content:
    return {
        "id": row["id"],
        "title": row["title"],
        **_filled(description=row.get("description")),
    }


def _interactive(message: OutgoingMessage, action: Content) -> Content:
    footer = message.content.get("footer")
    return {
        "body": {"text": message.text},
        "action": action,
        **_filled(footer={"text": footer} if footer else None),
    }


def address_of(message: OutgoingMessage) -> str:
    """Return where Infobip fetches the message's file. Raises PermanentFailure without one."""
    return media_url(_file_of(message))


def file_name_of(message: OutgoingMessage) -> str:
    """Return the file's name, cut at its beginning: its end says what it is."""
    return _file_of(message).name[-LONGEST_FILE_NAME:]


def _file_of(message: OutgoingMessage) -> OutgoingFile:
    if message.file is None:
        raise PermanentFailure("The file is not there any more.", code="no-file")
    return message.file


def _filled(**fields: Any) -> Content:
    """Return the fields that have a value: Infobip refuses some of those that are empty."""
    return {name: value for name, value in fields.items() if value}


SHAPES = {
    MessageKind.TEXT: Shape("text", _text),
    MessageKind.IMAGE: Shape("image", _captioned),
    MessageKind.DOCUMENT: Shape("document", _document),
    MessageKind.AUDIO: Shape("audio", _media),
    MessageKind.VOICE: Shape("audio", _voice),
    MessageKind.VIDEO: Shape("video", _captioned),
    MessageKind.STICKER: Shape("sticker", _media),
    MessageKind.LOCATION: Shape("location", _location),
    MessageKind.CONTACT: Shape("contact", _contacts),
    MessageKind.REPLY_BUTTONS: Shape("interactive/buttons", _buttons),
    MessageKind.REPLY_LIST: Shape("interactive/list", _list),
}
