"""Keeping the promises to Jira: a conversation gets its request once, the request its property."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from conversations.contracts import Channel, MessageKind, Promise, RequestOpened
from conversations.errors import PermanentFailure, TemporaryFailure, UnknownOutcome
from conversations.models import Conversation, Message
from conversations.phone_numbers import mask
from conversations.services.lifecycle import attach_request
from jira_bridge import adf
from jira_bridge.client import JiraClient
from jira_bridge.models import RequestDefaults
from jira_bridge.tokens import app_client

PROPERTY = "omnichat"
# Jira's index is asked this long for a request that may exist before another one is opened.
INDEX_LAG = timedelta(seconds=30)
ASK_AGAIN_SECONDS = 3.0


def open_request(promise: Promise) -> None:
    """Open the request of a conversation, unless it has one.

    A property cannot travel with the creation, and Jira knows no idempotency key: after a try whose
    end is unknown, a request of ours that no conversation has is looked for and adopted.
    """
    conversation = Conversation.objects.get(pk=promise.subject)
    if conversation.issue_id:
        return
    defaults = RequestDefaults.objects.current()
    if defaults is None:
        raise TemporaryFailure("No default request type is chosen in the console.")
    first = conversation.messages.select_related("address").order_by("pk")[0]
    summary = _summary(defaults, first)
    client = app_client() if promise.uncertain_since is None else _certain_client()
    if promise.uncertain_since is not None:
        opened = _find(client, defaults, summary, _description(first), promise.uncertain_since)
        if opened is None:
            _look_again(promise.uncertain_since)
    else:
        opened = client.create_request(
            service_desk_id=defaults.service_desk_id,
            request_type_id=defaults.request_type_id,
            summary=summary,
            description=adf.document(_description(first)),
        )
    if opened is not None:
        attach_request(conversation.pk, opened)


def annotate_request(promise: Promise) -> None:
    """Write what the conversation is into the request's entity property: ids and states."""
    conversation = Conversation.objects.get(pk=promise.subject)
    defaults = RequestDefaults.objects.current()
    value: dict[str, Any] = {
        "conversation": str(conversation.pk),
        "state": conversation.state,
        "channel": conversation.channel,
    }
    if defaults is not None and defaults.show_number_in_property:
        first = conversation.messages.select_related("address").order_by("pk")[0]
        value["number"] = first.address.value
    app_client().put_property(conversation.issue_id, PROPERTY, value)


def _certain_client() -> JiraClient:
    """A client for asking; lacking one leaves the earlier try as uncertain as it was."""
    try:
        return app_client()
    except TemporaryFailure as failure:
        raise UnknownOutcome(str(failure), retry_after=failure.retry_after) from failure


def _look_again(uncertain_since: datetime) -> None:
    if timezone.now() - uncertain_since < INDEX_LAG:
        raise UnknownOutcome("Looks for the request in Jira.", retry_after=ASK_AGAIN_SECONDS)
    raise TemporaryFailure("Jira did not open the request.", retry_after=0)


def _find(
    client: JiraClient,
    defaults: RequestDefaults,
    summary: str,
    description: str,
    uncertain_since: datetime,
) -> RequestOpened | None:
    try:
        candidates = _candidates(client, defaults, uncertain_since)
    except PermanentFailure as failure:
        raise UnknownOutcome(str(failure)) from failure
    except TemporaryFailure as failure:
        raise UnknownOutcome(str(failure), retry_after=failure.retry_after) from failure
    taken = set(
        Conversation.objects.filter(
            issue_id__in=[str(issue.get("id")) for issue in candidates]
        ).values_list("issue_id", flat=True)
    )
    for issue in candidates:
        fields = issue.get("fields") or {}
        said = adf.plain_text(fields.get("description")).strip()
        same = fields.get("summary") == summary and said == description.strip()
        if same and str(issue.get("id")) not in taken:
            return RequestOpened(issue_id=str(issue["id"]), issue_key=str(issue["key"]))
    return None


def _candidates(
    client: JiraClient, defaults: RequestDefaults, uncertain_since: datetime
) -> list[dict[str, Any]]:
    minutes = int((timezone.now() - uncertain_since).total_seconds() // 60) + 2
    account_id = client.own_account()["accountId"]
    project = client.project_key(defaults.service_desk_id)
    return client.search(
        f'project = "{project}" AND reporter = "{account_id}" AND created >= -{minutes}m '
        "ORDER BY created ASC",
        fields=["summary", "description"],
    )


def _summary(defaults: RequestDefaults, first: Message) -> str:
    number = first.address.value or "unknown sender"
    return defaults.summary(
        channel=Channel(first.channel).label,
        number=mask(number) if defaults.mask_number else number,
    )[:255]


def _description(first: Message) -> str:
    """Return the first message's text; a file says what it is."""
    if first.text.strip():
        return first.text
    return f"({MessageKind(first.kind).label})"
