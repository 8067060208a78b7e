"""What a customer wrote, and how to recognise it in a raw body."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

TYPES = {
    "TEXT": "text",
    "IMAGE": "image",
    "DOCUMENT": "document",
    "FILE": "document",
    "AUDIO": "audio",
    "VOICE": "voice",
    "VIDEO": "video",
    "STICKER": "sticker",
    "LOCATION": "location",
    "CONTACT": "contact",
    "BUTTON": "button",
    "INTERACTIVE_BUTTON_REPLY": "button",
    "BUTTON_REPLY": "button",
    "INTERACTIVE_LIST_REPLY": "list",
    "LIST_REPLY": "list",
    "REACTION": "reaction",
    "ORDER": "order",
    "INTERACTIVE_FLOW_REPLY": "flow",
    "FLOW_RESPONSE": "flow",
    "INTERACTIVE_PAYMENT_CONFIRMATION": "payment",
    "INTERACTIVE_PAYMENT_ACKNOWLEDGEMENT": "payment",
    "PAYMENT_RESPONSE": "payment",
    "INFECTED_CONTENT": "infected",
}


@dataclass(frozen=True)
class Text:
    """What a customer wrote; `received_at` goes out as it stands, be it odd.

    `message` is what it carries in the words of Infobip's WhatsApp webhook. `customer` is the
    number or, if that is hidden, the user id.
    """

    channel: str
    customer: str
    company: str
    message: dict[str, Any]
    message_id: str
    received_at: str
    name: str | None = None
    format: str = "default"
    user_id: str = ""
    content_type: str = ""
    """Of the file, where the format tells it."""
    extra: dict[str, Any] = field(default_factory=dict)
    """What else goes into the row, such as an identity."""

    @property
    def kind(self) -> str:
        return TYPES.get(str(self.message.get("type")), "unsupported")

    @property
    def text(self) -> str:
        """What a phone shows as words: the text, a caption, the title of a button."""
        words = (self.message.get(name) for name in ("text", "caption", "title"))
        return next((word for word in words if isinstance(word, str) and word), "")

    @property
    def quotes(self) -> str:
        context = self.message.get("context")
        return str(context.get("id") or "") if isinstance(context, dict) else ""


def texts_in(payload: Any) -> list[Text]:
    """Return what customers wrote in a body of any format; reports and the like are passed over."""
    results = payload.get("results") if isinstance(payload, dict) else None
    rows = results if isinstance(results, list) else []
    return [text for row in rows if isinstance(row, dict) and (text := _text_in(row))]


def _text_in(row: dict[str, Any]) -> Text | None:
    channel, message = _message_in(row)
    customer, company = (
        row.get("from") or row.get("sender"),
        row.get("to") or row.get("destination"),
    )
    message_id, received_at = row.get("messageId"), row.get("receivedAt")
    if message is None or not all(isinstance(v, str) for v in (customer, company, message_id)):
        return None
    return Text(
        channel=channel,
        customer=str(customer).removeprefix("+"),
        company=str(company).removeprefix("+"),
        message=message,
        message_id=str(message_id),
        received_at=str(received_at or ""),
    )


def _message_in(row: dict[str, Any]) -> tuple[str, dict[str, Any] | None]:
    message, content = row.get("message"), row.get("content")
    if isinstance(message, dict):
        return "whatsapp", message
    if isinstance(message, list):
        return "sms", _mms_message(message)
    if isinstance(content, list):
        channel = str(row.get("channel", "sms")).lower()
        return channel, _whatsapp_words(next((p for p in content if isinstance(p, dict)), None))
    text = row.get("text")
    return "sms", {"type": "TEXT", "text": text} if isinstance(text, str) else None


def _mms_message(parts: list[Any]) -> dict[str, Any] | None:
    known = [part for part in parts if isinstance(part, dict)]
    words = "\n".join(part["value"] for part in known if isinstance(part.get("value"), str))
    file = next((part for part in known if isinstance(part.get("url"), str)), None)
    if file is None:
        return {"type": "TEXT", "text": words} if words else None
    family = str(file.get("contentType", "")).partition("/")[0].upper()
    kind = family if family in {"IMAGE", "AUDIO", "VIDEO"} else "DOCUMENT"
    return {"type": kind, "url": file["url"], "caption": words}


def _whatsapp_words(part: dict[str, Any] | None) -> dict[str, Any] | None:
    """Say a part of a Messages API body as the WhatsApp webhook would."""
    if part is None or not isinstance(part.get("type"), str):
        return part and ({"type": "TEXT"} | part if isinstance(part.get("text"), str) else None)
    if isinstance(part.get("url"), str) and part["type"] != "LOCATION":
        return part | {"caption": part.get("text")}
    return part
