"""A customer of two channels who says things about being written to, at minutes after noon."""

from datetime import UTC, datetime, timedelta

from conversations.contracts import Channel
from conversations.services.inbound import receive_message
from tests.factories import InboundMessageFactory, SenderFactory

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NUMBER = "385991903327"
WHATSAPP = "385951006720"


def make_senders():
    SenderFactory()
    SenderFactory(channel=Channel.WHATSAPP, number=WHATSAPP)


def say(text, *, minute=0, **fields):
    at = NOON + timedelta(minutes=minute)
    return receive_message(InboundMessageFactory(text=text, occurred_at=at, **fields))


def whatsapp(text, **fields):
    return say(text, channel=Channel.WHATSAPP, sender_number=WHATSAPP, **fields)
