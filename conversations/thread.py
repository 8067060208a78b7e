"""The rows of a thread, as panel and transcript show them: in order, grouped, with their days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta, tzinfo
from itertools import pairwise

from django.db.models import Min, Q

from conversations.models import AgentProfile, AuditEvent, Conversation, Message
from conversations.models.message import MessageQuerySet
from conversations.services.ways_over import ways_over
from conversations.thread_rows import (
    EVENTS,
    EventRow,
    MessageRow,
    Row,
    day_row,
    event_row,
    message_row,
    order_of,
    place_of,
)

PAGE = 100
MOST_CONTEXT = 1000
MOST_EVENTS = 200
GROUP_WITHIN = timedelta(minutes=2)

Entry = EventRow | MessageRow


@dataclass(frozen=True)
class Thread:
    """Rows in their order, and the place before which there are more (None: that is all)."""

    rows: list[Row]
    more_before: str | None = None


def newest(conversation: Conversation, *, zone: tzinfo) -> Thread:
    """Return the end of the thread, by the provider's time."""
    return _page(conversation, _messages(conversation), zone=zone)


def earlier(conversation: Conversation, before: str, *, zone: tzinfo) -> Thread:
    """Return what comes before a place, as `Thread.more_before` named it."""
    at, pk = place_of(before)
    older = _messages(conversation).filter(Q(occurred_at__lt=at) | Q(occurred_at=at, pk__lt=pk))
    return _page(conversation, older, before=before, zone=zone)


def changes(
    conversation: Conversation, after: int, *, since: str | None = None, zone: tzinfo
) -> list[Row]:
    """Return the rows changed after a version, and those that look different because of them.

    `since` is the oldest row on the screen: what lies before it stays unread.
    """
    messages = _messages(conversation)
    if since:
        messages = messages.filter(occurred_at__gte=place_of(since)[0])
    first = messages.changed_after(after).aggregate(Min("occurred_at"))["occurred_at__min"]
    events = _events(conversation, zone)
    times = [event.moment.at for event in events if event.version > after]
    if first is None and not times:
        return []
    oldest = min([first, *times] if first else times)
    before = messages.filter(occurred_at__lt=oldest).order_by("-occurred_at", "-pk")[:1]
    context = messages.filter(occurred_at__gte=oldest).order_by("-occurred_at", "-pk")
    rows = _merged(conversation, [*before, *context[:MOST_CONTEXT]], events, zone)
    followers = {row.order for previous, row in pairwise(rows) if previous.version > after}
    return _with_days([row for row in rows if row.version > after or row.order in followers])


def gone(conversation: Conversation, after: int) -> list[int]:
    """Return the ids of messages that have left the conversation since a version."""
    moves = AuditEvent.objects.filter(
        subject_type="conversation", subject_id=str(conversation.pk), action="message.moved"
    )
    ids = {pk for move in moves if move.detail["version"] > after for pk in move.detail["messages"]}
    if not ids:
        return []
    back = conversation.messages.filter(pk__in=ids).values_list("pk", flat=True)
    return sorted(ids - set(back))


def _page(
    conversation: Conversation,
    messages: MessageQuerySet,
    *,
    before: str | None = None,
    zone: tzinfo,
) -> Thread:
    found = list(messages.order_by("-occurred_at", "-pk")[: PAGE + 1])
    shown, more = found[:PAGE], len(found) > PAGE
    start = order_of(shown[-1].occurred_at, shown[-1].pk) if more else ""
    events = [
        event
        for event in _events(conversation, zone)
        if event.order > start and (before is None or event.order < before)
    ]
    rows = _with_days(_merged(conversation, shown, events, zone))
    return Thread(rows, start or None)


def _messages(conversation: Conversation) -> MessageQuerySet:
    found = Message.objects.filter(conversation=conversation)
    found = found.select_related("address", "quoted__address")
    return found.prefetch_related("sends", "attachments", "quoted__attachments")


def _events(conversation: Conversation, zone: tzinfo) -> list[EventRow]:
    found = AuditEvent.objects.filter(
        subject_type="conversation", subject_id=str(conversation.pk), action__in=EVENTS
    ).order_by("-pk")[:MOST_EVENTS]
    names = _names(event.actor for event in found)
    return [event_row(event, names=names, zone=zone) for event in found]


def _merged(
    conversation: Conversation, messages: Sequence[Message], events: list[EventRow], zone: tzinfo
) -> list[Entry]:
    """Return messages and events in order; a message under the header of the one before says so."""
    customer = conversation.customer
    quoted = [message.quoted for message in messages if message.quoted]
    names = _names(message.author for message in [*messages, *quoted])
    over = ways_over(conversation, messages)
    rows: list[Entry] = [
        *(
            message_row(each, customer=customer, names=names, zone=zone, over=over.get(each.pk, ()))
            for each in messages
        ),
        *events,
    ]
    rows.sort(key=lambda row: row.order)
    return rows[:1] + [_grouped(previous, row) for previous, row in pairwise(rows)]


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


def _with_days(rows: list[Entry]) -> list[Row]:
    shown: list[Row] = []
    day: date | None = None
    for row in rows:
        if row.moment.at.date() != day:
            day = row.moment.at.date()
            shown.append(day_row(row.moment))
        shown.append(row)
    return shown


def _names(account_ids: Iterable[str]) -> dict[str, str]:
    wanted = {account_id for account_id in account_ids if account_id}
    profiles = AgentProfile.objects.filter(account_id__in=wanted)
    return dict(profiles.values_list("account_id", "name"))
