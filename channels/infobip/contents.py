"""What a customer's message carries, from Infobip's words for each type into our own.

Source: the message types of Infobip's WhatsApp, MMS and Messages API webhooks. What is not known
is named and kept as it came.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from channels.infobip.fields import mapping, mappings, text_of
from conversations.contracts import FILE_KINDS, InboundFile, MessageKind

NOT_SAID = frozenset({"type", "text", "context", "referral"})  # of a payment: said elsewhere
PRESENTATION = "application/smil"  # how an MMS is laid out


@dataclass(frozen=True)
class Content:
    """A message, or one piece of it; `said` is what `InboundMessage.content` holds."""

    kind: MessageKind = MessageKind.TEXT
    text: str = ""
    said: dict[str, Any] = field(default_factory=dict)
    files: tuple[InboundFile, ...] = ()


def content_of(pieces: list[dict[str, Any]]) -> Content:
    """Understand the pieces of one message together: a file, say, and the text beside it."""
    contents = [_content(piece) for piece in pieces if not _is_presentation(piece)]
    if not contents:
        return Content()
    main = _main(contents)
    texts = (content.text for content in contents)
    said = dict(main.said)
    referral = next(filter(None, (_referral(piece) for piece in pieces)), None)
    if referral:
        said["referral"] = referral
    return Content(
        kind=main.kind,
        text="\n".join(text for text in texts if text),
        said=said,
        files=tuple(file for content in contents for file in content.files),
    )


def _main(contents: list[Content]) -> Content:
    """Return the piece that says what the message is: a file, else what is more than a text."""
    files = [content for content in contents if content.kind in FILE_KINDS]
    others = [content for content in contents if content.kind is not MessageKind.TEXT]
    known = [content for content in others if content.kind is not MessageKind.UNSUPPORTED]
    return next(iter(files or known or others or contents))


def type_of(piece: dict[str, Any]) -> str:
    """Return the type of a piece in capitals, by its shape where it names none."""
    said = piece.get("type")
    if said:
        return str(said).upper()
    if text_of(piece, "text"):
        return "TEXT"
    if piece.get("contentType"):
        return "PART"
    if piece.get("url"):
        return "FILE"
    if "latitude" in piece:
        return "LOCATION"
    return "TEXT" if set(piece) <= {"text", "type"} and not piece.get("text") else ""


def _content(piece: dict[str, Any]) -> Content:
    said = type_of(piece)
    if said in FILES:
        return _file(piece, FILES[said], said)
    reader = READERS.get(said)
    return reader(piece) if reader else _unsupported(piece, said)


def _text(piece: dict[str, Any]) -> Content:
    text = text_of(piece, "text", "value", "url")
    if not text and isinstance(piece.get("text"), dict | list):
        return _unsupported(piece, "TEXT")
    return Content(text=text)


def _part(piece: dict[str, Any]) -> Content:
    """A part of an MMS, known by its content type."""
    content_type = text_of(piece, "contentType").lower()
    media = content_type.partition("/")[0]
    if media == "text" and not piece.get("url"):
        return _text(piece)
    kind = {
        "image": MessageKind.IMAGE,
        "audio": MessageKind.AUDIO,
        "video": MessageKind.VIDEO,
    }.get(media, MessageKind.DOCUMENT)
    return _file(piece, kind, content_type)


def _file(piece: dict[str, Any], kind: MessageKind, said: str) -> Content:
    url = text_of(piece, "url")
    text = text_of(piece, "caption", "text")
    if not url:
        return _unsupported(piece, said, text)
    file = InboundFile(
        url=url,
        name=text_of(piece, "filename", "fileName"),
        content_type=text_of(piece, "contentType"),
    )
    return Content(kind, text, files=(file,))


def _location(piece: dict[str, Any]) -> Content:
    names = ("latitude", "longitude", "name", "address", "url")
    said = {name: piece.get(name) for name in names if piece.get(name) is not None}
    alone = set(said) <= {"url"}
    return Content(MessageKind.LOCATION, text_of(said, "url") if alone else "", said)


def _contacts(piece: dict[str, Any]) -> Content:
    people = [_contact(person) for person in mappings(piece.get("contacts"))]
    return Content(MessageKind.CONTACT, said={"contacts": people})


def _contact(person: dict[str, Any]) -> dict[str, Any]:
    name = mapping(person.get("name"))
    in_parts = " ".join(
        filter(None, (text_of(name, part) for part in ("firstName", "middleName", "lastName")))
    )
    phones = [text_of(phone, "phone", "waId") for phone in mappings(person.get("phones"))]
    emails = [text_of(email, "email") for email in mappings(person.get("emails"))]
    return {
        "name": text_of(name, "formattedName") or in_parts,
        "phones": [phone for phone in phones if phone],
        "emails": [email for email in emails if email],
        "organisation": text_of(mapping(person.get("org")), "company"),
    }


def _choice(kind: MessageKind) -> Callable[[dict[str, Any]], Content]:
    def read(piece: dict[str, Any]) -> Content:
        said = {
            "id": text_of(piece, "id", "payload", "postbackData"),
            "description": text_of(piece, "description"),
        }
        return Content(kind, text_of(piece, "title", "text"), said)

    return read


def _flow(piece: dict[str, Any]) -> Content:
    answers = piece.get("response")
    if isinstance(answers, str):
        try:
            answers = json.loads(answers)
        except (ValueError, RecursionError):
            answers = {"response": answers}
    found = answers if isinstance(answers, dict) else {"response": answers}
    return Content(MessageKind.FLOW, text_of(piece, "text"), {"answers": found})


def _payment(piece: dict[str, Any]) -> Content:
    fields = {name: value for name, value in piece.items() if name not in NOT_SAID}
    return Content(MessageKind.PAYMENT, text_of(piece, "text"), {"fields": fields})


def _order(piece: dict[str, Any]) -> Content:
    items = [
        {
            "id": text_of(item, "productRetailerId"),
            "quantity": text_of(item, "quantity"),
            "price": text_of(item, "itemPrice"),
            "currency": text_of(item, "currency"),
        }
        for item in mappings(piece.get("productItems"))
    ]
    return Content(MessageKind.ORDER, text_of(piece, "text"), {"items": items})


def _infected(piece: dict[str, Any]) -> Content:
    said = {"malware": text_of(piece, "malware")}
    return Content(MessageKind.INFECTED, text_of(piece, "caption", "text"), said)


def _unsupported(piece: dict[str, Any], said: str, text: str = "") -> Content:
    text = text or text_of(piece, "text", "caption", "title")
    return Content(MessageKind.UNSUPPORTED, text, {"type": said, "raw": piece})


def _referral(piece: dict[str, Any]) -> dict[str, str] | None:
    """Return the advertisement that the customer came from."""
    found = mapping(piece.get("referral"))
    said = {
        "headline": text_of(found, "headline"),
        "body": text_of(found, "body"),
        "url": text_of(found, "sourceUrl"),
    }
    return said if any(said.values()) else None


def _is_presentation(piece: dict[str, Any]) -> bool:
    return text_of(piece, "contentType").lower().startswith(PRESENTATION)


FILES = {
    "IMAGE": MessageKind.IMAGE,
    "DOCUMENT": MessageKind.DOCUMENT,
    "FILE": MessageKind.DOCUMENT,
    "AUDIO": MessageKind.AUDIO,
    "VOICE": MessageKind.VOICE,
    "VIDEO": MessageKind.VIDEO,
    "STICKER": MessageKind.STICKER,
}
READERS: dict[str, Callable[[dict[str, Any]], Content]] = {
    "TEXT": _text,
    "SUBJECT": _text,
    "URL": _text,
    "PART": _part,
    "LOCATION": _location,
    "CONTACT": _contacts,
    "BUTTON": _choice(MessageKind.BUTTON),
    "BUTTON_REPLY": _choice(MessageKind.BUTTON),
    "INTERACTIVE_BUTTON_REPLY": _choice(MessageKind.BUTTON),
    "LIST_REPLY": _choice(MessageKind.LIST),
    "INTERACTIVE_LIST_REPLY": _choice(MessageKind.LIST),
    "INTERACTIVE_FLOW_REPLY": _flow,
    "FLOW_RESPONSE": _flow,
    "FORM_RESPONSE": _flow,
    "INTERACTIVE_PAYMENT_CONFIRMATION": _payment,
    "INTERACTIVE_PAYMENT_ACKNOWLEDGEMENT": _payment,
    "PAYMENT_RESPONSE": _payment,
    "ORDER": _order,
    "INFECTED_CONTENT": _infected,
}
