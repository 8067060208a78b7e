"""Customers' messages as Infobip words them, in each of its three formats."""

from collections.abc import Callable
from typing import Any

from channels.infobip.dates import moment
from conversations.contracts import Channel, InboundMessage, MessageKind
from conversations.errors import NotUnderstood

KINDS = {
    "TEXT": MessageKind.TEXT,
    "IMAGE": MessageKind.IMAGE,
    "DOCUMENT": MessageKind.DOCUMENT,
    "FILE": MessageKind.DOCUMENT,
    "AUDIO": MessageKind.AUDIO,
    "VOICE": MessageKind.VOICE,
    "VIDEO": MessageKind.VIDEO,
    "STICKER": MessageKind.STICKER,
    "LOCATION": MessageKind.LOCATION,
    "CONTACT": MessageKind.CONTACT,
    "BUTTON": MessageKind.BUTTON,
    "BUTTON_REPLY": MessageKind.BUTTON,
    "INTERACTIVE_BUTTON_REPLY": MessageKind.BUTTON,
    "LIST_REPLY": MessageKind.LIST,
    "INTERACTIVE_LIST_REPLY": MessageKind.LIST,
}
LONGEST_ID = 512


def parse(item: dict[str, Any], *, channel_of: Callable[[str], str | None]) -> InboundMessage:
    """Understand a customer's message; raises NotUnderstood when it lacks what a message needs."""
    provider_id = _first_text(item, "messageId")
    if not 0 < len(provider_id) <= LONGEST_ID:
        raise NotUnderstood("The message has no usable id.")
    contact = _mapping(item.get("contact"))
    sender_number = _digits(_first_text(item, "to", "destination"))
    content = _content(item)
    said = str(content.get("type") or ("TEXT" if "text" in content else "")).upper()
    kind = KINDS.get(said, MessageKind.UNSUPPORTED)
    if said == "REACTION":
        raise NotUnderstood("Reactions are not shown yet; replay this item when they are.")
    user_id = _first_text(contact, "userId")
    return InboundMessage(
        channel=_channel(item, sender_number, channel_of),
        provider_id=provider_id,
        address=_author(item, contact, user_id),
        sender_number=sender_number,
        occurred_at=moment(item.get("receivedAt")),
        text=_first_text(content, "text", "caption", "title", "name", "address"),
        kind=kind,
        content={} if kind is MessageKind.TEXT else content,
        user_id=user_id,
        profile_name=_first_text(contact, "name"),
    )


def _author(item: dict[str, Any], contact: dict[str, Any], user_id: str) -> str:
    """Return what wrote: the number where the message names one, else the user id."""
    author = _first_text(item, "from", "sender")
    if author in {"", user_id}:
        return _first_text(contact, "phoneNumber") or user_id
    return author


def _content(item: dict[str, Any]) -> dict[str, Any]:
    """Return the message itself: an object, the first of a list, or the item's own text."""
    for name in ("message", "content"):
        found = item.get(name)
        if isinstance(found, list):
            # A list holds one message in pieces, such as a subject and a text.
            pieces = [piece for piece in found if isinstance(piece, dict)]
            texts = [piece for piece in pieces if piece.get("type") in (None, "TEXT")]
            found = next(iter(texts or pieces), None)
        if isinstance(found, dict):
            return found
        if isinstance(found, str):
            return {"text": found}
    return {"text": item.get("text")}


def _channel(
    item: dict[str, Any], sender_number: str, channel_of: Callable[[str], str | None]
) -> Channel:
    """Say which channel it came by: the body's word, else our sender's, else the body's shape."""
    said = _first_text(item, "channel", "integrationType").lower()
    if said in Channel.values:
        return Channel(said)
    if said:
        raise NotUnderstood("The message came by a channel that is not one of ours.")
    known = channel_of(sender_number)
    if known:
        return Channel(known)
    return Channel.WHATSAPP if isinstance(item.get("message"), dict) else Channel.SMS


def _first_text(fields: dict[str, Any], *names: str) -> str:
    for name in names:
        found = fields.get(name)
        if isinstance(found, str) and found:
            return found
        if isinstance(found, int) and not isinstance(found, bool):
            return str(found)
    return ""


def _digits(number: str) -> str:
    return number.replace(" ", "").removeprefix("+")


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
