"""Removing what has been kept for long enough: a bounded piece of work at each visit of a site."""

import logging
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Min, Q, QuerySet, Sum
from django.utils import timezone

from conversations import audit
from conversations.audit_chain import Break, Link, follow, removal_mac, start
from conversations.models import (
    AuditEvent,
    AuditRemoval,
    AuditSeal,
    Conversation,
    Customer,
    InboxEntry,
    OutboxEntry,
    RetentionSettings,
)
from conversations.services.erased_texts import erase_texts
from tenants.context import current_schema

VISIT_SECONDS = 20
EVENTS_AT_ONCE = 10_000  # and the rest of the last seal: seals go whole
ROWS_AT_ONCE = 2_000
MOST_COUNTED = 10_000

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Due:
    """How many would be removed now; of the last three up to `MOST_COUNTED` and one are counted."""

    events: int
    conversations: int
    inbox: int
    outbox: int


def visit(*, seconds: float = VISIT_SECONDS) -> None:
    """Remove what is due in the current site, for as long as a visit may take."""
    periods = RetentionSettings.objects.current()
    end = monotonic() + seconds
    for step in (_remove_events, _remove_raw, _empty_conversations):
        with closing(step(periods)) as pieces:
            for _piece in pieces:
                if monotonic() >= end:
                    break


def due(periods: RetentionSettings) -> Due:
    """Return how much is older than these settings allow."""
    seals = AuditSeal.objects.filter(sealed_at__lt=_ago(periods.audit_days))
    raw_before = _ago(periods.raw_days)
    return Due(
        events=seals.aggregate(events=Sum("events", default=0))["events"],
        conversations=_some(_ended(periods)),
        inbox=_some(InboxEntry.objects.filter(_UNDERSTOOD, received_at__lt=raw_before)),
        outbox=_some(OutboxEntry.objects.filter(_SETTLED, settled_at__lt=raw_before)),
    )


def _remove_events(periods: RetentionSettings) -> Generator[None, None, None]:
    before = _ago(periods.audit_days)
    while _remove_front(before):
        yield


@transaction.atomic
def _remove_front(before: datetime) -> bool:
    """Remove whole seals from the front of the chain, and sign what the next one follows.

    Only what fits its seal: nobody has retention remove what they have changed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('retention'), hashtext(%s))",
            (current_schema(),),
        )
        last = _last_to_remove(before)
        if last is None:
            return False
        events = AuditEvent.objects.filter(transaction_id__lt=last.until)
        times = events.aggregate(oldest=Min("occurred_at"), newest=Max("occurred_at"))
        if times["newest"] >= before:
            logger.error("audit_seal_is_not_of_its_time", extra={"schema": current_schema()})
            return False
        cursor.execute("SET LOCAL omnichat.retention = 'on'")
        count = _delete(events)
        _delete(AuditSeal.objects.filter(pk__lte=last.seal))
        cursor.execute("SET LOCAL omnichat.retention = 'off'")
    _sign(last, count, times["oldest"], times["newest"])
    return True


def _last_to_remove(before: datetime) -> Link | None:
    """Follow the chain from its front, as far as it is old and goes at once."""
    oldest = AuditSeal.objects.order_by("pk").first()
    if oldest is None or oldest.sealed_at >= before:
        return None
    last: Link | Break | None = start()
    found, events = None, 0
    while isinstance(last, Link) and events < EVENTS_AT_ONCE:
        last = follow(last)
        if not isinstance(last, Link) or last.at is None or last.at >= before:
            break
        found = last
        events += last.events
    return found


def _sign(last: Link, count: int, oldest: datetime, newest: datetime) -> None:
    key = settings.AUDIT_KEYS[0]
    known = AuditRemoval.objects.order_by("-pk").first()
    removal = AuditRemoval(
        until_transaction=last.until,
        last_mac=last.mac,
        events=count + (known.events if known else 0),
        oldest_at=oldest,
        newest_at=newest,
        key_id=audit.key_id(key),
    )
    removal.mac = removal_mac(removal, key)
    removal.save()
    audit.record(
        "audit.removed",
        actor_kind=audit.Actor.SYSTEM,
        subject=removal,
        events=count,
        oldest=oldest.isoformat(),
        newest=newest.isoformat(),
    )


_UNDERSTOOD = Q(state__in=[InboxEntry.State.DONE, InboxEntry.State.DISMISSED])
_SETTLED = Q(state__in=[OutboxEntry.State.DONE, OutboxEntry.State.DISMISSED])


def _remove_raw(periods: RetentionSettings) -> Generator[None, None, None]:
    before = _ago(periods.raw_days)
    raw = InboxEntry.objects.filter(_UNDERSTOOD)
    settled = OutboxEntry.objects.filter(_SETTLED, settled_at__lt=before)
    inbox = outbox = 0
    try:
        for ids in _old(InboxEntry.objects.all(), "received_at", before):
            inbox += _delete(raw.filter(pk__in=ids))
            yield
        for ids in _old(OutboxEntry.objects.all(), "created_at", before):
            outbox += _delete(settled.filter(pk__in=ids))
            yield
    finally:
        if inbox or outbox:
            audit.record("raw.removed", actor_kind=audit.Actor.SYSTEM, inbox=inbox, outbox=outbox)


def _old(rows: QuerySet[Any], field: str, before: datetime) -> Iterator[list[int]]:
    """Yield the ids of the oldest rows, which come in the order of time, and of no younger ones."""
    last = 0
    while True:
        some = list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", field)[:ROWS_AT_ONCE])
        ids = [pk for pk, at in some if at < before]
        if ids:
            yield ids
        if len(ids) < ROWS_AT_ONCE:
            return
        last = ids[-1]


def _empty_conversations(periods: RetentionSettings) -> Generator[None, None, None]:
    for pk, customer_id, ended_at in _ended(periods).values_list(
        "pk", "customer_id", "state_changed_at"
    )[:ROWS_AT_ONCE]:
        begun = False
        while _empty_some(pk, customer_id, ended_at, begun=begun):
            begun = True
            yield
        RetentionSettings.objects.filter(pk=periods.pk).update(emptied_until=ended_at)
        yield


@transaction.atomic
def _empty_some(pk: int, customer_id: int, ended_at: datetime, *, begun: bool) -> bool:
    Customer.objects.lock([customer_id])
    conversation = Conversation.objects.filter(
        pk=pk, customer=customer_id, state=Conversation.State.ENDED, state_changed_at=ended_at
    ).first()
    if conversation is None or not erase_texts(conversation):
        return False  # it lives again, or is empty
    if not begun:
        audit.record(
            "conversation.emptied",
            actor_kind=audit.Actor.SYSTEM,
            subject=conversation,
            conversation=conversation,
        )
    return True


def _ended(periods: RetentionSettings) -> QuerySet[Conversation]:
    """Return those that ended long enough ago and are not emptied yet, the oldest first."""
    if periods.conversation_days is None:
        return Conversation.objects.none()
    ended = Conversation.objects.filter(
        state=Conversation.State.ENDED, state_changed_at__lt=_ago(periods.conversation_days)
    )
    if periods.emptied_until is not None:
        ended = ended.filter(state_changed_at__gte=periods.emptied_until)
    return ended.order_by("state_changed_at", "pk")


def _delete(rows: QuerySet[Any]) -> int:
    """Delete in one statement: nothing refers to these rows."""
    return rows.delete()[0]


def _some(rows: QuerySet[Any]) -> int:
    return rows.order_by()[: MOST_COUNTED + 1].count()


def _ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)
