"""Understanding what the provider posted: the inbox's handler for this neighbour."""

import json

from channels.provider import webhook_provider
from conversations.contracts import InboundMessage
from conversations.errors import NotUnderstood
from conversations.models import Sender
from conversations.services.delivery import take_report
from conversations.services.inbound import receive_message
from conversations.storable import storable

SOURCE = "infobip"


def take_in(body: bytes) -> None:
    """Read one kept item and hand it to the domain."""
    try:
        item = storable(json.loads(body))
    except (ValueError, RecursionError) as failure:
        raise NotUnderstood("The item is not JSON.") from failure
    event = webhook_provider(SOURCE).parse(item, channel_of=_channel_of)
    if event is None:
        return
    if isinstance(event, InboundMessage):
        receive_message(event)
    else:
        take_report(event)


def _channel_of(number: str) -> str | None:
    """Return the channel of our sender with this number; None when it is on several or unknown."""
    channels = list(Sender.objects.filter(number=number).values_list("channel", flat=True)[:2])
    return channels[0] if len(channels) == 1 else None
