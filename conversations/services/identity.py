"""Whether a number's WhatsApp account is still the same person's: told, in doubt, confirmed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from conversations import audit
from conversations.contracts import Channel, FailureKind, IdentityChange
from conversations.models import Address, AuditEvent, Customer, OutboxEntry, PhoneNumber, Send
from conversations.outbox import promise
from conversations.phone_numbers import identify
from conversations.services.consent import tell
from conversations.services.customers import key_of, lock_known

TOPIC = "identity.confirm"
CHANGED = "customer.identity-changed"
CONFIRMED = "customer.identity-confirmed"


@dataclass(frozen=True)
class Standing:
    """How the account behind a number stands that has changed at least once."""

    address: Address
    changed_at: datetime
    confirmed_at: datetime | None
    under_way: bool
    problem: str

    @property
    def in_doubt(self) -> bool:
        return self.confirmed_at is None or self.confirmed_at < self.changed_at


@transaction.atomic
def take_identity_change(change: IdentityChange) -> bool:
    """The account behind a number may be another person's; False when we do not know the number."""
    customer = lock_known(change.address) or (change.user_id and lock_known(change.user_id)) or None
    if customer is None:
        return False
    identity = identify(change.address)
    known = Address.objects.filter(
        channel=Channel.WHATSAPP, phone_number__key=key_of(identity)
    ).first()
    _tell(customer, CHANGED, audit.Actor.PROVIDER, known.value if known else identity.address)
    return True


def standings(customer: Customer) -> list[Standing]:
    """Return the customer's numbers whose account has changed."""
    numbers = customer.phone_numbers.order_by("pk")
    return [found for number in numbers if (found := standing_of(number)) is not None]


def standing_of(number: PhoneNumber) -> Standing | None:
    """Return how the account behind a number stands; None when it is not known to have changed.

    It has, too, when the provider refused a message for it.
    """
    addresses = list(number.addresses.filter(channel=Channel.WHATSAPP).order_by("pk"))
    if not addresses:
        return None
    changed_at = max(_changes(addresses), default=None)
    if changed_at is None:
        return None
    subjects = [str(address.pk) for address in addresses]
    asked = OutboxEntry.objects.filter(
        topic=TOPIC, subject__in=subjects, created_at__gt=changed_at
    ).last()
    return Standing(
        address=addresses[-1],
        changed_at=changed_at,
        confirmed_at=_last_event(addresses, CONFIRMED),
        under_way=asked is not None and asked.state == OutboxEntry.State.PENDING,
        problem=asked.last_error if asked else "",
    )


@transaction.atomic
def ask_to_confirm(address: Address) -> bool:
    """Have the provider told that it is still this person; False when there is nothing to tell."""
    Customer.objects.lock([address.phone_number.customer_id])
    standing = standing_of(address.phone_number)
    if standing is None or standing.under_way or not standing.in_doubt:
        return False
    subject = standing.address.pk
    promise(TOPIC, group=f"{TOPIC}:{subject}", subject=subject)
    return True


@transaction.atomic
def note_confirmed(address: Address) -> None:
    """The provider sends to the account behind a number again."""
    (customer,) = Customer.objects.lock([address.phone_number.customer_id])
    _tell(customer, CONFIRMED, audit.Actor.SYSTEM, address.value)


def _changes(addresses: list[Address]) -> Iterator[datetime]:
    told = _last_event(addresses, CHANGED)
    refused = Send.objects.filter(address__in=addresses, failure=FailureKind.IDENTITY_CHANGED)
    newest = refused.order_by("-created_at").first()
    if told is not None:
        yield told
    if newest is not None:
        yield newest.created_at


def _last_event(addresses: list[Address], action: str) -> datetime | None:
    hashes = [audit.hash_of(address.value) for address in addresses]
    events = AuditEvent.objects.filter(address_hash__in=hashes, action=action)
    return events.order_by("-pk").values_list("occurred_at", flat=True).first()


def _tell(customer: Customer, action: str, actor_kind: audit.Actor, address: str) -> None:
    tell(
        customer,
        customer.conversations.live(),
        action,
        actor_kind=actor_kind,
        channel=Channel.WHATSAPP,
        address=address,
    )
