"""Who keeps the promises of a conversation waiting: its panels say so, and are rung for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.db.models import Q
from django.utils import timezone

from conversations.models import Conversation, OutboxEntry
from conversations.nudges import ring

# A single failed try is nobody's concern: the next one comes within a second.
TRIES = 2
SOON = timedelta(seconds=15)  # unless the neighbour has asked for a longer pause


class Neighbour(Enum):
    PROVIDER = "provider"
    JIRA = "jira"


# By what is before the conversation's id in the group of an entry.
GROUPS = {
    "conversation": Neighbour.PROVIDER,
    "request": Neighbour.JIRA,
    "annotate": Neighbour.JIRA,
    "refresh": Neighbour.JIRA,
    "reporter": Neighbour.JIRA,
    "transcript": Neighbour.JIRA,
}


def late_neighbours(conversation: Conversation) -> dict[Neighbour, datetime]:
    """Return who has not answered for promises of a conversation, and since when one waits."""
    groups = [f"{name}:{conversation.pk}" for name in GROUPS]
    waiting = OutboxEntry.objects.pending().filter(group__in=groups, turn_at=None)
    late = waiting.filter(attempts__gte=TRIES).exclude(last_error="").order_by("-created_at")
    return {_neighbour(group): since for group, since in late.values_list("group", "created_at")}


@dataclass(frozen=True)
class Standstill:
    """That promises to a neighbour are tried again and again: why, since when, and how many."""

    reason: str
    since: datetime
    waiting: int


def standstill(topics: tuple[str, ...]) -> Standstill | None:
    """Return what keeps the promises of these topics; None where all goes well."""
    waiting = OutboxEntry.objects.pending().filter(topic__in=topics, turn_at=None)
    far_off = Q(attempts__gte=1, run_after__gt=timezone.now() + SOON)
    tried = waiting.filter(Q(attempts__gte=TRIES) | far_off).exclude(last_error="")
    late = tried.order_by("created_at").first()
    if late is None:
        return None
    return Standstill(late.last_error, late.created_at, waiting.count())


def tell_panels(entry: OutboxEntry) -> None:
    """Ring the panels of the conversation that an entry is about: it is late, or late no more."""
    name, _separator, pk = entry.group.partition(":")
    if name in GROUPS and pk.isdecimal():
        for conversation in Conversation.objects.filter(pk=pk).exclude(issue_id=""):
            ring(conversation.pk, conversation.raise_version())


def _neighbour(group: str) -> Neighbour:
    return GROUPS[group.partition(":")[0]]
