"""Taking in customers from a file: all of its rows, or none."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations import audit
from conversations.contracts import Channel
from conversations.models import Address, Customer, NumberDeletion, PhoneNumber
from conversations.services.customer_files import Problem, Row
from conversations.services.imported_refusals import Refusal, close

By = Address.OptedOutBy


class ImportRefused(Exception):
    """Some rows cannot be taken in; nothing was stored."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__()
        self.problems = problems


@dataclass
class Imported:
    """How many customers a file has added and changed, and how many it found as they were."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass
class _Known:
    """What is stored of the file's numbers, by key; their customers are locked."""

    numbers: dict[str, PhoneNumber]
    added: set[str]
    addresses: dict[tuple[str, str], list[Address]] = field(default_factory=dict)
    deleted: set[tuple[str, str]] = field(default_factory=set)

    def address(self, key: str, channel: Channel) -> Address | None:
        """Return where a number is reached on a channel, a closed address before open ones."""
        found = self.addresses.get((key, channel.value), [])
        return next((each for each in found if each.opted_out_at), next(iter(found), None))


@transaction.atomic
def take_in(rows: Sequence[Row], *, by: str) -> Imported:
    """Store the customers of a file; done again, it changes nothing.

    A number that is known gets its name only if it has none. Locks all customers. Raises
    ImportRefused for numbers that were deleted, or opted out and shall be messaged again.
    """
    known = _known(rows)
    problems = [Problem(row.at, words) for row in rows if (words := _problem(row, known))]
    if problems:
        raise ImportRefused(problems)
    now = timezone.now()
    changed = _name(rows, known) | _open(rows, known, now) | _close(rows, known, now, by)
    added = len(known.added)
    kept = len(changed - known.added)
    return Imported(added=added, changed=kept, unchanged=len(rows) - added - kept)


def _known(rows: Sequence[Row]) -> _Known:
    """Lock the customers of all numbers, those of new ones made here; read what they have."""
    keys = sorted(row.identity.key for row in rows)
    added = _add_missing(keys)
    while True:
        owners = dict(PhoneNumber.objects.filter(key__in=keys).values_list("key", "customer_id"))
        Customer.objects.lock(owners.values())
        found = PhoneNumber.objects.filter(key__in=keys).select_related("customer")
        numbers = {number.key: number for number in found}
        # Between reading and locking, two may have become one, or one been erased.
        if {key: number.customer_id for key, number in numbers.items()} == owners:
            break
        added |= _add_missing(keys)
    known = _Known(numbers, added)
    addresses = Address.objects.filter(phone_number__in=numbers.values())
    for address in addresses.select_related("phone_number").order_by("pk"):
        place = (address.phone_number.key, address.channel)
        known.addresses.setdefault(place, []).append(address)
    hashes = {audit.hash_of(key): key for key in keys}
    deletions = NumberDeletion.objects.in_force().filter(number_hash__in=hashes)
    proofs = deletions.values_list("number_hash", "channel")
    known.deleted = {(hashes[number_hash], channel) for number_hash, channel in proofs}
    return known


def _add_missing(keys: Sequence[str]) -> set[str]:
    """Give every number that nobody has a customer of its own; returns which those are.

    In the order of their keys: of two who add the same ones, the second waits and finds them.
    """
    known = set(PhoneNumber.objects.filter(key__in=keys).values_list("key", flat=True))
    missing = [key for key in keys if key not in known]
    made = Customer.objects.bulk_create([Customer() for _key in missing])
    owners = dict(zip(missing, made, strict=True))
    PhoneNumber.objects.bulk_create(
        [PhoneNumber(key=key, customer=owner) for key, owner in owners.items()],
        ignore_conflicts=True,
    )
    found = PhoneNumber.objects.filter(key__in=missing).values_list("key", "customer_id")
    ours = {key for key, owner_id in found if owners[key].pk == owner_id}
    orphans = [owner.pk for key, owner in owners.items() if key not in ours]
    Customer.objects.filter(pk__in=orphans).delete()
    return ours


def _problem(row: Row, known: _Known) -> str:
    """Return why a row cannot be taken in, or nothing."""
    key = row.identity.key
    wanted = [channel for channel, yes in row.consents.items() if yes]
    # A number that was erased is not to be written down again, whatever else the row says.
    forgotten = key in known.added and any((key, channel) in known.deleted for channel in Channel)
    if forgotten or any((key, channel) in known.deleted for channel in wanted):
        return _(
            "This number was deleted. It can be used again when the customer writes START, or when"
            " an admin records their consent."
        )
    for channel in wanted:
        address = known.address(key, channel)
        if address is not None and address.opted_out_at:
            words = _(
                "This number has opted out of %(channel)s. Record the customer's consent on their"
                " page instead."
            )
            return words % {"channel": channel.label}
    return ""


def _name(rows: Sequence[Row], known: _Known) -> set[str]:
    """Name the customers who have no name; returns the keys of those whom that changes."""
    named: dict[int, Customer] = {}
    keys: set[str] = set()
    for row in rows:
        customer = known.numbers[row.identity.key].customer
        customer = named.get(customer.pk, customer)
        if row.name and not customer.name:
            customer.name = row.name
            named[customer.pk] = customer
            keys.add(row.identity.key)
    Customer.objects.bulk_update(named.values(), ["name"], batch_size=1000)
    return keys


def _open(rows: Sequence[Row], known: _Known, now: datetime) -> set[str]:
    """Let numbers be messaged on channels on which nothing was known of them."""
    made: list[Address] = []
    keys: set[str] = set()
    for row in rows:
        key = row.identity.key
        for channel in [channel for channel, yes in row.consents.items() if yes]:
            if known.address(key, channel) is None:
                value, number = row.identity.address, known.numbers[key]
                made.append(
                    Address(phone_number=number, channel=channel, value=value, consent_at=now)
                )
                keys.add(key)
    Address.objects.bulk_create(made)
    return keys


def _close(rows: Sequence[Row], known: _Known, now: datetime, by: str) -> set[str]:
    """Opt numbers out of the channels that the file says no to, with proof."""
    refusals: list[Refusal] = []
    for row in rows:
        key = row.identity.key
        for channel in [channel for channel, yes in row.consents.items() if not yes]:
            address = known.address(key, channel)
            if address is None or not address.opted_out_at:
                number = known.numbers[key]
                refusals.append(Refusal(number, channel, address, row.identity.address))
    close(refusals, at=now, by=by)
    return {refusal.number.key for refusal in refusals}
