"""Erasing a person: name, numbers, texts and files go; counts, the log and the proofs stay.

What must hold at once is done in one transaction. The rest, which may be years of messages, is
done in pieces by a promise, and taken up again where a worker died.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations import audit, outbox
from conversations.contracts import Channel, Promise, SendState
from conversations.errors import NotFound
from conversations.models import (
    Address,
    Conversation,
    Customer,
    Message,
    NumberDeletion,
    OutboxEntry,
    PhoneNumber,
    Send,
)
from conversations.phone_numbers import ERASED, display, identify, variants
from conversations.services import delivery
from conversations.services.customers import deletion_of
from conversations.services.deletions import channels_of
from conversations.services.erased_texts import MESSAGES_AT_ONCE, erase_texts, put_away
from conversations.services.known_requests import promise_property
from conversations.services.raw_traces import erase_traces, is_unread
from conversations.services.reachability import end_unreachable

TOPIC = "customer.erase"
FORGET = "numbers.forget"
WORKS_FOR = 45.0  # seconds: much less than the lease of a promise
LOOKS_AGAIN = timedelta(minutes=1)
READ_WITHIN = timedelta(minutes=15)  # longer than a report waits for its message
SHORTEST_TRACE = 7  # characters: shorter ones stand in what others write, too
WAITING = (SendState.QUEUED, SendState.SENDING)
# Of a conversation or an address, what would still say something of the person.
OF_CONVERSATIONS = ("request.open", "request.transcript", "request.reporter")
OF_ADDRESSES = ("identity.confirm", "blocklist.release")


@transaction.atomic
def erase(customer_id: int, *, by: str) -> bool:
    """Begin to erase a person; False when that was done before.

    From the commit on, nothing leaves for them and their numbers lead to nobody here: whoever
    writes from one is a new customer, opted out. Locks the customer. Raises NotFound.
    """
    locked = Customer.objects.lock([customer_id])
    if not locked:
        raise NotFound(_("There is no such customer any more."))
    customer = locked[0]
    if customer.erased_at is not None:
        return False
    customer.erased_at = now = timezone.now()
    customer.save(update_fields=["erased_at"])
    _close(customer, at=now, by=by)
    waiting = Send.objects.filter(message__conversation__customer=customer, state__in=WAITING)
    # All of them first: a report locks its send, then the conversation.
    for send in list(waiting.order_by("pk").select_for_update(of=("self",))):
        delivery.withdraw(send.pk, may_have_left=send.state == SendState.SENDING)
    end_unreachable(customer, by=by, paused_too=True)
    _put_promises_away(customer)
    _take_numbers(customer)
    for conversation in customer.conversations.exclude(issue_id=""):
        promise_property(conversation)
    outbox.promise(TOPIC, group=f"erase:{customer.pk}", subject=customer.pk)
    return True


def is_being_erased(customer: Customer) -> bool:
    """Whether the work of erasing a person is still ahead."""
    if customer.erased_at is None:
        return False
    ahead = OutboxEntry.objects.exclude(state=OutboxEntry.State.DONE).filter(topic=TOPIC)
    return ahead.filter(subject=str(customer.pk)).exists()


def go_on(promise: Promise) -> None:
    """Erase what a person has left behind, as much as there is time for; the rest is promised.

    Doing it again does no harm.
    """
    customer = Customer.objects.filter(pk=promise.subject).exclude(erased_at=None).first()
    if customer is None:
        return
    until = monotonic() + WORKS_FOR
    for conversation in customer.conversations.order_by("pk"):
        while _erase_piece(customer, conversation):
            if monotonic() > until:
                outbox.promise(TOPIC, group=f"erase:{customer.pk}", subject=customer.pk)
                return
    traces = _traces(customer)
    if _is_expecting(customer, traces):
        again = f"erase:{customer.pk}"
        outbox.promise(TOPIC, group=again, subject=customer.pk, delay=LOOKS_AGAIN)
        return
    erase_traces(traces)
    _finish(customer)


def _is_expecting(customer: Customer, traces: set[str]) -> bool:
    """Whether what came before the erasure is still to be read, as reports that wait are."""
    since = customer.erased_at
    if since is None or timezone.now() - since > READ_WITHIN:
        return False
    return is_unread(traces, until=since)


def _close(customer: Customer, *, at: datetime, by: str) -> None:
    """Opt every number out for good, with proof; notes of earlier proofs may name the person."""
    for number in customer.phone_numbers.all():
        number_hash = audit.hash_of(number.key)
        NumberDeletion.objects.filter(number_hash=number_hash).update(note="", lifted_because="")
        for channel in channels_of(number):
            if deletion_of([number.key], channel) is None:
                _keep_proof(number_hash, channel, at=at, by=by)
    Address.objects.filter(phone_number__customer=customer).update(
        opted_out_at=at,
        opted_out_by=Address.OptedOutBy.ADMIN,
        consent_at=at,
        answerable=False,
    )


def _keep_proof(number_hash: str, channel: Channel, *, at: datetime, by: str) -> None:
    NumberDeletion.objects.create(
        number_hash=number_hash,
        channel=channel,
        reason=NumberDeletion.Reason.ERASURE,
        deleted_at=at,
        deleted_by=by,
    )


def _put_promises_away(customer: Customer) -> None:
    conversations = list(customer.conversations.values_list("pk", flat=True))
    put_away(OF_CONVERSATIONS, conversations, because="erased")
    addresses = Address.objects.filter(phone_number__customer=customer)
    put_away(OF_ADDRESSES, list(addresses.values_list("pk", flat=True)), because="erased")


def _take_numbers(customer: Customer) -> None:
    """Let the numbers lead to nobody; their keys are kept until what holds them is found."""
    for number in customer.phone_numbers.all():
        longest = PhoneNumber._meta.get_field("key").max_length or 0
        # With its own id: the same number may come back, and be erased again, before this is done.
        number.key = f"{PhoneNumber.ERASING}{number.pk}:{number.key}"[:longest]
        number.save(update_fields=["key"])
    for address in Address.objects.filter(phone_number__customer=customer):
        address.value = f"{ERASED}{address.pk}"
        address.save(update_fields=["value"])


@transaction.atomic
def _erase_piece(customer: Customer, conversation: Conversation) -> bool:
    Customer.objects.lock([customer.pk])
    if erase_texts(conversation):
        return True
    # An id of WhatsApp's has the number in it; what comes twice is known by the inbox.
    named = conversation.messages.exclude(provider_id="", quoted_provider_id="")
    ids = list(named.values_list("pk", flat=True)[:MESSAGES_AT_ONCE])
    sent = Send.objects.filter(message__conversation=conversation).exclude(provider_id="")
    send_ids = list(sent.values_list("pk", flat=True)[:MESSAGES_AT_ONCE])
    Send.objects.filter(pk__in=send_ids).update(provider_id="")
    Message.objects.filter(pk__in=ids).update(provider_id="", quoted_provider_id="")
    return bool(ids or send_ids)


def _traces(customer: Customer) -> set[str]:
    """Return by what a person is known in raw items and in what neighbours have said."""
    known = {customer.jira_account_id}
    values = {customer.name}
    for number in customer.phone_numbers.all():
        key = _former_key(number)
        if key:
            value = key.partition(":")[2] or key
            values.add(value)
            if identify(value).can_be_answered:
                known |= {value, display(value), *variants(value)}
    # A name of two words is a person's; others, as short codes, may be a part of anything.
    known |= {value for value in values if " " in value}
    traces = {form for trace in known if len(trace) >= SHORTEST_TRACE for form in _written(trace)}
    return traces | {f'"{form}"' for value in values if value for form in _written(value)}


def _former_key(number: PhoneNumber) -> str:
    """Return what a number was found by, while its traces are still looked for; else nothing."""
    if not number.key.startswith(PhoneNumber.ERASING):
        return ""
    return number.key.removeprefix(PhoneNumber.ERASING).partition(":")[2]


def _written(trace: str) -> Iterable[str]:
    """Return how a trace stands in a body: as it is, or in JSON's escapes."""
    yield json.dumps(trace)[1:-1]
    yield json.dumps(trace, ensure_ascii=False)[1:-1]


@transaction.atomic
def _finish(customer: Customer) -> None:
    """Take away by what the traces were found."""
    (locked,) = Customer.objects.lock([customer.pk])
    for number in locked.phone_numbers.filter(key__startswith=PhoneNumber.ERASING):
        number_hash = audit.hash_of(_former_key(number))
        number.key = f"{ERASED}{number_hash}:{number.pk}"
        number.save(update_fields=["key"])
    locked.name = locked.jira_account_id = ""
    locked.save(update_fields=["name", "jira_account_id"])
    outbox.promise(FORGET, group=f"erase:{locked.pk}", subject=locked.pk)
    audit.record("customer.erasure-done", actor_kind=audit.Actor.SYSTEM, subject=locked)
