"""What Infobip posts: one body cut into items, each item recognised by what it holds.

Source: the webhooks of Infobip's OpenAPI documents: SMS in MO_JSON_2, WhatsApp in MO_OTT_CONTACT,
both in MO_MESSAGES_API_JSON, delivery and seen reports. Almost every field may be missing or null.
"""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from channels.infobip import inbound
from channels.infobip.dates import moment
from channels.infobip.statuses import error_of, is_duplicate, state_of
from conversations.contracts import DeliveryReport, InboundMessage, SendState
from conversations.errors import NotUnderstood
from conversations.inbox import Item

IGNORED_EVENTS = ("TYPING_STARTED", "TYPING_STOPPED")
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
        return [_item(result) for result in results]
    except (ValueError, RecursionError):
        return [Item(sha256(body).hexdigest(), body, refused="The body is not JSON.")]


def parse(
    item: Any, *, channel_of: Callable[[str], str | None]
) -> InboundMessage | DeliveryReport | None:
    if not isinstance(item, dict):
        raise NotUnderstood("The item is not an object.")
    event = item.get("event")
    if event in IGNORED_EVENTS:
        return None
    if item.get("seenAt") or event == "SEEN":
        return _report(item, SendState.READ, item.get("seenAt"))
    if isinstance(item.get("status"), dict):
        return _delivery(item)
    if _is_message(item):
        return inbound.parse(item, channel_of=channel_of)
    raise NotUnderstood("The item is neither a message nor a report.")


def _item(result: Any) -> Item:
    body = json.dumps(result).encode()  # ASCII: escapes keep NUL and lone surrogates as they were
    return Item(_dedupe_key(result, body), body)


def _dedupe_key(item: Any, body: bytes) -> str:
    """Return what makes a repeated item the same one: its id and what it says of that id.

    Of a shape that is not known every difference counts.
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
    elif _is_message(item):
        says = "message"
    else:
        return sha256(body).hexdigest()
    identity = json.dumps([item["messageId"], item.get("event"), says])
    return sha256(identity.encode()).hexdigest()


def _is_message(item: dict[str, Any]) -> bool:
    return any(item.get(name) is not None for name in MESSAGE_FIELDS)


def _delivery(item: dict[str, Any]) -> DeliveryReport | None:
    status = item["status"]
    if is_duplicate(status):
        return None  # it speaks of a second try; the first one's report says what became of it
    state = state_of(status)
    if state is None:
        raise NotUnderstood("The report has a status that is not known.")
    report = _report(item, state, item.get("doneAt") or item.get("sentAt"))
    if state is not SendState.FAILED:
        return report
    code, text, permanent = error_of(status, item.get("error"))
    return DeliveryReport(
        report.reference, state, report.occurred_at, code, text, permanent=permanent
    )


def _report(item: dict[str, Any], state: SendState, at: Any) -> DeliveryReport:
    reference = item.get("messageId")
    if not isinstance(reference, str) or not reference:
        raise NotUnderstood("The report names no message.")
    return DeliveryReport(reference=reference, state=state, occurred_at=moment(at))
