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
LONGEST_DESCRIPTION = 30_000  # characters; the whole text stands in the panel


def open_request(promise: Promise) -> None:
    """Open the request of a conversation, unless it has one.

    A property cannot travel with the creation, and Jira knows no idempotency key: after a try whose
    end is unknown, a request of ours that no conversation has is looked for and adopted.
    """
    conversation = Conversation.objects.get(pk=promise.subject)
    if conversation.issue_id:
        return
    first = conversation.messages.select_related("address").order_by("pk")[0]
    if promise.uncertain_since is None:
        opened = _create(first)
    else:
        opened = _adopt(first, promise.uncertain_since)
    attach_request(conversation.pk, opened)


def annotate_request(promise: Promise) -> None:
    """Write what the conversation is into the request's entity property: ids and states."""
    conversation = Conversation.objects.get(pk=promise.subject)
    if conversation.end_reason == Conversation.EndReason.DELETED:
        return
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


def _create(first: Message) -> RequestOpened:
    defaults = _defaults()
    return app_client().create_request(
        service_desk_id=defaults.service_desk_id,
        request_type_id=defaults.request_type_id,
        fields={
            **defaults.field_values,
            "summary": _summary(defaults, first),
            "description": adf.document(_description(first)),
        },
    )


def _adopt(first: Message, uncertain_since: datetime) -> RequestOpened:
    """Return the request that an earlier try has opened.

    Raises UnknownOutcome while that is not certain, TemporaryFailure once there is surely none.
    """
    try:
        opened = _find(first, uncertain_since)
    except (TemporaryFailure, PermanentFailure) as failure:
        # The question failed, so the earlier try's fate is as unknown as before.
        retry_after = failure.retry_after if isinstance(failure, TemporaryFailure) else None
        raise UnknownOutcome(str(failure), retry_after=retry_after) from failure
    if opened is not None:
        return opened
    if timezone.now() - uncertain_since < INDEX_LAG:
        raise UnknownOutcome("Looks for the request in Jira.", retry_after=ASK_AGAIN_SECONDS)
    raise TemporaryFailure("Jira did not open the request.", retry_after=0)


def _find(first: Message, uncertain_since: datetime) -> RequestOpened | None:
    defaults = _defaults()
    summary, description = _summary(defaults, first), _description(first)
    candidates = _candidates(app_client(), defaults, uncertain_since)
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
    project = client.service_desk(defaults.service_desk_id)["projectKey"]
    return client.search(
        f'project = "{project}" AND reporter = "{account_id}" AND created >= -{minutes}m '
        "ORDER BY created ASC",
        fields=["summary", "description"],
    )


def _defaults() -> RequestDefaults:
    defaults = RequestDefaults.objects.current()
    if defaults is None:
        raise TemporaryFailure("No default request type is chosen in the console.")
    return defaults


def _summary(defaults: RequestDefaults, first: Message) -> str:
    number = first.address.value or "unknown sender"
    summary = defaults.summary(
        channel=Channel(first.channel).label,
        number=mask(number) if defaults.mask_number else number,
    )
    return " ".join(summary.split())[:255]  # Jira refuses a summary of two lines


def _description(first: Message) -> str:
    """Return the first message's text, as much as Jira takes; a file says what it is."""
    text = first.text.replace("\r\n", "\n").replace("\r", "\n")[:LONGEST_DESCRIPTION]
    return text if text.strip() else f"({MessageKind(first.kind).label})"
