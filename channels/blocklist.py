"""The provider's blocklist as the second truth about who wants no messages: the outbox's handlers.

A block there opts out here. That a number is not listed there opts nobody in.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from time import sleep

from django.utils.translation import gettext as _

from channels import pace
from channels.intake import SOURCE
from channels.models import ProviderAccount
from channels.provider_account import KEY_LIMITED, KEYS_OWN_TROUBLE, Block, blocklist_provider
from conversations import outbox
from conversations.contracts import Channel, ConsentChange, Promise
from conversations.errors import PermanentFailure
from conversations.models import Address, Sender
from conversations.phone_numbers import identify
from conversations.services.consent import take_list
from conversations.services.customers import key_of

TOPIC = "blocklist.check"
FIRST_PAGE = 0
MOST_PAGES = 1000
PER_SECOND = 1.0  # that Infobip takes from an account
BETWEEN_QUESTIONS = 1.0  # seconds, within one promise


def check_list(promise: Promise) -> None:
    """Opt out whom the provider blocks for us: one page of its list, and a promise for the next.

    Raises TemporaryFailure or PermanentFailure.
    """
    account = ProviderAccount.objects.connected()
    if account is None:
        return
    pace.take_turn(promise, TOPIC, per_second=PER_SECOND)
    number = int(promise.subject) if promise.subject.isdecimal() else FIRST_PAGE
    try:
        page = blocklist_provider(SOURCE).blocklist_page(account, number)
    except PermanentFailure as failure:
        if failure.code in KEYS_OWN_TROUBLE:
            return
        raise
    take_list(_changes(page.blocks))
    if not page.is_last and number + 1 < MOST_PAGES:
        outbox.promise(TOPIC, group=TOPIC, subject=number + 1)


def release(promise: Promise) -> None:
    """Lift what the provider holds against a customer who has opted in since.

    Blocks that came after the customer's word opt out here instead. Raises TemporaryFailure or
    PermanentFailure.
    """
    account = ProviderAccount.objects.connected()
    address = Address.objects.select_related("phone_number").filter(pk=promise.subject).first()
    if account is None or address is None or address.opted_out_at or not address.consent_at:
        return
    pace.take_turn(promise, TOPIC, per_second=PER_SECOND, cost=2)
    try:
        blocks = _blocks_of(account, address)
        newer = [block for block in blocks if block.since > address.consent_at]
        if newer:
            take_list(_changes(newer))
            return
        _lift(account, address, blocks)
    except PermanentFailure as failure:
        if failure.code != KEY_LIMITED:
            raise
        text = _(
            "The key may not use Infobip's blocklist (blocklist:manage). If the customer is on it,"
            " Infobip refuses messages to them."
        )
        raise PermanentFailure(text, code=failure.code) from failure


def _blocks_of(account: ProviderAccount, address: Address) -> list[Block]:
    """Return the blocks that refuse what we send to an address, in all variants of its number."""
    provider, channels = blocklist_provider(SOURCE), _our_channels()
    written = address.phone_number.addresses.filter(channel=address.channel)
    found: list[Block] = []
    for number, value in enumerate(written.order_by("pk").values_list("value", flat=True)):
        if number:
            sleep(BETWEEN_QUESTIONS)
        found += provider.blocks_of(account, value)
    return [
        block
        for block in found
        if key_of(identify(block.address)) == address.phone_number.key
        and address.channel in channels(block)
    ]


def _lift(account: ProviderAccount, address: Address, blocks: list[Block]) -> None:
    # Without a sender it holds for all who use the account: only the customer's own word undoes it.
    ours = [block for block in blocks if block.sender_number or block.by_customer]
    if ours:
        sleep(BETWEEN_QUESTIONS)
        address.refresh_from_db(fields=["opted_out_at"])
        if address.opted_out_at:
            return
        blocklist_provider(SOURCE).lift_blocks(account, ours)
    if len(ours) < len(blocks):
        raise PermanentFailure(
            _(
                "Somebody has put this number on the list of those whom the whole Infobip account"
                " must not contact. Take it off in Infobip's portal, under People."
            )
        )


def _changes(blocks: Iterable[Block]) -> Iterator[ConsentChange]:
    channels = _our_channels()
    for block in blocks:
        for channel in channels(block):
            yield ConsentChange(
                channel=channel,
                address=block.address,
                sender_number=block.sender_number,
                occurred_at=block.since,
                opted_in=False,
            )


def _our_channels() -> Callable[[Block], list[Channel]]:
    """Return what says on which channels a block concerns senders of ours.

    The account may serve other systems too.
    """
    senders = list(Sender.objects.all())

    @cache
    def channels_of(number: str) -> set[Channel]:
        ours = (one for one in senders if not number or one.is_known_as(number))
        return {Channel(sender.channel) for sender in ours}

    def channels(block: Block) -> list[Channel]:
        found = channels_of(block.sender_number)
        return sorted(found & {block.channel} if block.channel else found)

    return channels
