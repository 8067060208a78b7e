"""Following the chain of seals from its beginning, or from where retention has cut it, to its end.

Each step reads one seal and its events, in statements of their own: a chain of any length is
followed without a transaction, while events are written and sealed and retention removes.
"""

import hmac
from dataclasses import dataclass, replace
from datetime import datetime

from conversations import audit
from conversations.models import AuditEvent, AuditRemoval, AuditSeal


@dataclass(frozen=True)
class Link:
    """How far the chain has been followed: the seal that fitted last, or retention's cut."""

    seal: int = 0
    mac: str = ""
    until: int = 0
    at: datetime | None = None
    events: int = 0  # of the last step: 0 when it followed no seal


@dataclass(frozen=True)
class Break:
    """The first place where the chain does not hold: what was recorded between two moments."""

    seal: int
    since: datetime | None
    until: datetime | None


def start() -> Link | Break:
    """Return where the chain begins: behind what retention has removed, as it has signed."""
    begin = Link()
    for removal in AuditRemoval.objects.order_by("pk").iterator():
        key = audit.keys().get(removal.key_id)
        if key is None or not hmac.compare_digest(removal.mac, removal_mac(removal, key)):
            return Break(_first_seal(), None, removal.newest_at)
        begin = Link(0, removal.last_mac, removal.until_transaction, removal.newest_at)
    if AuditEvent.objects.filter(transaction_id__lt=begin.until).exists():
        return Break(_first_seal(), None, begin.at)
    return begin


def resume(seal: int) -> Link | Break:
    """Return the place behind a seal that has fitted; the beginning if retention took it since."""
    found = AuditSeal.objects.filter(pk=seal).first()
    return _behind(found, 0) if found else start()


def follow(link: Link) -> Link | Break | None:
    """Take one step; None when the chain has ended where it should."""
    seal = AuditSeal.objects.filter(pk__gt=link.seal).order_by("pk").first()
    if seal is None:
        return _end(link)
    if audit.fits(seal, previous=link.mac, since=link.until):
        return _behind(seal, seal.events)
    return _cut_meanwhile(link) or Break(seal.pk, link.at, seal.sealed_at)


def first_break() -> Break | None:
    """Check the whole chain at once."""
    link: Link | Break | None = start()
    while isinstance(link, Link):
        link = follow(link)
    return link


def removal_mac(removal: AuditRemoval, key: str) -> str:
    return audit.signature(
        key,
        "removal",
        removal.until_transaction,
        removal.last_mac,
        removal.events,
        removal.oldest_at.isoformat(),
        removal.newest_at.isoformat(),
        removal.removed_at.isoformat(),
    )


def _behind(seal: AuditSeal, events: int) -> Link:
    return Link(seal.pk, seal.mac, seal.until_transaction, seal.sealed_at, events)


def _end(link: Link) -> Link | Break | None:
    head = audit.head()
    if head is None:
        return Break(link.seal, link.at, None) if link.mac else None
    if head.mac == link.mac:
        return None
    if AuditSeal.objects.filter(pk__gt=link.seal).exists():
        return replace(link, events=0)  # sealed since we looked
    return _cut_meanwhile(link) or Break(link.seal + 1, link.at, head.sealed_at)


def _cut_meanwhile(link: Link) -> Link | None:
    """Return the new beginning if retention has removed, since, what the next step would read."""
    begin = start()
    return begin if isinstance(begin, Link) and begin.until > link.until else None


def _first_seal() -> int:
    return AuditSeal.objects.order_by("pk").values_list("pk", flat=True).first() or 0
