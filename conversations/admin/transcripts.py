"""The transcript of a conversation: what agents saw, what happened, and how each message went."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin.audit_words import result_in_words
from conversations.admin.customer_words import value_of
from conversations.admin.event_words import what, who
from conversations.admin.lozenges import Level, lozenge
from conversations.admin.paging import OLDER, Keyset
from conversations.admin.people import names_of
from conversations.admin.reveal import is_revealed
from conversations.contracts import SendState
from conversations.errors import NotFound
from conversations.failures import reason_of
from conversations.masking import hide_numbers
from conversations.models import AuditEvent, Conversation, Message, Send
from conversations.phone_numbers import display, mask
from conversations.thread_entries import messages_of
from conversations.thread_pages import Page, Wish, page_of, rows_of
from conversations.thread_parts import label_of
from conversations.thread_rows import MessageRow, Row

EVENTS_PER_PAGE = 200
MESSAGES_WHILE_OPENING = 50
PLACE = re.compile(r"[0-9]{30}")  # as thread_rows.order_of writes it
MESSAGE_ID = re.compile(r"[0-9]{1,18}")
TABS = {
    "messages": gettext_lazy("Messages"),
    "events": gettext_lazy("Events"),
    "delivery": gettext_lazy("Delivery"),
}
SEND_STATES: dict[SendState, tuple[Any, Level]] = {
    SendState.QUEUED: (gettext_lazy("Queued"), "neutral"),
    SendState.SENDING: (gettext_lazy("Sending"), "info"),
    SendState.UNCONFIRMED: (gettext_lazy("Not confirmed"), "warning"),
    SendState.SENT: (gettext_lazy("Sent"), "info"),
    SendState.FAILED: (gettext_lazy("Not delivered"), "error"),
    SendState.DELIVERED: (gettext_lazy("Delivered"), "success"),
    SendState.READ: (gettext_lazy("Read"), "success"),
}


def transcript_of(request: HttpRequest, conversation: Conversation) -> dict[str, Any]:
    """Return what the transcript's template shows: one tab, and one page of it."""
    tab = request.GET.get("tab", "messages")
    tab = tab if tab in TABS else "messages"
    shown = {"messages": _messages, "events": _events, "delivery": _delivery}[tab]
    revealed = is_revealed(request, conversation)
    number = display if revealed else mask
    owned = conversation.customer.phone_numbers.all()
    return {
        "conversation": conversation,
        "revealed": revealed,
        "numbers": sorted({number(value_of(each)) for each in owned}),
        "tab": tab,
        "tabs": [(name, words, f"?tab={name}", name == tab) for name, words in TABS.items()],
        **shown(request, conversation, number),
    }


def _messages(
    request: HttpRequest, conversation: Conversation, number: Callable[[str], str]
) -> dict[str, Any]:
    page, missing = _page(request, messages_of(conversation))
    rows = rows_of(conversation, page, zone=timezone.get_current_timezone(), number=number)
    if number is mask:
        rows = [_without_numbers(row) for row in rows]
    return {"rows": rows, "pointed": _asked(request), "missing": missing, "page": page}


def _delivery(
    request: HttpRequest, conversation: Conversation, number: Callable[[str], str]
) -> dict[str, Any]:
    messages = Message.objects.filter(conversation=conversation)
    messages = messages.select_related("sender", "address")
    page, missing = _page(request, messages.prefetch_related("sends__sender", "sends__address"))
    names = names_of(message.author for message in page.messages)
    shown = [
        {
            "message": message,
            "author": _author(message, names),
            "kind": label_of(message),
            "address": number(message.address.value),
            "attempts": [_attempt(send, number) for send in _attempts(message)],
        }
        for message in page.messages
    ]
    return {"deliveries": shown, "pointed": _asked(request), "missing": missing, "page": page}


def _events(
    request: HttpRequest, conversation: Conversation, _number: Callable[[str], str]
) -> dict[str, Any]:
    """Return a page of what the audit log has of it, newest first."""
    events = AuditEvent.objects.filter(_about(conversation))
    keyset = Keyset("-occurred_at", "-id")
    older = keyset.place_of(events, request.GET.get(OLDER, ""))
    rows = keyset.following(events, older) if older else events.order_by(*keyset.names)
    found = list(rows[: EVENTS_PER_PAGE + 1])
    shown = found[:EVENTS_PER_PAGE]
    names = names_of(event.actor for event in shown)
    more = len(found) > EVENTS_PER_PAGE
    return {
        "events": [(event, what(event), who(event, names), _result(event)) for event in shown],
        "newest_url": "?tab=events" if older else "",
        "older_url": f"?tab=events&{OLDER}={keyset.cursor_of(shown[-1])}" if more else "",
    }


def _result(event: AuditEvent) -> str:
    return result_in_words(event.result) if event.result else ""


def _about(conversation: Conversation) -> Q:
    """Return the condition of events about a conversation and what is in it.

    Those of its first messages name no request: it was not there yet.
    """
    about = Q(subject_type="conversation", subject_id=str(conversation.pk))
    if conversation.issue_key:
        about |= Q(issue_key=conversation.issue_key)
    first = conversation.messages.in_order().values_list("pk", flat=True)[:MESSAGES_WHILE_OPENING]
    named = [str(pk) for pk in first]
    return about | Q(subject_type="message", subject_id__in=named, issue_key="")


def _page(request: HttpRequest, messages: QuerySet[Message]) -> tuple[Page, str]:
    """Return the page that is asked for; the last, and why, if a message is not here any more."""
    asked = request.GET
    wish = Wish(
        first="first" in asked,
        before=_place_in(asked.get("before", "")),
        after=_place_in(asked.get("after", "")),
        message=_asked(request),
    )
    try:
        return page_of(messages, wish), ""
    except NotFound as missing:
        return page_of(messages, Wish()), str(missing)


def _place_in(asked: str) -> str:
    return asked if PLACE.fullmatch(asked) else ""


def _asked(request: HttpRequest) -> int | None:
    asked = request.GET.get("message", "")
    return int(asked) if MESSAGE_ID.fullmatch(asked) else None


def _without_numbers(row: Row) -> Row:
    """Hide the numbers on the cards of people that a customer has sent."""
    if not isinstance(row, MessageRow) or not row.parts.contacts:
        return row
    contacts = tuple(
        replace(card, lines=tuple(hide_numbers(line) for line in card.lines))
        for card in row.parts.contacts
    )
    return replace(row, parts=replace(row.parts, contacts=contacts))


def _attempts(message: Message) -> list[Send]:
    return sorted(message.sends.all(), key=lambda send: send.number)


def _attempt(send: Send, number: Callable[[str], str]) -> dict[str, Any]:
    words, level = SEND_STATES[SendState(send.state)]
    failed = send.state == SendState.FAILED
    return {
        "send": send,
        "state": lozenge(str(words), level),
        "why": reason_of(send.failure) if failed else "",
        "text": send.error_text if number is display else hide_numbers(send.error_text),
        "address": number(send.address.value),
        "times": [
            (_("Created"), send.created_at),
            (_("Sent"), send.sent_at),
            (_("Delivered"), send.delivered_at),
            (_("Read"), send.read_at),
        ],
    }


def _author(message: Message, names: Mapping[str, str]) -> str:
    if message.inbound:
        return ""
    return names.get(message.author) or (_("Agent") if message.author else _("Auto-reply"))
