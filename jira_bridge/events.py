"""Understanding Forge events: the inbox's handler for this neighbour."""

import json
from hashlib import sha256
from typing import Any

from conversations.errors import NotUnderstood
from conversations.inbox import Item
from conversations.services import lifecycle

DONE = "done"


def item_of(body: bytes, *, installation_id: str) -> Item:
    """Make an inbox item of an event's body; Forge's repeats of it have the same key."""
    try:
        event = _event(json.loads(body))
    except (ValueError, RecursionError):
        return Item(sha256(body).hexdigest(), body, refused="The body is not JSON.")
    if not event.get("eventType") or not event.get("timestamp"):
        return Item(sha256(body).hexdigest(), body)
    identity = json.dumps(
        [
            installation_id,
            event.get("eventType"),
            _mapping(event.get("issue")).get("id"),
            event.get("timestamp"),
            event.get("changelog"),
        ],
        sort_keys=True,
    )
    return Item(sha256(identity.encode()).hexdigest(), body)


def take_in(body: bytes) -> None:
    """Tell the domain what Jira says of a request; events of other requests mean nothing to us."""
    event = _event(json.loads(body))
    issue = _mapping(event.get("issue"))
    issue_id = str(issue.get("id") or "")
    match event.get("eventType"):
        case "avi:jira:updated:issue":
            _take_status(issue_id, _mapping(_mapping(issue.get("fields")).get("status")))
        case "avi:jira:deleted:issue":
            lifecycle.take_deletion(issue_id)
        case None:
            raise NotUnderstood("The event has no type.")
        case _:
            return


def _take_status(issue_id: str, status: dict[str, Any]) -> None:
    name = str(status.get("name") or "")
    category = _mapping(status.get("statusCategory")).get("key")
    if issue_id and name and category:
        lifecycle.take_status(issue_id, status=name[:120], resolved=str(category).lower() == DONE)


def _event(body: Any) -> dict[str, Any]:
    """Return the event; whether Forge wraps it in `payload` is not documented."""
    wrapped = _mapping(body).get("payload")
    return wrapped if isinstance(wrapped, dict) else _mapping(body)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
