"""Over which other channel a message that was not delivered can go now."""

from collections.abc import Sequence

from django.db.models import Max
from django.utils import timezone

from conversations.capabilities import CAPABILITIES
from conversations.contracts import Channel, MessageKind, SendState
from conversations.errors import SendingRefused
from conversations.models import Address, Conversation, Message, Sender
from conversations.phone_numbers import AddressKind, identify
from conversations.services.outgoing import WINDOW_MARGIN
from conversations.services.texts import longest_text, sendable_text

# Over another channel goes the text of these alone.
TEXTS = {
    Channel.SMS: {MessageKind.TEXT, MessageKind.TEMPLATE},
    Channel.WHATSAPP: {MessageKind.TEXT},
}
NOT_ARRIVED = {SendState.FAILED, SendState.UNCONFIRMED}


def channels_for(message: Message) -> list[Channel]:
    """Return the channels that carry what is text of a message."""
    return [channel for channel, kinds in TEXTS.items() if message.kind in kinds]


def ways_over(conversation: Conversation, messages: Sequence[Message]) -> dict[int, list[Channel]]:
    """Return by the ids of messages the other channels that would take them now.

    Asks as often for many messages as for one, and nothing when all have arrived. Reads `sends` as
    prefetched.
    """
    stuck = [
        (message, send)
        for message in messages
        if (send := message.shown_send) and send.state in NOT_ARRIVED
    ]
    if not stuck:
        return {}
    known = list(
        Address.objects.filter(phone_number__customer=conversation.customer_id).order_by("pk")
    )
    chosen = conversation.channels
    on = [channel for channel in Channel if chosen is None or channel in chosen]
    reached = {channel: _reached(conversation, channel, known) for channel in on}
    longest = {channel: longest_text(channel) for channel in on}
    return {
        message.pk: [
            channel
            for channel in channels_for(message)
            if message.address.phone_number_id in reached.get(channel, ())
            and send.channel != channel
            and _fits(message.text_alone, channel, longest[channel])
        ]
        for message, send in stuck
    }


def sender_over(conversation: Conversation, channel: Channel) -> Sender | None:
    """Return the sender that the customer knows on `channel`, else the first that works."""
    working = Sender.objects.able().filter(channel=channel)
    last = (
        Message.objects.filter(
            address__phone_number__customer=conversation.customer_id, sender__in=working
        )
        .select_related("sender")
        .order_by("-occurred_at")
        .first()
    )
    return last.sender if last else working.first()


def _reached(conversation: Conversation, channel: Channel, known: Sequence[Address]) -> set[int]:
    """Return the phone numbers that may be written to on a channel."""
    sender = sender_over(conversation, channel)
    if sender is None:
        return set()
    # The newest of several, as for sending.
    addresses = {each.phone_number_id: each for each in known if each.channel == channel}
    found = {
        number
        for number, address in addresses.items()
        if address.answerable and not address.opted_out_at
    }
    window = CAPABILITIES[channel].reply_window
    if window is not None:
        after = timezone.now() + WINDOW_MARGIN - window
        last = Message.objects.from_customer().filter(sender=sender, channel=channel)
        last = last.filter(address__phone_number__in=found)
        times = last.values_list("address__phone_number").annotate(at=Max("occurred_at"))
        return {number for number, at in times if at >= after}
    dialled = {
        each.phone_number_id for each in known if identify(each.value).kind is AddressKind.NUMBER
    }
    return found | (dialled - set(addresses))


def _fits(text: str, channel: Channel, longest: int) -> bool:
    try:
        sendable_text(text, channel, longest=longest)
    except SendingRefused:
        return False
    return True
