"""The thread of a conversation as panels ask for it: its end, a page, what has changed."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import pairwise

from django.utils.translation import gettext as _

from conversations.errors import NotFound
from conversations.models import AuditEvent, Conversation, Message
from conversations.thread_entries import (
    GROUP_WITHIN,
    MOST_EVENTS,
    after_place,
    before_place,
    events_of,
    merged,
    messages_of,
    near,
    with_days,
)
from conversations.thread_rows import DayRow, Gap, GapRow, Row, order_of, place_of

PAGE = 50
LEAD_IN = 20  # messages shown before the one that is gone to
WITHIN_REACH = 200  # messages from one to the end that are shown without a gap


@dataclass(frozen=True)
class Thread:
    """Rows in their order, and the place before which there are more (None: that is all)."""

    rows: list[Row]
    more_before: str | None = None


@dataclass(frozen=True)
class Changes:
    """Rows that look other than before, and the ids of messages that have left."""

    rows: list[Row]
    gone: list[int]


@dataclass(frozen=True)
class Screen:
    """Which rows are on a screen: all from one on, but for those in a gap."""

    since: str = ""
    gap: Gap | None = None

    def shows(self, order: str) -> bool:
        return order >= self.since and not (self.gap and self.gap.after < order < self.gap.before)


def newest(conversation: Conversation, *, zone: tzinfo) -> Thread:
    """Return the end of the thread, by the provider's time."""
    found = list(messages_of(conversation).order_by("-occurred_at", "-pk")[: PAGE + 1])
    return _page(conversation, found, PAGE, zone=zone)


def earlier(conversation: Conversation, before: str, *, zone: tzinfo) -> Thread:
    """Return what comes before a place, as `Thread.more_before` named it.

    With it the row of the place itself, if it stands under another one's header now.
    """
    older = messages_of(conversation).filter(before_place(before, included=True))
    found = list(older.order_by("-occurred_at", "-pk")[: PAGE + 2])
    follows = bool(found) and _order(found[0]) == before
    size = PAGE + follows
    return _page(conversation, found, size, until=before, known={before}, zone=zone)


def around(conversation: Conversation, message_id: int, *, zone: tzinfo) -> Thread:
    """Return the thread from a little before a message to its end; what is far between is a gap.

    Raises NotFound.
    """
    message = conversation.messages.filter(pk=message_id).first()
    if message is None:
        raise NotFound(_("This message is not in this conversation any more."))
    place, messages = _order(message), messages_of(conversation)
    lead_in = messages.filter(before_place(place)).order_by("-occurred_at", "-pk")
    found = list(lead_in[: LEAD_IN + 1])
    rest = messages.filter(after_place(place, included=True)).in_order()
    far = conversation.messages.filter(after_place(place))[:WITHIN_REACH].count() >= WITHIN_REACH
    size = PAGE - LEAD_IN if far else WITHIN_REACH
    piece = [*list(rest[:size])[::-1], *found]
    shown = len(piece) - (len(found) > LEAD_IN)
    last = _order(piece[0])
    island = _page(conversation, piece, shown, until=last if far else "", zone=zone)
    if not far:
        return island
    end = newest(conversation, zone=zone)
    gap = GapRow.between(last, str(end.more_before))
    named = {row.order for row in island.rows if isinstance(row, DayRow)}
    follows = [row for row in end.rows if row.order not in named]
    return Thread([*island.rows, gap, *follows], island.more_before)


def later(conversation: Conversation, gap: Gap, *, zone: tzinfo) -> Thread:
    """Return the beginning of what a gap hides, and what is left of the gap."""
    hidden = messages_of(conversation).filter(
        after_place(gap.after, included=True), before_place(gap.before, included=True)
    )
    ends = {gap.after, gap.before}
    found = list(hidden.in_order()[: PAGE + 3])
    fresh = [message for message in found if _order(message) not in ends]
    left = len(fresh) > PAGE
    until = _order(fresh[PAGE - 1]) if left else gap.before
    shown = [message for message in found if _order(message) <= until]
    rows = _rows(conversation, shown, since=gap.after, until=until, known=ends, zone=zone)
    return Thread([*rows, GapRow.between(until, gap.before)] if left else rows)


def changes(
    conversation: Conversation, after: int, *, screen: Screen | None = None, zone: tzinfo
) -> Changes:
    """Return what has changed after a version: rows, and those that look different because of them.

    Only of what is on the `screen`: the rest is read when it is asked for.
    """
    screen = screen or Screen()
    messages, events = messages_of(conversation), events_of(conversation)
    changed = conversation.messages.changed_after(after).values_list("occurred_at", "pk")
    times = [at for at, pk in changed if screen.shows(order_of(at, pk))]
    happened = list(events.filter(detail__version__gt=after))
    times += [event.occurred_at for event in happened]
    if not times:
        return Changes([], [])
    # How a row looks depends on those that stand in a group with it, on no others.
    nearby = near(times)
    rows = merged(conversation, messages.filter(nearby), events.filter(nearby), zone=zone)
    followers = {
        row.order
        for previous, row in pairwise(rows)
        if previous.version > after and row.moment.at - previous.moment.at <= GROUP_WITHIN
    }
    fresh = with_days(
        row
        for row in rows
        if (row.version > after or row.order in followers) and screen.shows(row.order)
    )
    return Changes(fresh, _gone(conversation, happened))


def _gone(conversation: Conversation, happened: Iterable[AuditEvent]) -> list[int]:
    """Return the ids of messages that have left the conversation, and are not back."""
    moves = [event for event in happened if event.action == "message.moved"]
    ids = {pk for move in moves for pk in move.detail["messages"]}
    if not ids:
        return []
    back = conversation.messages.filter(pk__in=ids).values_list("pk", flat=True)
    return sorted(ids - set(back))


def _page(
    conversation: Conversation,
    found: Sequence[Message],
    size: int,
    *,
    until: str = "",
    known: Collection[str] = (),
    zone: tzinfo,
) -> Thread:
    """Return the rows of the first `size` messages, newest first; any beyond are not shown yet."""
    shown = found[:size]
    start = _order(shown[-1]) if len(found) > size else ""
    rows = _rows(conversation, shown, since=start, until=until, known=known, zone=zone)
    return Thread(rows, start or None)


def _rows(
    conversation: Conversation,
    messages: Sequence[Message],
    *,
    since: str = "",
    until: str = "",
    known: Collection[str] = (),
    zone: tzinfo,
) -> list[Row]:
    """Return the rows from one place to another, both included.

    Of those `known` only the last, and that only where it stands under a header now.
    """
    events = events_of(conversation).order_by("-pk")
    if since:
        events = events.filter(occurred_at__gte=place_of(since)[0])
    if until:
        events = events.filter(occurred_at__lte=place_of(until)[0])
    rows = merged(conversation, messages, events[:MOST_EVENTS], zone=zone)
    inside = [row for row in rows if since <= row.order and (not until or row.order <= until)]
    return [
        row
        for row in with_days(inside)
        if row.order not in known or (row.order == until and getattr(row, "joined", False))
    ]


def _order(message: Message) -> str:
    return order_of(message.occurred_at, message.pk)
