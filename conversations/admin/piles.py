"""What waits to be done, and what was given up, for the Overview: each read by a partial index."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations.models import InboxEntry, OutboxEntry


@dataclass(frozen=True)
class Pile:
    """How many there are, since when, and where to look at them."""

    name: str
    count: int
    oldest: datetime | None
    url: str  # "" for who may not look
    failed: bool


def piles_for(user: User | AnonymousUser) -> list[Pile]:
    return [*_inbox(user), *_outbox(user)]


def _inbox(user: User | AnonymousUser) -> Iterator[Pile]:
    state = InboxEntry.State
    page = _page(user, "inboxentry")
    for name, which in (
        (_("Came in, not read yet"), state.NEW),
        (_("Quarantine"), state.QUARANTINED),
    ):
        found = InboxEntry.objects.filter(state=which)
        counted = found.aggregate(count=Count("pk"), oldest=Min("received_at"))
        url = f"{page}?state__exact={which.value}" if page else ""
        yield Pile(name, counted["count"], counted["oldest"], url, failed=which != state.NEW)


def _outbox(user: User | AnonymousUser) -> Iterator[Pile]:
    state = OutboxEntry.State
    page = _page(user, "outboxentry")
    # What is promised for a later hour does not wait; what is tried again does.
    due = Q(run_after__lte=timezone.now()) | Q(attempts__gt=0)
    pending, dead = OutboxEntry.objects.pending().filter(due), Q(state=state.DEAD)
    for name, found, which in (
        (_("To be sent, or told to Jira"), pending, state.PENDING),
        (_("Given up"), OutboxEntry.objects.filter(dead), state.DEAD),
    ):
        counted = found.aggregate(count=Count("pk"), oldest=Min("created_at"))
        url = f"{page}?state__exact={which.value}" if page else ""
        yield Pile(name, counted["count"], counted["oldest"], url, failed=which == state.DEAD)


def _page(user: User | AnonymousUser, model: str) -> str:
    if not user.has_perm(f"conversations.view_{model}"):
        return ""
    return reverse(f"admin:conversations_{model}_changelist")
