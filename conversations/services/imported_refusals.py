"""Many opt-outs at once, as a file brings them: one by one only where a panel may be open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from conversations import audit
from conversations.contracts import Channel
from conversations.models import Address, Conversation, NumberDeletion, PhoneNumber
from conversations.services.customer_files import FileRefused
from conversations.services.customers import USER_ID
from conversations.services.deletions import Reason, end_if_unreachable, opt_out

NOTE = "CSV"
MOST_WATCHED = 300


@dataclass(frozen=True)
class Refusal:
    """A number that is not to be messaged on a channel; `value` is what it would be reached by."""

    number: PhoneNumber
    channel: Channel
    address: Address | None
    value: str


def close(refusals: Sequence[Refusal], *, at: datetime, by: str) -> None:
    """Opt the numbers out, with proof. The caller holds the customers' locks.

    Raises FileRefused when that would take longer than a transaction may.
    """
    watched = _watched(refusals)
    if len(watched) > MOST_WATCHED:
        words = _(
            "The file opts out more than %(most)d customers with a conversation under way. Import"
            " it in parts."
        )
        raise FileRefused(words % {"most": MOST_WATCHED})
    quiet = [each for each in refusals if each.number.customer_id not in watched]
    _close_quietly(quiet, at=at, by=by)
    for refusal in refusals:
        number = refusal.number
        if number.customer_id in watched:
            opt_out(
                number.customer,
                number,
                refusal.channel,
                at=at,
                reason=Reason.OTHER,
                note=NOTE,
                by=by,
            )
    for customer in {
        each.number.customer for each in refusals if each.number.customer_id in watched
    }:
        end_if_unreachable(customer, by=by)


def _watched(refusals: Sequence[Refusal]) -> set[int]:
    """Return the customers with a live conversation, or with a user id beside their numbers."""
    customers = {refusal.number.customer_id for refusal in refusals}
    live = Conversation.objects.live().filter(customer__in=customers)
    users = PhoneNumber.objects.filter(customer__in=customers, key__startswith=USER_ID)
    return {
        *live.values_list("customer", flat=True),
        *users.values_list("customer", flat=True),
    }


def _close_quietly(refusals: Sequence[Refusal], *, at: datetime, by: str) -> None:
    closed = {"opted_out_at": at, "opted_out_by": Address.OptedOutBy.ADMIN, "consent_at": at}
    for channel in Channel:
        here = [each for each in refusals if each.channel == channel]
        known = [each.number.pk for each in here if each.address is not None]
        Address.objects.filter(phone_number__in=known, channel=channel).update(**closed)
        Address.objects.bulk_create(
            Address(phone_number=each.number, channel=channel, value=each.value, **closed)
            for each in here
            if each.address is None
        )
        NumberDeletion.objects.bulk_create(
            NumberDeletion(
                number_hash=audit.hash_of(each.number.key),
                channel=channel,
                reason=Reason.OTHER,
                note=NOTE,
                deleted_at=at,
                deleted_by=by,
            )
            for each in here
        )
        audit.record_all(
            audit.event(
                "customer.opted-out",
                actor_kind=audit.Actor.ADMIN,
                actor=by,
                subject=each.number.customer,
                channel=channel,
                address=each.value,
            )
            for each in here
        )
