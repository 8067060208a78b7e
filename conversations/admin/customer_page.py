"""What the console's page of one customer shows: numbers, consent, requests, proofs."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest
from django.urls import reverse

from conversations import audit
from conversations.admin.customer_words import Standing, shown, standing_of, value_of
from conversations.admin.people import names_of
from conversations.models import Address, Conversation, Customer, NumberDeletion, PhoneNumber
from conversations.services import identity
from conversations.services.customers import USER_ID
from conversations.services.erasure import is_being_erased
from conversations.state_words import state_in_words
from tenants.context import current_site

MOST_REQUESTS = 100


@dataclass(frozen=True)
class ChannelRow:
    """One channel of a number, with what is known about consent."""

    channel: str
    number: str
    standing: Standing


@dataclass(frozen=True)
class NumberRow:
    """One number, or a user id; `deletable` and `openable` say what may be done with it."""

    pk: int
    number: str
    channels: list[ChannelRow]
    deletable: bool
    openable: bool
    is_user_id: bool


@dataclass(frozen=True)
class RequestRow:
    """One request: where it is in Jira, and how its conversation stands."""

    conversation: Conversation
    url: str
    state: str


@dataclass(frozen=True)
class Proof:
    """A proof of a deletion, with the names of those who deleted the number and lifted that."""

    row: NumberDeletion
    deleter: str
    lifter: str


def details(request: HttpRequest, customer: Customer, *, revealed: bool) -> dict[str, Any]:
    """Return what the page's template shows of a customer, numbers masked unless `revealed`."""
    numbers = list(customer.phone_numbers.order_by("pk").prefetch_related("addresses"))
    proofs = _proofs(numbers)
    conversations = list(customer.conversations.order_by("-pk")[: MOST_REQUESTS + 1])
    has_perm = request.user.has_perm
    found = [] if customer.erased_at else identity.standings(customer)
    return {
        "customer": customer,
        "revealed": revealed,
        "numbers": [] if customer.erased_at else [_row(each, proofs, revealed) for each in numbers],
        "requests": [_request(each) for each in conversations[:MOST_REQUESTS]],
        "more_requests": len(conversations) > MOST_REQUESTS,
        "proofs": _named(proofs),
        "being_erased": is_being_erased(customer),
        "identities": [
            (standing, shown(standing.address.value, revealed=revealed)) for standing in found
        ],
        "may_change": has_perm("conversations.change_customer"),
        "may_reveal": has_perm("conversations.reveal_customer"),
        "may_erase": has_perm("conversations.erase_customer"),
        "may_read": has_perm("conversations.view_conversation"),
        "list_url": reverse("admin:conversations_customer_changelist"),
    }


def _row(number: PhoneNumber, proofs: list[NumberDeletion], revealed: bool) -> NumberRow:  # noqa: FBT001
    addresses = sorted(number.addresses.all(), key=lambda each: (each.channel, each.pk))
    closed = [address for address in addresses if address.opted_out_at is not None]
    deleted = [each for each in closed if each.opted_out_by == Address.OptedOutBy.ADMIN]
    own = [proof for proof in proofs if proof.number_hash == hash_of(number)]
    is_user_id = number.key.startswith(USER_ID)
    rows = []
    for address in addresses:
        lifted = [each for each in own if each.channel == address.channel and each.lifted_at]
        newest = max(lifted, key=lambda proof: proof.lifted_at or proof.deleted_at, default=None)
        value = shown(address.value, revealed=revealed)
        standing = standing_of(address, opened=newest)
        rows.append(ChannelRow(address.get_channel_display(), value, standing))
    return NumberRow(
        pk=number.pk,
        number=shown(value_of(number), revealed=revealed),
        channels=rows,
        # A user id that has not written by itself is one with the number.
        deletable=len(deleted) < len(addresses) or not (addresses or is_user_id),
        is_user_id=is_user_id,
        openable=bool(closed),
    )


def _request(conversation: Conversation) -> RequestRow:
    key = conversation.issue_key
    url = f"{current_site().url.rstrip('/')}/browse/{quote(key)}" if key else ""
    return RequestRow(conversation, url, state_in_words(conversation))


def _proofs(numbers: list[PhoneNumber]) -> list[NumberDeletion]:
    hashes = {hash_of(number) for number in numbers}
    return list(NumberDeletion.objects.filter(number_hash__in=hashes).order_by("-pk"))


def _named(proofs: list[NumberDeletion]) -> list[Proof]:
    """Return each deletion once: of a number and the user id that is one with it, both are kept."""
    told = {(each.channel, each.deleted_at, each.lifted_at): each for each in proofs}
    accounts = {account for each in proofs for account in (each.deleted_by, each.lifted_by)}
    names = names_of(accounts)
    return [
        Proof(
            proof,
            names.get(proof.deleted_by, proof.deleted_by),
            names.get(proof.lifted_by, proof.lifted_by),
        )
        for proof in told.values()
    ]


def hash_of(number: PhoneNumber) -> str:
    """Return the hash that the proofs of a number have, also when the number itself is gone."""
    return number.erased_hash or audit.hash_of(number.key.removeprefix(PhoneNumber.ERASING))
