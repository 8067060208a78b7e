"""A message as a phone shows it: what it carries, whom it answers, and how far it came."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.phones.templates import dressed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.infobip.ledger import Message
    from sandbox.infobip.media import Media
    from sandbox.infobip.service import Infobip

MEDIA_PATH = re.compile(r"/media/([0-9a-f-]{36})$")
SUMMARIES = {
    "image": "Photo",
    "video": "Video",
    "audio": "Audio",
    "voice": "Voice message",
    "document": "Document",
    "sticker": "Sticker",
    "location": "Location",
    "contact": "Contact",
    "order": "Order",
    "flow": "Form",
    "payment": "Payment",
    "infected": "A file with malware",
    "unsupported": "A message of a kind of its own",
}


def bubbles(infobip: Infobip, messages: Iterable[Message]) -> list[dict[str, Any]]:
    """Return what a thread shows; a reaction is shown on the message it is about."""
    shown = [message for message in messages if message.kind != "reaction"]
    by_id = {message.message_id: message for message in shown}
    answered = {message.quotes for message in shown if message.kind == "button"}
    return [
        _bubble(infobip, message, by_id.get(message.quotes))
        | {"answered": message.message_id in answered}
        for message in shown
    ]


def media_of(infobip: Infobip, message: Message) -> Media | None:
    """Return the file of a message, where Infobip has it."""
    found = MEDIA_PATH.search(str(message.content.get("url") or ""))
    media_id = found.group(1) if found else message.media_id
    return infobip.media.get(media_id) if media_id else None


def _bubble(infobip: Infobip, message: Message, quoted: Message | None) -> dict[str, Any]:
    mine = message.direction == "in"
    voice = not mine and message.content.get("voice") is True
    bubble = {
        "id": message.number,
        "message_id": message.message_id,
        "direction": "mine" if mine else "theirs",
        "kind": "voice" if voice else message.kind,
        "text": message.text,
        "at": message.at,
        "state": _state_of_mine(message) if mine else message.state,
        "reaction": message.reaction,
        "quoted": _quote(message, quoted),
        "file": _file(infobip, message),
    }
    return bubble | (_carried(message.content) if mine else _sent(infobip, message))


def _state_of_mine(message: Message) -> str:
    if message.read_at:
        return "read"
    return "sent" if message.taken_at else "sending"


def _quote(message: Message, quoted: Message | None) -> dict[str, Any] | None:
    if not message.quotes:
        return None
    if quoted is None:
        return {"mine": False, "text": "A message that is not on this phone", "id": None}
    text = quoted.text or SUMMARIES.get(quoted.kind, "Message")
    return {"mine": quoted.direction == "in", "text": text, "id": quoted.number}


def _file(infobip: Infobip, message: Message) -> dict[str, Any] | None:
    media = media_of(infobip, message)
    if media is None:
        return None
    return {
        "url": f"/media/{message.number}",
        "name": message.content.get("filename") or media.name or "",
        "type": media.content_type,
        "size": media.size,
    }


def _carried(content: dict[str, Any]) -> dict[str, Any]:
    """What else a message has in it, whoever wrote it."""
    return {
        "location": _location(content),
        "contacts": [_contact(each) for each in content.get("contacts") or []],
        "items": content.get("productItems") or [],
        "description": content.get("description") or "",
    }


def _location(content: dict[str, Any]) -> dict[str, Any] | None:
    if "latitude" not in content or "longitude" not in content:
        return None
    return {name: content.get(name) for name in ("latitude", "longitude", "name", "address")}


def _contact(contact: dict[str, Any]) -> dict[str, Any]:
    name, organisation = contact.get("name") or {}, contact.get("org") or {}
    return {
        "name": name.get("formattedName") or name.get("firstName") or "",
        "company": organisation.get("company") or "",
        "phones": [each.get("phone") for each in contact.get("phones") or []],
        "emails": [each.get("email") for each in contact.get("emails") or []],
    }


def _sent(infobip: Infobip, message: Message) -> dict[str, Any]:
    """What a company's message has beyond that: a header, a footer, buttons, a list."""
    content = message.content
    if message.kind == "template":
        return dressed(infobip, message)
    header, body, footer = (content.get(name) or {} for name in ("header", "body", "footer"))
    action = content.get("action") or {}
    return _carried(content) | {
        "text": body.get("text") or message.text,
        "header": header.get("text") or "",
        "footer": footer.get("text") or "",
        "buttons": _buttons(action),
        "list": _list(action) if action.get("sections") else None,
    }


def _buttons(action: dict[str, Any]) -> list[dict[str, Any]]:
    if action.get("url"):
        return [{"type": "url", "title": action.get("displayText"), "url": action["url"]}]
    return [
        {"type": "reply", "title": button.get("title"), "id": button.get("id")}
        for button in action.get("buttons") or []
    ]


def _list(action: dict[str, Any]) -> dict[str, Any]:
    return {"button": action.get("title") or "Choose", "sections": action["sections"]}
