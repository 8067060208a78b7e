"""A thread in pages, as it is read from the first message to the last: not its end alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from conversations.errors import NotFound
from conversations.models import Conversation, Message
from conversations.phone_numbers import display
from conversations.thread_entries import (
    MOST_EVENTS,
    after_place,
    before_place,
    events_of,
    merged,
    with_days,
)
from conversations.thread_rows import Row, order_of, place_of

PAGE = 200


@dataclass(frozen=True)
class Wish:
    """Which page is wanted; of none of them the last."""

    first: bool = False
    before: str = ""
    after: str = ""
    message: int | None = None


@dataclass(frozen=True)
class Page:
    """Messages in their order, and the places before and after which there are more, or ""."""

    messages: list[Message]
    more_before: str = ""
    more_after: str = ""
    since: datetime | None = None  # when the message before the first was written


def page_of(messages: QuerySet[Message], wish: Wish) -> Page:
    """Return a page of a conversation's messages. Raises NotFound for a message not among them."""
    if wish.message is not None:
        return _around(messages, wish.message)
    if wish.first or wish.after:
        wanted = messages.filter(after_place(wish.after)) if wish.after else messages
        found = list(wanted.order_by("occurred_at", "pk")[: PAGE + 1])
        since = place_of(wish.after)[0] if wish.after else None
        return _page(found[:PAGE], since=since, more=len(found) > PAGE)
    wanted = messages.filter(before_place(wish.before)) if wish.before else messages
    found = list(wanted.order_by("-occurred_at", "-pk")[: PAGE + 1])
    shown = found[:PAGE][::-1]
    return _page(shown, since=_time(found[PAGE:]), more=bool(wish.before))


def rows_of(
    conversation: Conversation,
    page: Page,
    *,
    zone: tzinfo,
    number: Callable[[str], str] = display,
) -> list[Row]:
    """Return the rows of a page, with the events that happened meanwhile."""
    events = events_of(conversation).order_by("-pk")
    if page.since is not None:
        events = events.filter(occurred_at__gt=page.since)
    if page.more_after:
        events = events.filter(occurred_at__lte=page.messages[-1].occurred_at)
    rows = merged(conversation, page.messages, events[:MOST_EVENTS], zone=zone, number=number)
    return with_days(rows)


def _around(messages: QuerySet[Message], message_id: int) -> Page:
    message = messages.filter(pk=message_id).first()
    if message is None:
        raise NotFound(_("This message is not in this conversation any more."))
    place = _place(message)
    half = PAGE // 2
    earlier = messages.filter(before_place(place)).order_by("-occurred_at", "-pk")
    later = messages.filter(after_place(place)).order_by("occurred_at", "pk")
    before, after = list(earlier[: half + 1]), list(later[: half + 1])
    shown = [*before[:half][::-1], message, *after[:half]]
    return _page(shown, since=_time(before[half:]), more=len(after) > half)


def _page(messages: list[Message], *, since: datetime | None, more: bool) -> Page:
    if not messages:
        return Page([])
    first = _place(messages[0]) if since is not None else ""
    return Page(messages, first, _place(messages[-1]) if more else "", since)


def _time(messages: list[Message]) -> datetime | None:
    return messages[0].occurred_at if messages else None


def _place(message: Message) -> str:
    return order_of(message.occurred_at, message.pk)
