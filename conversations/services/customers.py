"""Who a customer is: finding, locking and joining the people behind numbers."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet

from conversations import audit
from conversations.contracts import Channel, InboundMessage
from conversations.models import Address, Conversation, Customer, NumberDeletion, PhoneNumber
from conversations.nudges import ring
from conversations.phone_numbers import Address as Identity
from conversations.phone_numbers import AddressKind, identify
from conversations.services.known_requests import promise_property
from conversations.services.other_requests import ring_paused

LONGEST_KEY = 160
USER_ID = "user_id:"  # as the keys of such subscribers begin
CONSENT = ("opted_out_at", "opted_out_by", "consent_at")
MARKETING_CONSENT = ("no_marketing_since", "marketing_consent_at")
NEVER = datetime.min.replace(tzinfo=UTC)


def lock_author(event: InboundMessage) -> tuple[Customer, Address]:
    """Return the customer who wrote, row-locked, and the address that wrote; new ones are made.

    Call in a transaction, before anything else of the customer's is touched. A number and a
    user id that belonged to two customers make them one.
    """
    identities = [identify(event.address)]
    if event.user_id and event.user_id != event.address:
        identities.append(identify(event.user_id))
    keys = [key_of(identity) for identity in identities]
    customer = _lock_owner(keys)
    return customer, address_of(identities[0], event.channel, keys)


def lock_customer_of(conversation_id: int) -> Customer:
    """Return the customer of a conversation, row-locked."""
    found = Conversation.objects.filter(pk=conversation_id)
    while True:
        locked = Customer.objects.lock_owners(found)
        if [found.values_list("customer", flat=True).get()] == [one.pk for one in locked]:
            return locked[0]


def lock_known(address: str) -> Customer | None:
    """Return the customer whose address this is, row-locked; None for a stranger's."""
    numbers = PhoneNumber.objects.filter(key=key_of(identify(address)))
    while True:
        number = numbers.first()
        if number is None:
            return None
        locked = Customer.objects.lock([number.customer_id])
        if locked and numbers.filter(customer=locked[0]).exists():
            return locked[0]


def address_of(identity: Identity, channel: Channel, keys: list[str]) -> Address:
    """Return where a subscriber is reached on a channel, made if it is new.

    `keys` are all that the subscriber is found by. What was said about consent by any of them on
    that channel holds for a new address, too, and so does a deletion in force when the number
    itself was forgotten. The caller holds the customer's lock.
    """
    address = Address.objects.filter(channel=channel, value=identity.address).first()
    if address is not None:
        return address
    return Address.objects.create(
        channel=channel,
        value=identity.address,
        phone_number=PhoneNumber.objects.get(key=key_of(identity)),
        answerable=identity.can_be_answered,
        **_first_words(channel, keys),
    )


def deletion_of(keys: Iterable[str], channel: str) -> NumberDeletion | None:
    """Return the proof that one of the keys was deleted on a channel and has not come back."""
    hashes = [audit.hash_of(key) for key in keys]
    found = NumberDeletion.objects.in_force().of_hashes(hashes, channel)
    return found.order_by("-deleted_at").first()


def lift_deletions(
    customer: Customer, keys: Iterable[str], channel: Channel, *, at: datetime, by: str
) -> None:
    """Let deletions hold no more on a channel: of these keys, and of what is one with them."""
    hashes = [audit.hash_of(key) for key in {*keys, *user_ids_of(customer, channel)}]
    deletions = NumberDeletion.objects.in_force().of_hashes(hashes, channel)
    deletions.update(lifted_at=at, lifted_by=by)


def user_ids_of(customer: Customer, channel: Channel) -> set[str]:
    """Return the keys that are one with each of a customer's numbers on a channel."""
    if channel != Channel.WHATSAPP:
        return set()
    theirs = customer.phone_numbers.filter(key__startswith=USER_ID)
    return set(theirs.values_list("key", flat=True))


def _first_words(channel: Channel, keys: list[str]) -> dict[str, Any]:
    """Return what is known about consent of an address that nobody has written from."""
    words = _newest_words(_siblings(channel, keys))
    deletion, said_at = deletion_of(keys, channel), words.get("consent_at")
    if deletion is None or (said_at is not None and said_at > deletion.deleted_at):
        return words
    at, by = deletion.deleted_at, Address.OptedOutBy.ADMIN
    return words | {"opted_out_at": at, "opted_out_by": by, "consent_at": at}


def _siblings(channel: Channel, keys: list[str]) -> QuerySet[Address]:
    return Address.objects.filter(channel=channel, phone_number__key__in=keys)


def _newest_words(siblings: QuerySet[Address]) -> dict[str, Any]:
    """Return what was said last about consent by one of them, as an address holds it."""
    words: dict[str, Any] = {}
    known = list(siblings)
    for at, names in (("consent_at", CONSENT), ("marketing_consent_at", MARKETING_CONSENT)):
        if known:
            newest = max(known, key=lambda one: getattr(one, at) or NEVER)
            words |= {name: getattr(newest, name) for name in names}
    return words


def key_of(identity: Identity) -> str:
    """Return what a subscriber is found by: a number's digits, or kind and value of others."""
    if identity.kind is AddressKind.NUMBER:
        return identity.key
    return f"{identity.kind.lower()}:{identity.key}"[:LONGEST_KEY]


def _lock_owner(keys: list[str]) -> Customer:
    numbers = PhoneNumber.objects.filter(key__in=keys)
    while True:
        locked = Customer.objects.lock_owners(numbers)
        # Before the lock was had, customers may have become one, or one been erased.
        owners = dict(numbers.values_list("key", "customer_id"))
        if missing := set(keys) - set(owners):
            made = _claim(missing)
            if made is not None and not owners:
                return made  # nobody else sees it before the commit
        elif set(owners.values()) == {one.pk for one in locked}:
            return locked[0] if len(locked) == 1 else join(locked, keys)


def _claim(keys: set[str]) -> Customer | None:
    """Make keys that are nobody's one new customer's; None if one of them is somebody's by now."""
    made: Customer | None = None
    for key in sorted(keys):
        number, created = PhoneNumber.objects.claim(key, customer=made)
        if not created:
            return None
        made = number.customer
    return made


def join(customers: list[Customer], keys: list[str], *, by: str = "") -> Customer:
    """Make locked customers one, the oldest; of two active conversations the newer-used stays.

    `keys` are of one subscriber: what one of them has said about consent holds for the others from
    now on. `by` is an admin.
    """
    kept, others = customers[0], customers[1:]
    active = Conversation.objects.active().filter(customer__in=customers)
    for conversation in active.order_by("-last_message_at", "-pk")[1:]:
        conversation.move_to(Conversation.State.PAUSED)
        conversation.save(update_fields=["state", "state_changed_at", "state_changed_by"])
        version = conversation.raise_version()
        audit.record(
            "conversation.paused",
            actor_kind=audit.Actor.SYSTEM,
            subject=conversation,
            conversation=conversation,
            because="customers joined",
            version=version,
        )
        if conversation.issue_id:
            promise_property(conversation)
        ring(conversation.pk, version)
    for other in others:
        other.conversations.update(customer=kept)
        other.phone_numbers.update(customer=kept)
        kept.name = kept.name or other.name
        kept.jira_account_id = kept.jira_account_id or other.jira_account_id
        audit.record(
            "customer.joined",
            actor_kind=audit.Actor.ADMIN if by else audit.Actor.SYSTEM,
            actor=by,
            subject=kept,
            joined=other.pk,
        )
        other.delete()
    kept.save(update_fields=["name", "jira_account_id"])
    ring_paused(kept.pk)
    _share_consent(kept, keys)
    return kept


def _share_consent(kept: Customer, keys: list[str]) -> None:
    """Let what one of the keys has said last about consent hold for the others, too.

    So does a deletion of one of them, and a consent that is newer than a deletion.
    """
    for channel in Channel:
        words = _first_words(channel, keys)
        if not words:
            continue
        _siblings(channel, keys).update(**words)
        if words.get("consent_at") and not words.get("opted_out_at"):
            lift_deletions(kept, keys, channel, at=words["consent_at"], by="")
