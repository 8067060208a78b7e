"""Understanding what the provider posted: the inbox's handler for this neighbour."""

import json
from dataclasses import replace

from channels import way_test
from channels.delivery import take_report
from channels.provider import Event, webhook_provider
from channels.templates import ask_for_sync
from conversations.contracts import (
    ConsentChange,
    DeliveryReport,
    IdentityChange,
    InboundMessage,
    InboundReaction,
    TemplateUpdate,
)
from conversations.errors import NotUnderstood, NotYetKnown
from conversations.models import Sender
from conversations.services.consent import take_consent
from conversations.services.identity import take_identity_change
from conversations.services.inbound import receive_message
from conversations.services.reactions import take_reaction
from conversations.services.template_lists import take_reason
from conversations.storable import storable

SOURCE = "infobip"


def take_in(body: bytes) -> None:
    """Read one kept item and hand it to the domain."""
    _hand_over(_read(body))


def take_in_report(body: bytes) -> None:
    """Read one item that came to the address of reports; it is not proven to be anything else."""
    event = _read(body)
    if event is not None and not isinstance(event, DeliveryReport):
        raise NotUnderstood("Only delivery reports are understood at this address.")
    _hand_over(event)


def _read(body: bytes) -> Event | None:
    try:
        item = storable(json.loads(body))
    except (ValueError, RecursionError) as failure:
        raise NotUnderstood("The item is not JSON.") from failure
    return webhook_provider(SOURCE).parse(item, channel_of=_channel_of)


def _hand_over(event: Event | None) -> None:
    match event:
        case InboundMessage():
            if not way_test.take_answer(event):
                receive_message(event)
        case InboundReaction():
            take_reaction(event)
        case DeliveryReport():
            _take_report(event)
        case ConsentChange():
            change = _concerning_us(event)
            if change is not None:
                take_consent(change)
        case IdentityChange():
            take_identity_change(event)
        case TemplateUpdate():
            take_reason(event)
            ask_for_sync()


def _take_report(report: DeliveryReport) -> None:
    try:
        take_report(report)
    except NotYetKnown:
        if not way_test.take_report(report):
            raise


def _channel_of(number: str) -> str | None:
    """Return the channel of our sender with this number; None when it is on several or unknown."""
    senders = Sender.objects.known_as(number).values_list("channel", flat=True)
    channels = set(senders)
    return channels.pop() if len(channels) == 1 else None


def _concerning_us(change: ConsentChange) -> ConsentChange | None:
    """The change with our number as its sender: events are not clear about which of two it is.

    None for a block at a sender of somebody else's: the account may serve other systems too.
    """
    ours = list(Sender.objects.known_as(change.address, change.sender_number))
    if not change.sender_number or any(one.is_known_as(change.sender_number) for one in ours):
        return change
    if any(one.is_known_as(change.address) for one in ours):
        return replace(change, address=change.sender_number, sender_number=change.address)
    return change if change.marketing_only else None
