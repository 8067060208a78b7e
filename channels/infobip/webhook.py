"""What Infobip posts: one body cut into items, each item recognised by what it holds.

Source: the webhooks of Infobip's OpenAPI documents: SMS in MO_JSON_2, MMS in MO_MMS_2, WhatsApp in
MO_OTT_CONTACT, all of them in MO_MESSAGES_API_JSON, delivery and seen reports, and events. Almost
every field may be missing or null.
"""

import json
from hashlib import sha256
from typing import Any

from channels.infobip import events, inbound, reports
from channels.infobip.inbound import ChannelOf
from channels.provider import Event
from conversations.errors import NotUnderstood
from conversations.inbox import Item

MOST_RESULTS = 10_000  # five times what Infobip puts into a body at most
MESSAGE_FIELDS = ("message", "text", "content")


def split(body: bytes) -> list[Item]:
    """Cut a body into items: the elements of `results`, or the body itself.

    Written by hand rather than through a serializer: it runs before Infobip gets its answer.
    """
    try:
        parsed = json.loads(body)
        results = parsed.get("results") if isinstance(parsed, dict) else parsed
        if not isinstance(results, list) or not results:
            return [Item(_dedupe_key(parsed, body), body)]
        if len(results) > MOST_RESULTS:
            return [_refused(body, "The body holds more than any of the provider's may.")]
        return [_item(result) for result in results]
    except (ValueError, RecursionError):
        return [_refused(body, "The body is not JSON.")]


def parse(item: Any, *, channel_of: ChannelOf) -> Event | None:
    if not isinstance(item, dict):
        raise NotUnderstood("The item is not an object.")
    if events.is_event(item):
        return events.parse(item, channel_of=channel_of)
    if item.get("seenAt") or item.get("event") == "SEEN":
        return reports.seen(item)
    if isinstance(item.get("status"), dict):
        return reports.delivery(item)
    if _is_message(item):
        return inbound.parse(item, channel_of=channel_of)
    raise NotUnderstood("The item is neither a message nor a report.")


def _refused(body: bytes, reason: str) -> Item:
    return Item(sha256(body).hexdigest(), body, refused=reason)


def _item(result: Any) -> Item:
    body = json.dumps(result).encode()  # ASCII: escapes keep NUL and lone surrogates as they were
    return Item(_dedupe_key(result, body), body)


def _dedupe_key(item: Any, body: bytes) -> str:
    """Return what makes a repeated item the same one: its id and what it says of that id.

    Of events, and of a shape that is not known, every difference counts.
    """
    if not isinstance(item, dict) or not item.get("messageId"):
        return sha256(body).hexdigest()
    status = item.get("status")
    says: Any
    if item.get("seenAt"):
        says = "seen"
    elif isinstance(status, dict):
        error = item.get("error")
        says = [status.get("groupName"), status.get("id"), status.get("name")]
        says.append(error.get("id") if isinstance(error, dict) else None)
    elif _is_message(item) and not events.is_event(item):
        says = _message_says(item)
    else:
        return sha256(body).hexdigest()
    # The SMS in the place of a WhatsApp message may have its id.
    channel = item.get("channel") or item.get("integrationType")
    identity = json.dumps([item["messageId"], item.get("event"), channel, says])
    return sha256(identity.encode()).hexdigest()


def _message_says(item: dict[str, Any]) -> Any:
    """Return what tells two messages of one id apart: a reaction may be changed and taken back."""
    content = item.get("message") or item.get("content")
    piece = content[0] if isinstance(content, list) and content else content
    if not isinstance(piece, dict) or piece.get("type") != "REACTION":
        return "message"
    return [piece.get("emoji"), piece.get("action"), item.get("receivedAt")]


def _is_message(item: dict[str, Any]) -> bool:
    return any(item.get(name) is not None for name in MESSAGE_FIELDS)
