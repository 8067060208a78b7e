"""What somebody at a phone wants to send, put into the words of Infobip's WhatsApp webhook."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

HIGHEST_LATITUDE, HIGHEST_LONGITUDE = 90, 180
FILES = ("image", "document", "audio", "voice", "video", "sticker")


class NoSuchPhone(ValueError):
    """The message cannot be written: said to whoever steers the sandbox."""


def message_of(wanted: dict[str, Any], keep: Callable[[bytes, str, str], str]) -> dict[str, Any]:
    """Return the message object of a wish; `keep` takes a file and tells where it is fetched."""
    kind = str(wanted.get("type") or "text").lower()
    if kind in FILES:
        message = _file(kind, wanted, keep)
    elif kind in BUILDERS:
        message = BUILDERS[kind](wanted)
    else:
        raise NoSuchPhone(f"type is one of {', '.join((*FILES, *BUILDERS))}")
    if wanted.get("quotes") and kind not in {"order", "reaction"}:
        message["context"] = {"id": str(wanted["quotes"])}
    if isinstance(wanted.get("referral"), dict):
        message["referral"] = {"sourceType": "AD"} | wanted["referral"]
    return message


def _file(
    kind: str, wanted: dict[str, Any], keep: Callable[[bytes, str, str], str]
) -> dict[str, Any]:
    caption = wanted.get("text") or wanted.get("caption")
    message = {"type": kind.upper(), "url": wanted.get("url") or _kept(wanted.get("file"), keep)}
    return message | ({"caption": str(caption)} if caption and kind != "sticker" else {})


def _kept(file: Any, keep: Callable[[bytes, str, str], str]) -> str:
    if not isinstance(file, dict) or not isinstance(file.get("base64"), str):
        raise NoSuchPhone("a file is name, content_type and base64")
    try:
        content = base64.b64decode(file["base64"], validate=True)
    except binascii.Error:
        raise NoSuchPhone("the file is no base64") from None
    content_type = str(file.get("content_type") or "application/octet-stream")
    return keep(content, content_type, str(file.get("name") or ""))


def _text(wanted: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(wanted.get("text"), str):
        raise NoSuchPhone("from and text are needed")
    return {"type": "TEXT", "text": wanted["text"]}


def _location(wanted: dict[str, Any]) -> dict[str, Any]:
    place = {name: wanted[name] for name in ("name", "address", "url") if wanted.get(name)}
    try:
        latitude, longitude = float(wanted["latitude"]), float(wanted["longitude"])
    except (KeyError, TypeError, ValueError):
        raise NoSuchPhone("latitude and longitude are numbers") from None
    if abs(latitude) > HIGHEST_LATITUDE or abs(longitude) > HIGHEST_LONGITUDE:
        raise NoSuchPhone("there is no such place: latitude to 90, longitude to 180")
    return {"type": "LOCATION", "latitude": latitude, "longitude": longitude} | place


def _contact(wanted: dict[str, Any]) -> dict[str, Any]:
    if isinstance(wanted.get("contacts"), list):
        return {"type": "CONTACT", "contacts": wanted["contacts"]}
    simple = wanted.get("contact")
    if not isinstance(simple, dict) or not simple.get("name"):
        raise NoSuchPhone("a contact has a name")
    name, phone = str(simple["name"]), str(simple.get("phone") or "").removeprefix("+")
    first, _, last = name.partition(" ")
    contact: dict[str, Any] = {"name": {"firstName": first, "formattedName": name}}
    if last:
        contact["name"]["lastName"] = last
    if phone:
        contact["phones"] = [{"phone": phone, "type": "CELL", "waId": phone}]
    if simple.get("email"):
        contact["emails"] = [{"email": str(simple["email"]), "type": "WORK"}]
    if simple.get("company"):
        contact["org"] = {"company": str(simple["company"])}
    return {"type": "CONTACT", "contacts": [contact]}


def _button(wanted: dict[str, Any]) -> dict[str, Any]:
    """Answer a template's quick reply, which has a payload, or a reply button, which has an id."""
    if wanted.get("id"):
        title = str(wanted.get("title") or wanted.get("text") or "")
        return {"type": "INTERACTIVE_BUTTON_REPLY", "id": str(wanted["id"]), "title": title}
    text = str(wanted.get("text") or wanted.get("title") or "")
    return {"type": "BUTTON", "text": text, "payload": str(wanted.get("payload") or text)}


def _list(wanted: dict[str, Any]) -> dict[str, Any]:
    row = {"id": str(wanted.get("id") or ""), "title": str(wanted.get("title") or "")}
    if not all(row.values()):
        raise NoSuchPhone("the row of a list has an id and a title")
    described = {"description": wanted["description"]} if wanted.get("description") else {}
    return {"type": "INTERACTIVE_LIST_REPLY"} | row | described


def _reaction(wanted: dict[str, Any]) -> dict[str, Any]:
    reaction = wanted.get("reaction")
    reaction = reaction if isinstance(reaction, dict) else {"emoji": reaction}
    target = reaction.get("to") or wanted.get("quotes")
    if not target:
        raise NoSuchPhone("a reaction is to a message: reaction.to is its id")
    emoji = {"emoji": str(reaction["emoji"])} if reaction.get("emoji") else {}
    action = "ADDED" if emoji else "REMOVED"
    return {"type": "REACTION", "action": action, "context": {"id": str(target)}} | emoji


def _order(wanted: dict[str, Any]) -> dict[str, Any]:
    items = [
        {
            "productRetailerId": str(item.get("id") or "product"),
            "quantity": item.get("quantity", 1),
            "itemPrice": item.get("price", 0),
            "currency": item.get("currency", "EUR"),
        }
        for item in wanted.get("items") or [{"id": "router-ax3", "price": 89.9}]
    ]
    words = {"text": str(wanted["text"])} if wanted.get("text") else {}
    catalog = str(wanted.get("catalog") or "catalog-1")
    return {"type": "ORDER", "catalogId": catalog, "productItems": items} | words


def _flow(wanted: dict[str, Any]) -> dict[str, Any]:
    response = wanted.get("response") or {"visit": "2026-04-02", "screen": "DONE"}
    text = str(wanted.get("text") or "Sent")
    return {"type": "INTERACTIVE_FLOW_REPLY", "text": text, "response": response}


def _payment(wanted: dict[str, Any]) -> dict[str, Any]:
    said = {"referenceId": "order-1", "paymentId": "payment-1", "paymentStatus": "CAPTURED"}
    return {"type": "INTERACTIVE_PAYMENT_CONFIRMATION"} | said | (wanted.get("payment") or {})


def _unsupported(wanted: dict[str, Any]) -> dict[str, Any]:
    return {"type": str(wanted.get("named") or "UNSUPPORTED")}


def _infected(_wanted: dict[str, Any]) -> dict[str, Any]:
    return {"type": "INFECTED_CONTENT", "malware": "Sandbox.TestFile"}


BUILDERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "text": _text,
    "location": _location,
    "contact": _contact,
    "button": _button,
    "list": _list,
    "reaction": _reaction,
    "order": _order,
    "flow": _flow,
    "payment": _payment,
    "unsupported": _unsupported,
    "infected": _infected,
}
