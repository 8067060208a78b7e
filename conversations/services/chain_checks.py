"""Checks of the audit chain: asked for by a person or once a day, done in pieces by workers."""

import logging
from datetime import timedelta
from time import monotonic

from django.db import transaction
from django.utils import timezone
from prometheus_client import Counter

from conversations import audit
from conversations.audit_chain import Break, Link, follow, resume, start
from conversations.contracts import Promise
from conversations.models import ChainCheck
from conversations.outbox import promise
from tenants.context import current_schema

TOPIC = "audit.check"
EVERY = timedelta(days=1)
GIVEN_UP_AFTER = timedelta(hours=6)
PIECE_SECONDS = 20

logger = logging.getLogger(__name__)
BROKEN = Counter("omnichat_audit_chains_broken", "Checks of audit chains that found one broken.")


@transaction.atomic
def ask(asked_by: str = "") -> ChainCheck:
    """Have the whole chain checked soon; one that is under way already is enough."""
    running = ChainCheck.objects.filter(
        ended_at=None, begun_at__gt=timezone.now() - GIVEN_UP_AFTER
    ).first()
    if running is not None:
        return running
    check = ChainCheck.objects.create(asked_by=asked_by)
    _promise(check, seal=0)
    return check


def ask_if_due() -> None:
    """Have the chain checked if that was not done for a day."""
    if not ChainCheck.objects.filter(begun_at__gt=timezone.now() - EVERY).exists():
        ask()


def check_piece(promise: Promise) -> None:
    """Follow the chain for some seconds from where the piece before ended, and promise the next."""
    check_id, seal, seals = map(int, promise.subject.split(":"))
    check = ChainCheck.objects.filter(pk=check_id, ended_at=None, seals=seals).first()
    if check is None:
        return  # this piece was done already
    until = monotonic() + PIECE_SECONDS
    link: Link | Break | None = resume(seal) if seal else start()
    while isinstance(link, Link):
        link = follow(link)
        if isinstance(link, Link) and link.events:
            check.seals += 1
            check.events += link.events
        if isinstance(link, Link) and monotonic() >= until:
            _go_on(check, link)
            return
    _end(check, link)


@transaction.atomic
def _go_on(check: ChainCheck, link: Link) -> None:
    check.save(update_fields=["seals", "events"])
    _promise(check, seal=link.seal)


@transaction.atomic
def _end(check: ChainCheck, found: Break | None) -> None:
    check.ended_at = timezone.now()
    if found is not None:
        check.broken_seal = found.seal
        check.broken_from, check.broken_until = found.since, found.until
        BROKEN.inc()
        logger.error("audit_chain_broken", extra={"schema": current_schema(), "seal": found.seal})
    check.save()
    audit.record(
        "audit.checked",
        actor_kind=audit.Actor.SYSTEM,
        subject=check,
        result="whole" if found is None else "broken",
        seals=check.seals,
        events=check.events,
    )


def _promise(check: ChainCheck, *, seal: int) -> None:
    promise(TOPIC, group=TOPIC, subject=f"{check.pk}:{seal}:{check.seals}")
