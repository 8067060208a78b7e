"""The audit log: recording events, sealing them into a chain, checking the chain."""

import hmac
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from conversations.models import AuditEvent, AuditSeal, Conversation
from tenants import pending_work
from tenants.context import current_schema

SEAL_EVERY = timedelta(seconds=30)

Actor = AuditEvent.Actor


def record(
    action: str,
    *,
    actor_kind: AuditEvent.Actor,
    actor: str = "",
    subject: Any = None,
    conversation: Conversation | None = None,
    channel: str = "",
    address: str = "",
    result: str = "",
    **detail: object,
) -> None:
    """Record what happened, in the transaction in which it happens.

    `address` is stored as a keyed hash. `detail` holds ids, states, and what settings of the site's
    own were and are: never a customer's text, number or name, and no secret.
    """
    pending_work.mark(current_schema())
    AuditEvent.objects.create(
        action=action,
        actor_kind=actor_kind,
        actor=actor,
        subject_type=subject._meta.model_name if subject is not None else "",
        subject_id=str(subject.pk) if subject is not None else "",
        issue_key=conversation.issue_key if conversation else "",
        channel=channel,
        address_hash=hash_of(address) if address else "",
        result=result,
        detail=detail,
    )


def hash_of(address: str) -> str:
    """Return the keyed hash by which events name an address, and by which it is searched."""
    # Of the oldest key: a hash must stay the same when a key is added in front.
    key = settings.AUDIT_KEYS[-1].encode()
    return hmac.new(key, f"{current_schema()}:{address}".encode(), sha256).hexdigest()


def seal() -> int:
    """Seal what finished transactions have recorded; returns the number of events sealed.

    Nothing can be added to a sealed range: every transaction older than the oldest one that is
    still running has ended. Writers never wait for this.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('seal'), hashtext(%s))", (current_schema(),)
        )
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        (until,) = cursor.fetchone()
        last = AuditSeal.objects.order_by("-pk").first()
        since = last.until_transaction if last else 0
        events = list(_sealed_by(since, until))
        if not events:
            return 0
        previous = last.mac if last else ""
        key = settings.AUDIT_KEYS[0]
        AuditSeal.objects.create(
            since_transaction=since,
            until_transaction=until,
            events=len(events),
            key_id=_key_id(key),
            previous_mac=previous,
            mac=_mac(key, previous, events),
        )
        return len(events)


def first_broken_seal() -> AuditSeal | None:
    """Check the whole chain; returns the first seal that its events do not fit, or None."""
    keys = {_key_id(key): key for key in settings.AUDIT_KEYS}
    previous, until = "", 0
    for found in AuditSeal.objects.order_by("pk").iterator():
        events = list(_sealed_by(found.since_transaction, found.until_transaction))
        key = keys.get(found.key_id)
        fits = (
            key is not None
            and found.previous_mac == previous
            and found.since_transaction == until
            and found.events == len(events)
            and hmac.compare_digest(found.mac, _mac(key, previous, events))
        )
        if not fits:
            return found
        previous, until = found.mac, found.until_transaction
    return None


def next_due_at() -> datetime | None:
    """When the current site has something to seal; None when all is sealed."""
    last = AuditSeal.objects.order_by("-pk").first()
    unsealed = AuditEvent.objects.filter(
        transaction_id__gte=last.until_transaction if last else 0
    ).order_by("transaction_id", "pk")
    oldest = unsealed.values_list("occurred_at", flat=True).first()
    return None if oldest is None else oldest + SEAL_EVERY


def seal_if_due() -> None:
    due_at = next_due_at()
    if due_at is not None and due_at <= timezone.now():
        seal()


def _sealed_by(since: int, until: int) -> Iterable[AuditEvent]:
    return AuditEvent.objects.filter(transaction_id__gte=since, transaction_id__lt=until).order_by(
        "transaction_id", "pk"
    )


def _mac(key: str, previous: str, events: Iterable[AuditEvent]) -> str:
    mac = hmac.new(key.encode(), previous.encode(), sha256)
    for event in events:
        mac.update(json.dumps(_content(event), sort_keys=True).encode())
    return mac.hexdigest()


def _content(event: AuditEvent) -> dict[str, Any]:
    content = {
        field.attname: getattr(event, field.attname) for field in event._meta.concrete_fields
    }
    content["occurred_at"] = event.occurred_at.isoformat()
    return content


def _key_id(key: str) -> str:
    return sha256(key.encode()).hexdigest()[:16]
