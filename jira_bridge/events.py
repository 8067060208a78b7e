"""Understanding Forge events: the inbox's handler for this neighbour."""

import json
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.utils import timezone

from conversations.errors import NotUnderstood, NotYetKnown
from conversations.inbox import Item
from conversations.services import known_requests, lifecycle
from jira_bridge import missed_events
from jira_bridge.auth import ISSUE_ID
from jira_bridge.statuses import key_of, moment, status_in
from jira_bridge.targets import take_change_of_types

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Older news tells that Forge could not reach us, or that something else was late.
LATE = timedelta(minutes=2)
TYPES_CHANGED = re.compile(r"avi:jsm-entity:\w+:(request-type|service-desk)")
CLOCKS_DIFFER = timedelta(minutes=5)
OF_ISSUES = ("avi:jira:updated:issue", "avi:jira:deleted:issue")


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


def is_foreign(body: bytes) -> bool:
    """Whether an event is about a request that is none of ours: it is not for us to keep.

    Jira tells of every change on the site; what tells besides that we were away is kept.
    """
    try:
        whole = _mapping(json.loads(body))
        event = _event(whole)
        at = _moment(event)
        if event.get("eventType") not in OF_ISSUES or _tells_of_a_gap(whole, event, at):
            return False
        issue_id, at, fields = _about(event, at)
    except (ValueError, RecursionError, NotUnderstood):
        return False
    waits = known_requests.awaits_request(moment(fields.get("created")) or at)
    return not waits and not known_requests.is_ours(issue_id)


def take_in(body: bytes) -> None:
    """Tell the domain what Jira says of a request; events of other requests mean nothing to us.

    Raises NotYetKnown for a request that may be about to become a conversation's.
    """
    whole = _mapping(json.loads(body))
    event = _event(whole)
    kind = event.get("eventType")
    if not kind:
        raise NotUnderstood("The event has no type.")
    if event.get("selfGenerated") is True:
        return
    at = _moment(event)
    if _tells_of_a_gap(whole, event, at):
        missed_events.catch_up()
    match kind:
        case "avi:jira:updated:issue":
            _take_update(event, at)
        case "avi:jira:deleted:issue":
            _take_deletion(event, at)
        case str() if TYPES_CHANGED.fullmatch(kind):
            take_change_of_types()


def _take_update(event: dict[str, Any], at: datetime | None) -> None:
    issue_id, at, fields = _about(event, at)
    waits = known_requests.awaits_request(moment(fields.get("created")) or at)
    said = status_in(fields)
    if said is None or (said[1] and not _moved(event) and known_requests.goes_on(issue_id)):
        # A resolve that is mentioned by the way happened earlier: Jira knows when.
        ours = known_requests.ask_for_status(issue_id)
    else:
        key = key_of(_mapping(event.get("issue")))
        ours = lifecycle.take_status(
            issue_id, status=said[0], resolved=said[1], at=at, issue_key=key
        )
    if waits and not ours:
        raise NotYetKnown


def _moved(event: dict[str, Any]) -> bool:
    """Whether an event tells of another status, and not of something else."""
    items = _mapping(event.get("changelog")).get("items")
    fields = [_mapping(item).get("field") for item in items] if isinstance(items, list) else []
    return "status" in fields or bool(event.get("associatedStatuses"))


def _take_deletion(event: dict[str, Any], at: datetime | None) -> None:
    issue_id, at, fields = _about(event, at)
    waits = known_requests.awaits_request(moment(fields.get("created")) or at)
    if not lifecycle.take_deletion(issue_id, at=at) and waits:
        raise NotYetKnown


def _about(event: dict[str, Any], at: datetime | None) -> tuple[str, datetime, dict[str, Any]]:
    """Return which issue an event is about, when it happened and what it says of the issue."""
    issue = _mapping(event.get("issue"))
    issue_id = str(issue.get("id") or "")
    if not ISSUE_ID.fullmatch(issue_id):
        raise NotUnderstood("The event names no issue.")
    if at is None:
        raise NotUnderstood("The event does not say when it happened.")
    return issue_id, at, _mapping(issue.get("fields"))


def _moment(event: dict[str, Any]) -> datetime | None:
    """Return when an event happened; None when it does not say so, or names a time to come."""
    try:
        at = EPOCH + timedelta(milliseconds=int(event["timestamp"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return at if at < timezone.now() + CLOCKS_DIFFER else None


def _tells_of_a_gap(whole: dict[str, Any], event: dict[str, Any], at: datetime | None) -> bool:
    """Whether Forge says that we did not take it before, or it is so late that others may lack."""
    repeated = any(_mapping(part.get("retryContext")) for part in (whole, event))
    return repeated or (at is not None and timezone.now() - at > LATE)


def _event(body: Any) -> dict[str, Any]:
    """Return the event; whether Forge wraps it in `payload` is not documented."""
    wrapped = _mapping(body).get("payload")
    return wrapped if isinstance(wrapped, dict) else _mapping(body)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
