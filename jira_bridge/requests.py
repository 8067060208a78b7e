"""Keeping the promises to Jira: a conversation gets its request once, the request its property."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from conversations import outbox
from conversations.contracts import Channel, Promise, RequestOpened
from conversations.errors import (
    PermanentFailure,
    RequestTaken,
    TemporaryFailure,
    UnknownOutcome,
)
from conversations.models import Address, Conversation, Message, OutboxEntry
from conversations.phone_numbers import mask
from conversations.services.lifecycle import attach_request
from conversations.thread_parts import label_of, words_of
from jira_bridge import adf, customers, licence, targets
from jira_bridge.http import RefusedByJira
from jira_bridge.models import RequestDefaults, RequestTarget
from jira_bridge.tokens import app_client
from jira_bridge.visibility import noticing

PROPERTY = "omnichat"
# Jira's index is asked this long for a request that may exist before another one is opened.
INDEX_LAG = timedelta(seconds=30)
ASK_AGAIN_SECONDS = 3.0
LONGEST_DESCRIPTION = 30_000  # characters; the whole text stands in the panel
REFUSED = {"400", "404"}  # what was sent, or where it was sent to


def open_request(promise: Promise) -> None:
    """Open the request of a conversation, unless it has one.

    A property cannot travel with the creation, and Jira knows no idempotency key: after a try whose
    end is unknown, a request of ours that no conversation has is looked for and adopted.
    """
    began = timezone.now()
    conversation = Conversation.objects.select_related("customer").get(pk=promise.subject)
    if conversation.issue_id or conversation.customer.erased_at:
        return
    messages = conversation.messages.select_related("address", "sender")
    first = messages.order_by("pk")[0]  # its conversation is the one that was read
    if promise.uncertain_since is None:
        licence.require_for_new_request()
        opened = _create(first, tried=promise.attempt, began=began)
        if opened is not None:
            _keep(conversation, opened)
    else:
        _adopt(first, promise.uncertain_since)
    # Jira answers: those that wait longer and longer for it need not. Those that only wait for its
    # index would ask for nothing.
    outbox.hasten(promise.topic, waiting_over=timedelta(seconds=ASK_AGAIN_SECONDS))


def annotate_request(promise: Promise) -> None:
    """Write what the conversation is into the request's entity property: ids and states."""
    conversation = Conversation.objects.get(pk=promise.subject)
    if conversation.end_reason == Conversation.EndReason.DELETED:
        return
    value: dict[str, Any] = {
        "conversation": str(conversation.pk),
        "state": conversation.state,
        "channel": conversation.channel,
    }
    if _defaults().show_number_in_property and not conversation.customer.erased_at:
        value["number"] = _number(conversation)
    with noticing(conversation.issue_id, attempt=promise.attempt):
        # Spare: an admin may have all requests written again, whose points new ones need.
        app_client(spare=True).put_property(conversation.issue_id, PROPERTY, value)


def annotate_all(*, ended_too: bool = False) -> None:
    """Have the property of all open requests written again: what it shows was changed."""
    known = Conversation.objects.all() if ended_too else Conversation.objects.live()
    for conversation_id in known.exclude(issue_id="").order_by("pk").values_list("pk", flat=True):
        outbox.promise(
            "request.annotate", group=f"annotate:{conversation_id}", subject=conversation_id
        )


def _create(first: Message, *, tried: int, began: datetime) -> RequestOpened | None:
    """Open a request for the customer, or for the app where Jira does not take the customer.

    None when this process was frozen for so long that another one has opened it.
    """
    defaults = _defaults()
    target = targets.target_for(first.sender, defaults)
    fields = _fields(target, defaults, first)
    reporter = customers.reporter_for(
        first.conversation.customer,
        number=first.address.value,
        service_desk_id=target.service_desk_id,
        defaults=defaults,
        tried=tried,
    )
    if timezone.now() - began > OutboxEntry.LEASE and _has_request(first.conversation_id):
        return None
    try:
        return _ask(target, fields, reporter)
    except (PermanentFailure, RefusedByJira):
        # In which words Jira refuses a reporter is written nowhere.
        if not reporter:
            raise
    return _ask(target, fields, "")


def _has_request(conversation_id: int) -> bool:
    return Conversation.objects.filter(pk=conversation_id).exclude(issue_id="").exists()


def _ask(target: RequestTarget, fields: dict[str, Any], reporter: str) -> RequestOpened:
    try:
        return app_client().create_request(
            service_desk_id=target.service_desk_id,
            request_type_id=target.request_type_id,
            fields=fields,
            reporter=reporter,
        )
    except PermanentFailure as failure:
        if failure.code in REFUSED and not reporter:
            targets.ask_for_check()
        raise


def _keep(conversation: Conversation, opened: RequestOpened) -> None:
    try:
        attach_request(conversation.pk, opened)
    except RequestTaken as taken:
        # Somebody with the same text, who lost an answer, has adopted it; theirs may be ours.
        raise UnknownOutcome(
            "Another conversation has the request.", retry_after=ASK_AGAIN_SECONDS
        ) from taken


def _adopt(first: Message, uncertain_since: datetime) -> None:
    """Attach the request that an earlier try has opened.

    Raises UnknownOutcome while that is not certain, TemporaryFailure once there is surely none.
    """
    try:
        candidates = _candidates(first, uncertain_since)
    except (TemporaryFailure, PermanentFailure) as failure:
        # The question failed, so the earlier try's fate is as unknown as before.
        retry_after = failure.retry_after if isinstance(failure, TemporaryFailure) else None
        raise UnknownOutcome(str(failure), retry_after=retry_after) from failure
    for opened in candidates:
        try:
            attach_request(first.conversation_id, opened)
        except RequestTaken:
            continue
        return
    left = (uncertain_since + INDEX_LAG - timezone.now()).total_seconds()
    if left > 0:
        pause = min(ASK_AGAIN_SECONDS, left)
        raise UnknownOutcome("Looks for the request in Jira.", retry_after=pause)
    raise TemporaryFailure("Jira did not open the request.", retry_after=0)


def _candidates(first: Message, uncertain_since: datetime) -> list[RequestOpened]:
    """Return the requests that may be this message's, the likeliest first.

    In whatever project and with whatever summary: what the console says may have changed since. The
    text must be the message's, and a summary that is not the one of now must name the number.
    """
    client, defaults = app_client(), _defaults()
    fields = _fields(targets.target_for(first.sender, defaults), defaults, first)
    reporters = [client.own_account()["accountId"], first.conversation.customer.jira_account_id]
    # Jira reckons by its own clock; a try may have begun a minute before its end was unknown.
    minutes = int((timezone.now() - uncertain_since).total_seconds() // 60) + 2
    alike = [
        issue
        for issue in client.search(
            f"{_reported_by(reporters)} AND created >= -{minutes}m ORDER BY created ASC",
            fields=["summary", "description"],
        )
        if _is_like(issue, fields, first)
    ]
    alike.sort(key=lambda issue: _said(issue, "summary") != fields["summary"])
    return [
        RequestOpened(issue_id=str(issue["id"]), issue_key=str(issue["key"]))
        for issue in alike
        if not client.has_property(str(issue["id"]), PROPERTY)
    ]


def _is_like(issue: dict[str, Any], fields: dict[str, Any], first: Message) -> bool:
    summary, text = _said(issue, "summary"), _said(issue, "description").strip()
    if summary == fields["summary"] and "description" not in fields:
        return not text
    number = first.address.value
    named = bool(number) and (number in summary or mask(number) in summary)
    return (named or summary == fields["summary"]) and text == _description(first).strip()


def _said(issue: dict[str, Any], name: str) -> str:
    return adf.plain_text((issue.get("fields") or {}).get(name))


def _reported_by(account_ids: Iterable[str]) -> str:
    known = [f'"{account_id}"' for account_id in dict.fromkeys(account_ids) if account_id]
    return f"reporter = {known[0]}" if len(known) == 1 else f"reporter in ({', '.join(known)})"


def _defaults() -> RequestDefaults:
    """Return how requests are called; a site may have rules for its senders only."""
    return RequestDefaults.objects.current() or RequestDefaults()


def _fields(target: RequestTarget, defaults: RequestDefaults, first: Message) -> dict[str, Any]:
    return targets.fields_of(
        target,
        summary=_summary(defaults, first),
        description=adf.document(_description(first)),
    )


def _summary(defaults: RequestDefaults, first: Message) -> str:
    number = first.address.value or "unknown sender"
    summary = defaults.summary(
        channel=Channel(first.channel).label,
        number=mask(number) if defaults.mask_number else number,
    )
    return " ".join(summary.split())[:255]  # Jira refuses a summary of two lines


def _description(first: Message) -> str:
    """Return the first message's text, as much as Jira takes; of other kinds, what they say."""
    text = first.text.replace("\r\n", "\n").replace("\r", "\n")
    kind = label_of(first) or _("Text")
    said = [text if text.strip() else f"({kind})", *words_of(first)]
    return "\n".join(said)[:LONGEST_DESCRIPTION]


def _number(conversation: Conversation) -> str:
    """Return the number that wrote first, or one of the customer's where an agent began."""
    of_customer = Address.objects.filter(phone_number__customer=conversation.customer_id)
    wrote = of_customer.filter(messages__conversation=conversation).order_by("messages__pk")
    address = wrote.first() or of_customer.order_by("pk").first()
    return address.value if address else ""
