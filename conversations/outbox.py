"""What goes out: the whole mechanism of promises on one page.

A service promises in the transaction that decides. A worker claims the promise with a lease
(conversations.claims), calls its handler **outside** any transaction, then settles it. Entries of a
group leave in their order. A try whose end is unknown (the worker died, no answer came) is known as
uncertain to the next.
"""

import logging
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings
from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.module_loading import import_string

from conversations.claims import claim
from conversations.contracts import Promise
from conversations.errors import (
    NotYetItsTurn,
    PermanentFailure,
    TemporaryFailure,
    UnknownOutcome,
)
from conversations.fair_share import MUCH, FairShare, courtesy
from conversations.late_promises import TRIES, tell_panels
from conversations.leases import leases
from conversations.models import Conversation, OutboxEntry
from conversations.nudges import wake, wake_now
from conversations.outbox_metrics import LOST, count, lines_about
from tenants import pending_work
from tenants.broken_connections import leave_broken_connection
from tenants.context import current_schema

DRAIN_TASK = "conversations.tasks.drain_outbox"
LONGEST_BACK_OFF = 300.0  # seconds
# What was promised to a person who asked to be forgotten.
PERSONS_RIGHTS = ("customer.erase", "numbers.forget")

logger = logging.getLogger(__name__)
_share = FairShare(settings.WORKER_SITE_THREADS, courtesy)


class Handler(Protocol):
    def __call__(self, promise: Promise) -> None:
        """Keep one promise; may be called again after it was kept, and begins by asking so.

        Raises TemporaryFailure (it did not happen; try again), NotYetItsTurn (it was not tried),
        UnknownOutcome (nobody knows; the next try is uncertain) or PermanentFailure.
        """


def promise(topic: str, *, group: str, subject: object, delay: timedelta = timedelta(0)) -> None:
    """Record a promise; it is kept soon after the surrounding commit."""
    pending_work.mark(current_schema())
    OutboxEntry.objects.create(
        topic=topic, group=group, subject=str(subject), run_after=timezone.now() + delay
    )
    wake(DRAIN_TASK)


def withdraw(topic: str, *, group: str) -> None:
    """Take promises back that are not needed any more; one that is just being kept stays."""
    OutboxEntry.objects.pending().filter(topic=topic, group=group, claim=None).delete()


def promise_once(topic: str, *, within: timedelta = timedelta(0)) -> None:
    """Promise what is done once for the whole site; one that is still ahead of us is enough."""
    if OutboxEntry.objects.pending().filter(topic=topic, claim=None).exists():
        hasten(topic, waiting_over=within)
    else:
        promise(topic, group=topic, subject="all", delay=within)


@contextmanager
def asking_first(promise: Promise) -> Iterator[None]:
    """Keep an uncertain try uncertain when the question what became of it fails."""
    try:
        yield
    except TemporaryFailure as failure:
        if promise.uncertain_since is None:
            raise
        raise UnknownOutcome(str(failure), retry_after=failure.retry_after) from failure


def drain() -> int:
    """Keep the current site's promises that are due; returns how many were tried.

    Many workers may drain one site at once, and each for a while only: the rest is left to another
    task, so that one busy site does not keep a worker from the others.
    """
    schema_name = current_schema()
    tried = 0

    def keep_next() -> bool:
        nonlocal tried
        entry = claim()
        if entry is None:
            return False
        with leases.held(entry), lines_about(entry):
            _keep(entry)
        tried += 1
        return True

    _share.work(schema_name, keep_next, put_off=_put_rest_off)
    return tried


def _put_rest_off() -> bool:
    wake_now(DRAIN_TASK, current_schema())
    due = OutboxEntry.objects.pending().filter(run_after__lte=timezone.now())
    return due.order_by()[: MUCH + 1].count() > MUCH


def retry(entries: Iterable[OutboxEntry]) -> int:
    """Give dead and dismissed entries another life, and due ones their try now."""
    return _try_now(OutboxEntry.objects.exclude(state=OutboxEntry.State.DONE), entries)


def dismiss(entries: Iterable[OutboxEntry], *, because: str) -> int:
    """Put dead entries away, for a reason; `retry` brings them back.

    Those that are tried again meanwhile, and those still needed, are left alone.
    """
    chosen = OutboxEntry.objects.filter(
        pk__in=[entry.pk for entry in entries], state=OutboxEntry.State.DEAD
    )
    needed = still_needed(chosen).values("pk")
    return chosen.exclude(pk__in=needed).update(
        state=OutboxEntry.State.DISMISSED, dismissed_because=because
    )


def still_needed(entries: QuerySet[OutboxEntry]) -> QuerySet[OutboxEntry]:
    """Return those without which something is lost: a request that messages wait for, an erasure.

    In whatever state the conversation is: it may be paused or ended while its request is opened.
    One that has its request keeps it, so what is not needed stays so.
    """
    waiting = Conversation.objects.filter(issue_id="", customer__erased_at=None)
    subjects = waiting.annotate(subject=Cast("pk", CharField())).values("subject")
    return entries.filter(
        Q(topic="request.open", subject__in=subjects) | Q(topic__in=PERSONS_RIGHTS)
    )


def hasten(topic: str, *, waiting_over: timedelta = timedelta(0)) -> None:
    """Try the entries of a topic now that wait for their next try: what they lacked is there.

    Only those that would wait for longer than `waiting_over`; a turn in a row is waited for.
    """
    pending_work.mark(current_schema())
    now = timezone.now()
    hastened = OutboxEntry.objects.pending().filter(topic=topic, claim=None, turn_at=None)
    if hastened.filter(run_after__gt=now + waiting_over).update(run_after=now):
        wake(DRAIN_TASK)


def revive(topic: str) -> None:
    """Give the dead entries of a topic another life: what they were refused for has changed."""
    dead = OutboxEntry.objects.filter(topic=topic, state=OutboxEntry.State.DEAD)
    _try_now(dead, dead.only("pk"))


def _try_now(which: QuerySet[OutboxEntry], entries: Iterable[OutboxEntry]) -> int:
    pending_work.mark(current_schema())
    count = which.filter(pk__in=[entry.pk for entry in entries], claim=None).update(
        state=OutboxEntry.State.PENDING, run_after=timezone.now(), dismissed_because=""
    )
    wake_now(DRAIN_TASK, current_schema())
    return count


def _keep(entry: OutboxEntry) -> None:
    try:
        handler: Handler = import_string(settings.OUTBOX_HANDLERS[entry.topic])
        handler(
            Promise(
                topic=entry.topic,
                subject=entry.subject,
                attempt=entry.attempts,
                promised_at=entry.created_at,
                uncertain_since=entry.started_at,
                has_turn=entry.turn_at is not None,
            )
        )
    except NotYetItsTurn as failure:
        count(entry, "not-its-turn")
        _await_turn(entry, failure)
    except UnknownOutcome as failure:
        count(entry, "unknown")
        _try_again(entry, failure, started_at=_uncertain_since(entry))
    except TemporaryFailure as failure:
        count(entry, "later")
        _try_again(entry, failure, started_at=None)
    except PermanentFailure as failure:
        count(entry, "refused")
        _settle(
            entry,
            state=OutboxEntry.State.DEAD,
            settled_at=timezone.now(),
            started_at=None,
            last_error=str(failure)[:300],
        )
    except Exception as failure:  # a defect must not lose a promise
        count(entry, "defect")
        logger.exception("outbox_handler_failed", extra={"entry": entry.pk})
        leave_broken_connection()  # else the try would be held until its lease ends
        unknown = UnknownOutcome(type(failure).__name__)
        _try_again(entry, unknown, started_at=_uncertain_since(entry))
    else:
        count(entry, "kept")
        _settle(entry, state=OutboxEntry.State.DONE, settled_at=timezone.now(), last_error="")


def _await_turn(entry: OutboxEntry, failure: NotYetItsTurn) -> None:
    # Not a try: nothing was asked of anybody, and the next one must not back off for it.
    turn_at = timezone.now() + timedelta(seconds=failure.retry_after or 0)
    _put_off(
        entry,
        turn_at,
        turn_at=turn_at,
        started_at=None,
        attempts=entry.attempts - 1,
        last_error=str(failure)[:300],
    )


def _try_again(entry: OutboxEntry, failure: TemporaryFailure, *, started_at: object) -> None:
    delay = timedelta(seconds=back_off(entry.attempts, failure.retry_after))
    _put_off(
        entry,
        timezone.now() + delay,
        turn_at=None,
        started_at=started_at,
        last_error=str(failure)[:300],
    )
    if entry.attempts == TRIES:
        tell_panels(entry)


def _put_off(entry: OutboxEntry, until: datetime, **changes: object) -> None:
    # While the try lasted, a sweep may have let the site rest until the end of the lease.
    pending_work.mark(current_schema())
    _settle(entry, run_after=until, **changes)
    pending_work.expect(current_schema(), until)


def _uncertain_since(entry: OutboxEntry) -> datetime:
    # A first try that waited for its answer in vain may have arrived at the last moment.
    return entry.started_at or timezone.now()


def _settle(entry: OutboxEntry, **changes: object) -> None:
    # Only with its own token: a worker that lost its lease has nothing to say any more.
    ours = OutboxEntry.objects.filter(pk=entry.pk, claim=entry.claim)
    if not ours.update(claim=None, **changes):
        LOST.inc()
        logger.warning("outbox_claim_lost", extra={"entry": entry.pk})
    elif "settled_at" in changes and entry.attempts > TRIES:
        tell_panels(entry)


def back_off(attempt: int, retry_after: float | None) -> float:
    """Return the seconds to wait after the given attempt (1 is the first), with jitter."""
    if retry_after is not None:
        return retry_after
    return min(0.5 * 2.0 ** min(attempt, 20), LONGEST_BACK_OFF) * random.uniform(0.7, 1.3)  # noqa: S311 - jitter, no secret
