"""Reading the status of requests in Jira: of one, and of all that changed without an event."""

import re
from collections.abc import Mapping
from datetime import MAXYEAR, MINYEAR, datetime, timedelta
from typing import Any

from django.db.models import Max
from django.utils import timezone

from conversations.contracts import Promise
from conversations.errors import PermanentFailure
from conversations.models import Conversation
from conversations.services import known_requests, lifecycle
from conversations.storable import storable
from jira_bridge.client import JiraClient
from jira_bridge.tokens import app_client
from tenants.context import current_site
from tenants.models import Installation

DONE = "done"
SINCE = "statuscategorychangedate"
FIELDS = ("status", "updated", SINCE)
ISSUE_KEY = re.compile(r"[A-Z][A-Z0-9_]{0,40}-[0-9]{1,20}")
NOT_VISIBLE = "404"  # Jira's answer about an issue that is deleted or hidden from who asks
# Jira's index is a little behind, and minutes are the finest that its queries know.
OVERLAP = timedelta(minutes=5)
FIRST_LOOK_BACK = timedelta(minutes=75)
LONGEST_LOOK_BACK = timedelta(days=7)


def refresh_request(promise: Promise) -> None:
    """Read the status of a conversation's request.

    A request that Jira does not show is deleted or hidden from the app: nobody can say which, so it
    is only remembered.
    """
    issue_id = Conversation.objects.get(pk=promise.subject).issue_id
    try:
        issue = app_client(spare=True).issue(issue_id, fields=FIELDS)
    except PermanentFailure as failure:
        if failure.code != NOT_VISIBLE:
            raise
        known_requests.take_visibility(issue_id, hidden=True)
        return
    known_requests.take_visibility(issue_id, hidden=False)
    take_news(issue_id, issue)


def reconcile_site(_promise: Promise) -> None:
    """Read the status of all requests of ours that changed since Jira was asked last.

    While nothing changes, this costs a site one point an hour.
    """
    client = app_client(spare=True)
    asked_at = timezone.now()
    query = (
        "issue.property[omnichat].conversation IS NOT EMPTY"
        f' AND updated >= "-{_minutes_back(asked_at)}m" ORDER BY updated ASC'
    )
    for page in client.search_pages(query, fields=list(FIELDS)):
        for issue in page:
            issue_id = str(issue.get("id") or "")
            known_requests.take_visibility(issue_id, hidden=False)
            take_news(issue_id, issue)
            # Oldest first: a failure later on need not begin again from the start.
            _know_until(client, moment(_mapping(issue.get("fields")).get("updated")))
    _know_until(client, asked_at)


def take_news(issue_id: str, issue: Mapping[str, Any]) -> None:
    """Tell the domain the status of an issue that was read; half an answer tells nothing."""
    fields = _mapping(issue.get("fields"))
    status, at = status_in(fields), moment(fields.get("updated"))
    if status is None or at is None:
        return
    name, resolved = status
    lifecycle.take_status(
        issue_id,
        status=name,
        resolved=resolved,
        at=at,
        resolved_at=moment(fields.get(SINCE)),
        issue_key=key_of(issue),
    )


def status_in(fields: Mapping[str, Any]) -> tuple[str, bool] | None:
    """Return a status by its name, and whether it means resolved; None when that is not said."""
    status = _mapping(fields.get("status"))
    category = _mapping(status.get("statusCategory")).get("key")
    name = status.get("name")
    if not isinstance(name, str) or not isinstance(category, str) or not name or not category:
        return None
    return storable(name)[:120], category.lower() == DONE


def key_of(issue: Mapping[str, Any]) -> str:
    """Return an issue's key, another one since it was moved to another project; "" if not said."""
    key = issue.get("key")
    return key if isinstance(key, str) and ISSUE_KEY.fullmatch(key) else ""


def reporter_of(issue: Mapping[str, Any]) -> str:
    """Return the account id of who reported an issue; "" when that is an app, or not said."""
    reporter = _mapping(_mapping(issue.get("fields")).get("reporter"))
    account_id = reporter.get("accountId")
    if not isinstance(account_id, str) or reporter.get("accountType") == "app":
        return ""
    return account_id


def moment(text: object) -> datetime | None:
    """Read a time as Jira writes it; None when it is none, or nobody could reckon with it."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo and MINYEAR < at.year < MAXYEAR else None


def _minutes_back(now: datetime) -> int:
    # Of the whole site: a new installation goes on where the one before it has ended.
    known = current_site().installations.aggregate(at=Max("events_known_until"))["at"]
    back = now - known + OVERLAP if known else FIRST_LOOK_BACK
    return int(min(back, LONGEST_LOOK_BACK).total_seconds() // 60) + 1


def _know_until(client: JiraClient, at: datetime | None) -> None:
    if client.installation is not None and at is not None:
        ours = Installation.objects.filter(pk=client.installation.pk)
        ours.exclude(events_known_until__gt=at).update(events_known_until=at)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
