"""Whether a customer wants to be messaged: what they say themselves, and what a provider says.

The newest word by the provider's time counts, in whatever order they come. It holds for every
address of a subscriber on that channel.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from conversations import audit
from conversations.consent_words import IN, OUT, bare, bare_words
from conversations.contracts import (
    Channel,
    ConsentChange,
    DeliveryReport,
    FailureKind,
    MessageKind,
    SendState,
)
from conversations.models import (
    Address,
    Conversation,
    Customer,
    Message,
    MessageTemplate,
    OutboxEntry,
    PhoneNumber,
    Send,
    SendingSettings,
)
from conversations.nudges import ring
from conversations.outbox import promise
from conversations.phone_numbers import identify
from conversations.services.customers import (
    USER_ID,
    address_of,
    deletion_of,
    key_of,
    lift_deletions,
    lock_customer_of,
    lock_known,
)

LONGEST_WORD = 60  # a word of the site's has 40 characters, and dots and blanks may be around it
RELEASE = "blocklist.release"
SAID_IN = frozenset({MessageKind.TEXT, MessageKind.BUTTON})
REFUSALS = frozenset({FailureKind.OPTED_OUT, FailureKind.BLOCKED, FailureKind.NO_MARKETING})

By = Address.OptedOutBy
ACTORS = {
    By.CUSTOMER: audit.Actor.CUSTOMER,
    By.PROVIDER: audit.Actor.PROVIDER,
    By.ADMIN: audit.Actor.ADMIN,
}


@dataclass(frozen=True)
class Word:
    """One word about consent: who said it, when, and whether it was yes."""

    opted_in: bool
    at: datetime
    by: By
    marketing_only: bool = False

    @property
    def action(self) -> str:
        said = "customer.opted-in" if self.opted_in else "customer.opted-out"
        return f"{said}-marketing" if self.marketing_only else said


def heed_words(message: Message) -> None:
    """Opt a customer out, or in again, who says only that; the caller holds the customer's lock."""
    opted_in = _meaning(message)
    if opted_in is not None:
        word = Word(opted_in, message.occurred_at, By.CUSTOMER)
        note_word(message.conversation.customer, message.address, word)


@transaction.atomic
def take_consent(change: ConsentChange) -> bool:
    """A provider tells of a customer's consent; False when nothing changes. Locks the customer."""
    customer = lock_known(change.address)
    if customer is None:
        return False
    address = _address(change.address, change.channel, make=not change.opted_in)
    if address is None:
        return False
    word = Word(change.opted_in, change.occurred_at, By.PROVIDER, change.marketing_only)
    return note_word(customer, address, word)


def take_list(changes: Iterable[ConsentChange]) -> int:
    """Heed what a provider lists of numbers, most of whom nobody here knows; how many change."""
    keys = [(key_of(identify(change.address)), change) for change in changes]
    listed = {key for key, _change in keys}
    known = set(PhoneNumber.objects.filter(key__in=listed).values_list("key", flat=True))
    return sum(take_consent(change) for key, change in keys if key in known)


def lock_for_refusal(send: Send, report: DeliveryReport) -> bool:
    """Whether a report says that the customer does not want messages; if so, lock the customer.

    Call before the send is touched, and `note_refusal` when the report has proved news.
    """
    refused = report.state is SendState.FAILED and report.failure in REFUSALS
    if refused:
        # Whose it was when the send was read may have become one with another customer.
        send.message.conversation.customer = lock_customer_of(send.message.conversation_id)
    return refused


def note_refusal(send: Send, report: DeliveryReport) -> None:
    """Believe a provider that refused a send for the customer's sake."""
    customer = send.message.conversation.customer
    if customer.erased_at:
        return  # whose number it was nobody knows any more
    marketing_only = report.failure is FailureKind.NO_MARKETING
    word = Word(
        opted_in=False, at=report.occurred_at, by=By.PROVIDER, marketing_only=marketing_only
    )
    # It may have been refused on the way that was tried in its place.
    tried = report.channel or Channel(send.channel)
    address = _address(send.address.value, tried, make=True)
    if address is not None:
        note_word(customer, address, word)


def refusal_of(send: Send) -> FailureKind | None:
    """Return why the customer does not want a message that is about to leave."""
    if send.address.opted_out_at:
        return FailureKind.OPTED_OUT
    if send.address.no_marketing_since and _is_marketing(send):
        return FailureKind.NO_MARKETING
    return None


def has_opted_out(number: str, channel: Channel) -> bool:
    """Whether the subscriber of a number asked for no messages on a channel."""
    address = _address(number, channel, make=False)
    if address is None:
        return deletion_of([key_of(identify(number))], channel) is not None
    return address.opted_out_at is not None


def is_closed_to_sms(address: Address) -> bool:
    """Whether the subscriber of an address asked for no SMS."""
    by_sms = Address.objects.filter(phone_number=address.phone_number_id, channel=Channel.SMS)
    return by_sms.exclude(opted_out_at=None).exists()


def _is_marketing(send: Send) -> bool:
    said = send.message.content
    templates = MessageTemplate.objects.filter(sender=send.sender_id, category="MARKETING")
    return send.message.kind == MessageKind.TEMPLATE and (
        templates.filter(name=said.get("name"), language=said.get("language")).exists()
    )


def _address(value: str, channel: Channel, *, make: bool) -> Address | None:
    """Return where a subscriber is reached on a channel, in whatever variant it wrote."""
    identity = identify(value)
    key = key_of(identity)
    known = Address.objects.filter(channel=channel, phone_number__key=key).first()
    return known or (address_of(identity, channel, [key]) if make else None)


def _meaning(message: Message) -> bool | None:
    """Return whether a message says in or out; None for all that say something else."""
    if message.kind not in SAID_IN or len(message.text) > LONGEST_WORD:
        return None
    said = bare(message.text)
    if not said:
        return None
    settings = SendingSettings.objects.current()
    if said in OUT or said in bare_words(settings.opt_out_words):
        return False
    return True if said in IN or said in bare_words(settings.opt_in_words) else None


def note_word(customer: Customer, address: Address, word: Word, *, actor: str = "") -> bool:
    """Believe a word about consent, if it is the newest; False when nothing changes.

    `actor` is the admin who gives it. The caller holds the customer's lock.
    """
    subscriber = _subscriber(customer, address)
    changed = _marketing(subscriber, word) if word.marketing_only else _everything(subscriber, word)
    if word.opted_in and not word.marketing_only and (changed or word.by == By.CUSTOMER):
        _ask_for_release(address)
    if not changed:
        return False
    if word.opted_in and not word.marketing_only:
        keys = subscriber.values_list("phone_number__key", flat=True)
        lift_deletions(customer, keys, Channel(address.channel), at=word.at, by=actor)
    customers = customer.conversations.all()
    tell(
        customer,
        customers.live() if customers.live().exists() else customers[:1],
        word.action,
        actor_kind=ACTORS[word.by],
        actor=actor,
        channel=Channel(address.channel),
        address=address.value,
    )
    return True


def _ask_for_release(address: Address) -> None:
    """Have lifted what a provider holds against a customer: it would refuse our next message."""
    waiting = OutboxEntry.objects.pending().filter(topic=RELEASE, claim=None)
    if not waiting.filter(subject=str(address.pk)).exists():
        promise(RELEASE, group=f"{RELEASE}:{address.pk}", subject=address.pk)


def _subscriber(customer: Customer, address: Address) -> QuerySet[Address]:
    """Return the addresses that are one with this one: its variants, and a number's user id."""
    here = Address.objects.filter(channel=address.channel, phone_number__customer=customer)
    if address.phone_number.key.startswith(USER_ID):
        return here  # which of the customer's numbers is behind it nobody says
    return here.filter(
        Q(phone_number=address.phone_number_id) | Q(phone_number__key__startswith=USER_ID)
    )


def _everything(subscriber: QuerySet[Address], word: Word) -> int:
    """Note a word unless a newer one is known; returns how many addresses it changes."""
    older, open_ = subscriber.filter(_older("consent_at", word)), Q(opted_out_at=None)
    if word.opted_in:
        changed = older.exclude(opted_out_at=None).update(opted_out_at=None, opted_out_by="")
    else:
        # That an admin deleted the number is shown, whoever had said no before.
        news = older.exclude(opted_out_by=By.ADMIN) if word.by == By.ADMIN else older.filter(open_)
        changed = news.update(opted_out_at=word.at, opted_out_by=word.by)
    older.update(consent_at=word.at)
    return changed


def _marketing(subscriber: QuerySet[Address], word: Word) -> int:
    older = subscriber.filter(_older("marketing_consent_at", word))
    if word.opted_in:
        changed = older.exclude(no_marketing_since=None).update(no_marketing_since=None)
    else:
        changed = older.filter(no_marketing_since=None).update(no_marketing_since=word.at)
    older.update(marketing_consent_at=word.at)
    return changed


def _older(field: str, word: Word) -> Q:
    """Where a word is news; of two of the same moment the one that says no counts."""
    lookup = "lt" if word.opted_in else "lte"
    return Q(**{field: None}) | Q(**{f"{field}__{lookup}": word.at})


def tell(
    customer: Customer,
    conversations: QuerySet[Conversation],
    action: str,
    *,
    actor_kind: audit.Actor,
    actor: str = "",
    channel: Channel,
    address: str,
) -> None:
    """Record it in each of the conversations, where panels show it; else with the customer."""
    told = list(conversations)
    for conversation in told:
        version = conversation.raise_version()
        audit.record(
            action,
            actor_kind=actor_kind,
            actor=actor,
            subject=conversation,
            conversation=conversation,
            channel=channel,
            address=address,
            customer=customer.pk,
            version=version,
        )
        ring(conversation.pk, version)
    if not told:
        audit.record(
            action,
            actor_kind=actor_kind,
            actor=actor,
            subject=customer,
            channel=channel,
            address=address,
        )
