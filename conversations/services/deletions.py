"""Deleting a number at an admin's word, with proof, and taking it back when there is consent."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations import audit
from conversations.contracts import Channel
from conversations.errors import InvalidTransition, NotFound
from conversations.models import Address, Customer, NumberDeletion, PhoneNumber
from conversations.phone_numbers import Address as Identity
from conversations.phone_numbers import AddressKind, identify
from conversations.services.consent import By, Word, note_word
from conversations.services.customers import USER_ID, address_of, deletion_of, user_ids_of
from conversations.services.reachability import continue_reachable, end_unreachable

Reason = NumberDeletion.Reason


@transaction.atomic
def delete_number(number_id: int, *, reason: str, note: str = "", by: str) -> int:
    """Send nothing to a number any more, on any channel, and keep the proof of it.

    The active conversation ends when no way to the customer is left. Returns how many end. Locks
    the customer. Deleted twice, it says so: raises InvalidTransition; NotFound when it is erased.
    """
    customer, number = lock_number(number_id)
    now, open_ = timezone.now(), []
    for channel in channels_of(number):
        if deletion_of([number.key], channel) is None:
            opt_out(customer, number, channel, at=now, reason=reason, note=note, by=by)
            open_.append(channel)
    if not open_:
        raise InvalidTransition(_("This number was deleted already."), code="deleted")
    return end_if_unreachable(customer, by=by)


@transaction.atomic
def record_consent(
    number_id: int, channels: Collection[Channel], *, because: str, by: str
) -> list[Channel]:
    """Let a number be written to again on these channels; returns those that were closed.

    How the customer consented is kept with the proof. Locks the customer. Raises NotFound.
    """
    customer, number = lock_number(number_id)
    now = timezone.now()
    closed = Address.objects.filter(phone_number=number).exclude(opted_out_at=None)
    opened: list[Channel] = []
    for channel in channels:
        address = closed.filter(channel=channel).first()
        if address is None:
            continue
        note_word(customer, address, Word(True, now, By.ADMIN), actor=by)  # noqa: FBT003
        _keep_proof(number, address, at=now, because=because, by=by)
        opened.append(channel)
    if opened:
        continue_reachable(customer, by=by)
    return opened


def opt_out(
    customer: Customer,
    number: PhoneNumber,
    channel: Channel,
    *,
    at: datetime,
    reason: str,
    note: str = "",
    by: str,
) -> None:
    """Close one channel of a number, with proof. The caller holds the customer's lock."""
    address = _address(number, channel)
    note_word(customer, address, Word(False, at, By.ADMIN), actor=by)  # noqa: FBT003
    for key in sorted({number.key, *user_ids_of(customer, channel)}):
        if deletion_of([key], channel) is None:
            NumberDeletion.objects.create(
                number_hash=audit.hash_of(key),
                channel=channel,
                reason=reason,
                note=note,
                deleted_at=at,
                deleted_by=by,
            )


def end_if_unreachable(customer: Customer, *, by: str) -> int:
    """End the active conversation where no way to the customer is left; how many end."""
    reachable = Address.objects.filter(phone_number__customer=customer, answerable=True)
    if reachable.filter(opted_out_at=None).exists():
        return 0
    return end_unreachable(customer, by=by)


def would_end(number: PhoneNumber) -> int:
    """Return how many conversations would end if a number were deleted now."""
    left = Address.objects.filter(phone_number__customer=number.customer_id, answerable=True)
    if left.filter(opted_out_at=None).exclude(phone_number=number).exists():
        return 0
    return number.customer.conversations.active().count()


def channels_of(number: PhoneNumber) -> list[Channel]:
    """Return where a subscriber may be written to: a number on all channels, others as known."""
    if number.key.startswith(USER_ID):
        return [Channel.WHATSAPP]
    if identity_of(number).kind is AddressKind.NUMBER:
        return list(Channel)
    known = number.addresses.values_list("channel", flat=True)
    return [channel for channel in Channel if channel in set(known)]


def lock_number(number_id: int) -> tuple[Customer, PhoneNumber]:
    """Return a number and its customer, row-locked. Raises NotFound when it is erased."""
    numbers = PhoneNumber.objects.filter(pk=number_id, customer__erased_at=None)
    while True:
        number = numbers.first()
        if number is None:
            raise NotFound(_("This number was erased."))
        locked = Customer.objects.lock([number.customer_id])
        number = numbers.filter(customer__in=locked).first()
        if number is not None:
            return locked[0], number


def identity_of(number: PhoneNumber) -> Identity:
    """Return what a subscriber is, as one of its addresses says or else its key."""
    address = number.addresses.order_by("pk").first()
    return identify(address.value if address else number.key.removeprefix(USER_ID))


def _address(number: PhoneNumber, channel: Channel) -> Address:
    known = number.addresses.filter(channel=channel).order_by("pk").first()
    return known or address_of(identity_of(number), channel, [number.key])


def _keep_proof(
    number: PhoneNumber, address: Address, *, at: datetime, because: str, by: str
) -> None:
    """Note how the customer consented; where they had said no themselves, that is noted too."""
    hashes = [audit.hash_of(number.key)]
    proofs = NumberDeletion.objects.of_hashes(hashes, address.channel)
    if proofs.filter(lifted_at=at).update(lifted_because=because):
        return
    NumberDeletion.objects.create(
        number_hash=hashes[0],
        channel=address.channel,
        reason=Reason.STOP,
        deleted_at=address.opted_out_at or at,
        deleted_by=address.opted_out_by,
        lifted_at=at,
        lifted_by=by,
        lifted_because=because,
    )
