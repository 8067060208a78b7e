"""The bodies in which what a customer wrote reaches the product's webhook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.infobip.people import user_id
from sandbox.infobip.sms_parts import measure
from sandbox.infobip.wishes import NoSuchPhone

if TYPE_CHECKING:
    from sandbox.infobip.ledger import Message
    from sandbox.infobip.texts import Text

FREE = {"pricePerMessage": 0, "currency": "EUR"}
NEITHER_MORE_NOR_LESS = {"messageCount": 1, "pendingMessageCount": 0}


def payload_of(text: Text, paired: Message | None = None) -> dict[str, Any]:
    """Return the body for the message; `paired` is the company's message that it follows."""
    if text.format == "messages_api":
        return _messages_api(text)
    if text.format == "mms":
        return _mms(text, paired)
    if text.channel == "whatsapp":
        return _whatsapp(text, paired)
    return _sms(text, paired)


def _sms(text: Text, paired: Message | None) -> dict[str, Any]:
    if text.kind != "text":
        raise NoSuchPhone("an SMS carries text; files go with the format mms")
    row: dict[str, Any] = {
        "messageId": text.message_id,
        "from": text.customer,
        "to": text.company,
        "text": text.text,
        "cleanText": text.text,
        "receivedAt": text.received_at,
        "smsCount": measure(text.text).parts,
        "price": FREE,
    }
    if paired is not None and paired.callback_data is not None:
        row["callbackData"] = paired.callback_data
    return {"results": [row], **NEITHER_MORE_NOR_LESS}


def _mms(text: Text, paired: Message | None) -> dict[str, Any]:
    if text.channel != "sms":
        raise NoSuchPhone("the format mms is of the channel sms")
    file = {"contentType": text.content_type, "url": text.message.get("url")}
    parts: list[dict[str, Any]] = [file] if file["url"] else []
    if text.text:
        parts.append({"contentType": "text/plain", "value": text.text})
    row = {
        "messageId": text.message_id,
        "from": text.customer,
        "to": text.company,
        "message": parts,
        "receivedAt": text.received_at,
        "mmsCount": 1,
        "callbackData": paired.callback_data if paired else None,
        "userAgent": None,
        "group": None,
        "price": FREE,
    }
    return {"results": [row], **NEITHER_MORE_NOR_LESS}


def _whatsapp(text: Text, paired: Message | None) -> dict[str, Any]:
    contact = {"userId": text.user_id or user_id(text.customer)}
    if text.customer != contact["userId"]:
        contact["phoneNumber"] = text.customer
    row: dict[str, Any] = {
        "from": text.customer,
        "to": text.company,
        "integrationType": "WHATSAPP",
        "receivedAt": text.received_at,
        "messageId": text.message_id,
        "pairedMessageId": None,
        "callbackData": paired.callback_data if paired else None,
        "keyword": None,
        "message": text.message,
        "price": FREE,
        "contact": contact | ({"name": text.name} if text.name else {}),
    }
    return {"results": [row | text.extra], **NEITHER_MORE_NOR_LESS}


def _messages_api(text: Text) -> dict[str, Any]:
    row = {
        "event": "MO",
        "sender": text.customer,
        "destination": text.company,
        "channel": text.channel.upper(),
        "receivedAt": text.received_at,
        "messageId": text.message_id,
        "pairedMessageId": text.quotes or None,
        "callbackData": None,
        "messageCount": 1,
        "content": [_part(text)],
    }
    return {"results": [row]}


def _part(text: Text) -> dict[str, Any]:
    message = text.message
    if text.kind == "text":
        return {"type": "TEXT", "text": text.text, "cleanText": text.text, "keyword": None}
    if message.get("url") and text.kind != "location":
        named = {"voice": "AUDIO", "sticker": "FILE"}.get(text.kind, text.kind.upper())
        return {"type": named, "url": message["url"]} | ({"text": text.text} if text.text else {})
    if text.kind not in PARTS:
        raise NoSuchPhone(f"the Messages API has no {text.kind}")
    named, fields = PARTS[text.kind]
    said = {**message, "text": text.text}
    return {"type": named} | {name: said[name] for name in fields if said.get(name) is not None}


PARTS = {
    "location": ("LOCATION", ("latitude", "longitude", "url")),
    "button": ("BUTTON_REPLY", ("id", "text", "payload")),
    "list": ("LIST_REPLY", ("id", "text")),
    "reaction": ("REACTION", ("emoji", "action")),
    "flow": ("FLOW_RESPONSE", ("response",)),
    "payment": ("PAYMENT_RESPONSE", ("referenceId", "paymentId", "paymentStatus")),
}
