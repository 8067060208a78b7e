"""The entries of a thread: its messages and events read, in order and grouped, with their days."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise

from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects

from conversations.models import AgentProfile, AuditEvent, Conversation, Message
from conversations.models.message import MessageQuerySet
from conversations.phone_numbers import display
from conversations.services.ways_over import ways_over
from conversations.thread_rows import (
    EVENTS,
    EventRow,
    MessageRow,
    Row,
    day_row,
    event_row,
    message_row,
    place_of,
)

MOST_EVENTS = 200
GROUP_WITHIN = timedelta(minutes=2)

Entry = EventRow | MessageRow


def messages_of(conversation: Conversation) -> MessageQuerySet:
    """Return the messages with all that their rows need, but for those that they quote."""
    found = Message.objects.filter(conversation=conversation).select_related("address")
    return found.prefetch_related("sends", "attachments")


def events_of(conversation: Conversation) -> QuerySet[AuditEvent]:
    """Return the events that a thread shows."""
    return AuditEvent.objects.filter(
        subject_type="conversation", subject_id=str(conversation.pk), action__in=EVENTS
    )


def before_place(place: str, *, included: bool = False) -> Q:
    """Return the condition of messages before a place; said so that an index can answer it."""
    at, pk = place_of(place)
    beyond = Q(pk__gt=pk) if included else Q(pk__gte=pk)
    return Q(occurred_at__lte=at) & ~(Q(occurred_at=at) & beyond)


def after_place(place: str, *, included: bool = False) -> Q:
    """Return the condition of messages after a place."""
    at, pk = place_of(place)
    beyond = Q(pk__lt=pk) if included else Q(pk__lte=pk)
    return Q(occurred_at__gte=at) & ~(Q(occurred_at=at) & beyond)


def near(times: Iterable[datetime]) -> Q:
    """Return the condition of what may stand in one group with something of these times."""
    spans: list[list[datetime]] = []
    for at in sorted(times):
        if spans and at - spans[-1][1] <= 2 * GROUP_WITHIN:
            spans[-1][1] = at
        else:
            spans.append([at, at])
    found = Q()
    for first, last in spans:
        found |= Q(occurred_at__range=(first - GROUP_WITHIN, last + GROUP_WITHIN))
    return found


def merged(
    conversation: Conversation,
    messages: Iterable[Message],
    events: Iterable[AuditEvent],
    *,
    zone: tzinfo,
    number: Callable[[str], str] = display,
) -> list[Entry]:
    """Return messages and events in order; a message under the header of the one before says so."""
    customer, messages, events = conversation.customer, list(messages), list(events)
    quoted = _quoted(messages)
    names = _names(
        [message.author for message in [*messages, *quoted]] + [event.actor for event in events]
    )
    over = ways_over(conversation, messages)
    rows: list[Entry] = [
        message_row(
            each,
            customer=customer,
            names=names,
            zone=zone,
            over=over.get(each.pk, ()),
            number=number,
        )
        for each in messages
    ]
    rows += [event_row(event, names=names, zone=zone) for event in events]
    rows.sort(key=lambda row: row.order)
    return rows[:1] + [_grouped(previous, row) for previous, row in pairwise(rows)]


def _quoted(messages: Iterable[Message]) -> list[Message]:
    """Return what some of the messages quote, with all that is shown of it."""
    quoting = [message for message in messages if message.quoted_id]
    # Few do: it is asked for where there is some, and not joined to every message.
    shown = Message.objects.select_related("address").prefetch_related("attachments")
    prefetch_related_objects(quoting, Prefetch("quoted", shown))
    return [message.quoted for message in quoting if message.quoted]


def with_days(rows: Iterable[Entry]) -> list[Row]:
    """Return the rows with a line before the first one of each day."""
    shown: list[Row] = []
    day: date | None = None
    for row in rows:
        if row.moment.at.date() != day:
            day = row.moment.at.date()
            shown.append(day_row(row.moment))
        shown.append(row)
    return shown


def _grouped(previous: Entry, row: Entry) -> Entry:
    if not isinstance(previous, MessageRow) or not isinstance(row, MessageRow):
        return row
    return replace(row, joined=_joins(previous, row))


def _joins(previous: MessageRow, row: MessageRow) -> bool:
    """Whether a message stands under the header of the one before; a failed one stands alone."""
    before, at = previous.moment.at, row.moment.at
    return (
        (previous.direction, previous.channel, previous.author_id, before.date())
        == (row.direction, row.channel, row.author_id, at.date())
        and at - before <= GROUP_WITHIN
        and "failed" not in {previous.state, row.state}
    )


def _names(account_ids: Iterable[str]) -> dict[str, str]:
    wanted = {account_id for account_id in account_ids if account_id}
    if not wanted:
        return {}
    profiles = AgentProfile.objects.filter(account_id__in=wanted)
    return dict(profiles.values_list("account_id", "name"))
