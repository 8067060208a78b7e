"""The audit log: recording events, and sealing them into a chain."""

import hmac
import json
import logging
from collections.abc import Iterable, Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from conversations.models import AuditEvent, AuditSeal, Conversation
from tenants import pending_work
from tenants.context import current_schema
from tenants.models import AuditHead

SEAL_EVERY = timedelta(seconds=30)
MOST_SEALED = 20_000  # events of a seal, and those of their last transaction
CHUNK = 5_000

Actor = AuditEvent.Actor

logger = logging.getLogger(__name__)


def record(action: str, *, actor_kind: AuditEvent.Actor, **facts: Any) -> None:
    """Record what happened, in the transaction in which it happens; see `event`."""
    pending_work.mark(current_schema())
    event(action, actor_kind=actor_kind, **facts).save(force_insert=True)


def record_all(events: Iterable[AuditEvent]) -> None:
    """Record what happened to many at once, in few statements; see `event`."""
    pending_work.mark(current_schema())
    AuditEvent.objects.bulk_create(events, batch_size=1000)


def event(
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
) -> AuditEvent:
    """Return an event that is still to be recorded.

    `address` is stored as a keyed hash. `detail` holds ids, states, and what settings of the site's
    own were and are: never a customer's text, number or name, and no secret.
    """
    return AuditEvent(
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
        cursor.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
            " + coalesce((SELECT max(ahead) FROM conversations_auditclock), 0)"
        )
        (finished,) = cursor.fetchone()
        previous, since, unremembered = _end_of_chain()
        until = _bounded(since, finished)
        key = settings.AUDIT_KEYS[0]
        mac, count = digest(key, previous, events_between(since, until))
        if count:
            sealed = AuditSeal.objects.create(
                since_transaction=since,
                until_transaction=until,
                events=count,
                key_id=key_id(key),
                previous_mac=previous,
                mac=mac,
            )
            _remember(sealed, key)
        elif unremembered:
            _remember(unremembered, key)
    if count:
        # Kept with the logs, outside of the database: what the chain was made of at this moment.
        logger.info(
            "audit_sealed",
            extra={"schema": current_schema(), "seal": sealed.pk, "mac": sealed.mac},
        )
    return count


def signature(key: str, *facts: object, schema_name: str = "") -> str:
    """Return what only a holder of the key can say of these facts of the current, or a site."""
    written = json.dumps([schema_name or current_schema(), *map(str, facts)])
    return hmac.new(key.encode(), written.encode(), sha256).hexdigest()


def head() -> AuditHead | None:
    """Return where the chain ended last; None if nothing was sealed, or nobody knows any more."""
    return next(_heads([current_schema()]), None)


def sealed_until(schema_names: list[str]) -> dict[str, int]:
    """Return the first transaction that the chain of each site does not hold, where it is known."""
    return {head.schema_name: head.until_transaction for head in _heads(schema_names)}


def keys() -> dict[str, str]:
    return {key_id(key): key for key in settings.AUDIT_KEYS}


def key_id(key: str) -> str:
    return sha256(key.encode()).hexdigest()[:16]


def digest(key: str, previous: str, events: Iterable[dict[str, Any]]) -> tuple[str, int]:
    """Return the HMAC over the seal before and these events, and how many they are."""
    mac = hmac.new(key.encode(), previous.encode(), sha256)
    count = 0
    for event in events:
        mac.update(json.dumps(event, sort_keys=True).encode())
        count += 1
    return mac.hexdigest(), count


def fits(seal: AuditSeal, *, previous: str, since: int) -> bool:
    """Whether a seal goes on with the chain, and holds what is recorded."""
    key = keys().get(seal.key_id)
    if key is None or (seal.previous_mac, seal.since_transaction) != (previous, since):
        return False
    mac, events = digest(key, previous, events_between(since, seal.until_transaction))
    return seal.events == events and hmac.compare_digest(seal.mac, mac)


def events_between(since: int, until: int) -> Iterator[dict[str, Any]]:
    """Yield what seals are made of, a statement for each chunk."""
    names = [field.attname for field in AuditEvent._meta.concrete_fields]
    rows = AuditEvent.objects.filter(transaction_id__gte=since, transaction_id__lt=until)
    rows = rows.order_by("transaction_id", "pk")
    chunk = list(rows.values(*names)[:CHUNK])
    while chunk:
        last = chunk[-1]
        for event in chunk:
            yield event | {"occurred_at": event["occurred_at"].isoformat()}
        if len(chunk) < CHUNK:
            break
        at, last_id = last["transaction_id"], last["id"]
        beyond = Q(transaction_id__gt=at) | Q(transaction_id=at, pk__gt=last_id)
        chunk = list(rows.filter(beyond, transaction_id__gte=at).values(*names)[:CHUNK])


def _heads(schema_names: list[str]) -> Iterator[AuditHead]:
    """Yield those that are remembered and signed by one of our keys."""
    known = keys()
    for found in AuditHead.objects.filter(schema_name__in=schema_names):
        key = known.get(found.key_id)
        if key and hmac.compare_digest(found.signature, _signature_of(found, key)):
            yield found


def _end_of_chain() -> tuple[str, int, AuditSeal | None]:
    """Return the newest seal's HMAC, the first transaction that it does not hold, and what is new.

    As remembered outside: when the newest seals are missing, the next one shows the gap. New is a
    seal that is not remembered: that of an older release, at work beside this one.
    """
    remembered = head()
    if remembered is None:
        last = AuditSeal.objects.order_by("-pk").first()
        # Nobody knows any more which was the newest: the next one fits to none.
        return (f"lost after {last.pk}", last.until_transaction, None) if last else ("", 0, None)
    mac, since, newest = remembered.mac, remembered.until_transaction, None
    while (following := AuditSeal.objects.filter(previous_mac=mac).first()) is not None:
        if not fits(following, previous=mac, since=since):
            return f"lost before {following.pk}", since, None
        mac, since, newest = following.mac, following.until_transaction, following
    return mac, since, newest


def _bounded(since: int, finished: int) -> int:
    """Return where a seal has to end, so that it is made in seconds whatever has piled up."""
    rows = AuditEvent.objects.filter(transaction_id__gte=since, transaction_id__lt=finished)
    rows = rows.order_by("transaction_id", "pk")
    last = rows.values_list("transaction_id", flat=True)[MOST_SEALED - 1 : MOST_SEALED].first()
    return finished if last is None else last + 1


def _remember(sealed: AuditSeal, key: str) -> None:
    remembered = AuditHead(
        schema_name=current_schema(),
        mac=sealed.mac,
        until_transaction=sealed.until_transaction,
        sealed_at=sealed.sealed_at,
        key_id=sealed.key_id,
    )
    remembered.signature = _signature_of(remembered, key)
    AuditHead.objects.bulk_create(
        [remembered],
        update_conflicts=True,
        unique_fields=["schema_name"],
        update_fields=["mac", "until_transaction", "sealed_at", "key_id", "signature"],
    )


def _signature_of(remembered: AuditHead, key: str) -> str:
    facts = ("head", remembered.mac, remembered.until_transaction)
    return signature(key, *facts, schema_name=remembered.schema_name)
