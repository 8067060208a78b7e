"""What of a template stands in a WhatsApp request: the values that were filled in, in its order.

Source: Infobip's WhatsApp OpenAPI document.
"""

from collections.abc import Callable
from typing import Any

from channels.infobip.whatsapp_contents import Content, address_of, file_name_of
from conversations.contracts import OutgoingMessage

BUTTONS = {"quick-reply": "QUICK_REPLY", "url": "URL", "copy-code": "COPY_CODE"}


def template_content(message: OutgoingMessage) -> Content:
    """Return the content; `body` stands there even when the template has no variable."""
    given = message.content
    data: Content = {"body": {"placeholders": given.get("body", [])}}
    header = given.get("header")
    if header:
        data["header"] = HEADERS[header["type"]](message, header.get("value"))
    buttons = [
        {"type": BUTTONS[button["type"]], "parameter": button["value"]}
        for button in given.get("buttons", [])
    ]
    if buttons:
        data["buttons"] = buttons
    return {
        "templateName": given["name"],
        "language": given["language"],
        "templateData": data,
    }


def sms_failover(message: OutgoingMessage) -> Content:
    """Return what Infobip sends by SMS should WhatsApp fail; nothing when nobody asked for it."""
    fallback = message.content.get("sms_fallback")
    if not fallback:
        return {}
    return {"smsFailover": {"from": fallback["sender"], "text": fallback["text"]}}


def _text(_message: OutgoingMessage, value: Any) -> Content:
    return {"type": "TEXT", "placeholder": value}


def _location(_message: OutgoingMessage, value: Any) -> Content:
    return {
        "type": "LOCATION",
        "latitude": value["latitude"],
        "longitude": value["longitude"],
    }


def _media(kind: str) -> Callable[[OutgoingMessage, Any], Content]:
    return lambda message, _value: {"type": kind, "mediaUrl": address_of(message)}


def _document(message: OutgoingMessage, _value: Any) -> Content:
    return {
        "type": "DOCUMENT",
        "mediaUrl": address_of(message),
        "filename": file_name_of(message),
    }


HEADERS: dict[str, Callable[[OutgoingMessage, Any], Content]] = {
    "text": _text,
    "image": _media("IMAGE"),
    "video": _media("VIDEO"),
    "gif": _media("GIF"),
    "document": _document,
    "location": _location,
}
