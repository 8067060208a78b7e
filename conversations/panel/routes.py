"""Where an answer may go: our numbers, the customer's, and which pair stands in From and To."""

import json
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from conversations.capabilities import CAPABILITIES
from conversations.contracts import Channel
from conversations.models import Address, Conversation, Message, Sender
from conversations.phone_numbers import AddressKind, display, identify
from conversations.services.outgoing import WINDOW_MARGIN, window_ends_at
from conversations.services.texts import longest_text


@dataclass(frozen=True)
class End:
    """One end of a route, as an option of From or To."""

    pk: int
    channel: str
    channel_label: str
    shown: str
    longest_text: int = 0
    longest_caption: int = 0
    files: str = ""  # JSON, for the page: per kind the types, none for any, and the largest size
    quotes: bool = False
    rich: bool = False
    opted_out_at: datetime | None = None

    @property
    def opted_out(self) -> bool:
        return self.opted_out_at is not None


@dataclass(frozen=True)
class Routes:
    """All that may be chosen, and what is: None when nothing can be sent.

    `broken` is the sender that should answer and cannot; then `over` is a route on another channel.
    """

    senders: tuple[End, ...]
    addresses: tuple[End, ...]
    sender: End | None
    address: End | None
    closes_at: datetime | None
    unanswered: bool = False  # templates went this way, and the customer never wrote back
    broken: Sender | None = None
    over: tuple[End, End] | None = None

    @property
    def closed(self) -> bool:
        """Whether the chosen route's window for free text is over."""
        return self.closes_at is not None and self.closes_at <= timezone.now()

    @property
    def never_written(self) -> bool:
        """Whether the chosen route's window never was open: the customer has to write first."""
        return _is_never(self.closes_at)

    @property
    def number(self) -> str:
        """Return where the customer is reached when they have not written."""
        return display(self.addresses[0].shown) if self.addresses else ""

    @property
    def all_opted_out(self) -> bool:
        return bool(self.addresses) and all(address.opted_out for address in self.addresses)

    @property
    def instead(self) -> tuple[End, End] | None:
        """Return a route on another channel than the chosen one, if there is one without window."""
        for address in self.addresses:
            if address.opted_out or CAPABILITIES[Channel(address.channel)].reply_window:
                continue
            for sender in self.senders:
                if sender.channel == address.channel:
                    return sender, address
        return None


def routes_of(
    conversation: Conversation, last: Message | None, *, wanted: tuple[int | None, int | None]
) -> Routes:
    """Return the routes of a conversation's customer.

    Only those on activated channels. Chosen is what the agent wants, else the pair of the
    customer's last message, else the first that works; but no other channel in the place of one
    whose senders cannot send: that is for the agent to choose.
    """
    known = Address.objects.filter(phone_number__customer=conversation.customer_id, answerable=True)
    if conversation.channels is not None:
        known = known.filter(channel__in=conversation.channels)
    # Of several the newest first: an agent may just have entered it.
    addresses = list(known.order_by("channel", "-pk"))
    channels = {address.channel for address in addresses}
    senders = [sender for sender in Sender.objects.able() if sender.channel in channels]
    pairs = [
        (sender, address)
        for address in addresses
        for sender in senders
        if sender.channel == address.channel and not address.opted_out_at
    ]
    broken = _broken(senders, addresses, last)
    chosen = _chosen(pairs, wanted, None if broken else last)
    if broken and chosen and (chosen[0].pk, chosen[1].pk) != wanted:
        over, chosen = chosen, None
    else:
        over = None
    closes_at = closing_time(*chosen) if chosen else None
    longest = {channel: longest_text(Channel(channel)) for channel in channels}
    return Routes(
        senders=tuple(_our_end(sender, longest[sender.channel]) for sender in senders),
        addresses=tuple(_their_end(address) for address in addresses),
        sender=_our_end(chosen[0], longest[chosen[0].channel]) if chosen else None,
        address=_their_end(chosen[1]) if chosen else None,
        closes_at=closes_at,
        unanswered=bool(chosen and _is_never(closes_at) and _has_carried(*chosen)),
        broken=broken,
        over=(_our_end(over[0], longest[over[0].channel]), _their_end(over[1])) if over else None,
    )


def closing_time(sender: Sender, address: Address) -> datetime | None:
    """When free text stops being accepted: a little before it would arrive too late."""
    ends_at = window_ends_at(address, sender)
    if ends_at is None or _is_never(ends_at):
        return ends_at
    return ends_at - WINDOW_MARGIN


def _is_never(closes_at: datetime | None) -> bool:
    return closes_at is not None and closes_at.year == 1


def _has_carried(sender: Sender, address: Address) -> bool:
    return Message.objects.filter(sender=sender, address=address).exists()


def _broken(senders: list[Sender], addresses: list[Address], last: Message | None) -> Sender | None:
    """Return the sender that the customer wrote to last, if nothing on its channel can send."""
    if last is None or any(sender.channel == last.channel for sender in senders):
        return None
    reachable = any(each.pk == last.address_id and not each.opted_out_at for each in addresses)
    return last.sender if reachable else None


def _chosen(
    pairs: list[tuple[Sender, Address]],
    wanted: tuple[int | None, int | None],
    last: Message | None,
) -> tuple[Sender, Address] | None:
    asked_last = (last.sender_id, last.address_id) if last else (None, None)
    for wish in (wanted, asked_last):
        for pair in pairs:
            if (pair[0].pk, pair[1].pk) == wish:
                return pair
    # The number that was asked may be switched off by now: another one of the same channel answers.
    for pair in pairs:
        if pair[1].pk == asked_last[1]:
            return pair
    return pairs[0] if pairs else None


def _our_end(sender: Sender, longest: int) -> End:
    channel = Channel(sender.channel)
    able = CAPABILITIES[channel]
    files = [{"types": sorted(each.types), "largest": each.largest} for each in able.files]
    return End(
        pk=sender.pk,
        channel=channel.value,
        channel_label=str(channel.label),
        shown=sender.number,
        longest_text=longest,
        longest_caption=able.longest_caption,
        files=json.dumps(files),
        quotes=able.quotes,
        rich=able.rich,
    )


def _their_end(address: Address) -> End:
    channel = Channel(address.channel)
    is_number = identify(address.value).kind is AddressKind.NUMBER
    return End(
        pk=address.pk,
        channel=channel.value,
        channel_label=str(channel.label),
        shown=f"+{address.value}" if is_number else address.value,
        opted_out_at=address.opted_out_at,
    )
