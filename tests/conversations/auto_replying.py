"""A site that answers by itself."""

from datetime import time

from django.utils import timezone

from conversations.contracts import RequestOpened
from conversations.models import AutoReplySettings, Message
from conversations.services import lifecycle
from conversations.services.inbound import receive_message
from tests.factories import InboundMessageFactory, SenderFactory

HELLO = "Thank you, we have your message."
CLOSED = "We are back at 8."
SENDERS = {"sms": "385951006719", "whatsapp": "385951006720"}


def auto_reply(*texts, opens=None, **fields):
    """Set it; each text is occasion, channel, language, words. `opens` are hours of every day."""
    settings = AutoReplySettings.objects.create(**({"enabled": True} | fields))
    for occasion, channel, language, words in texts or [("greeting", "sms", "en", HELLO)]:
        settings.texts.create(occasion=occasion, channel=channel, language=language, text=words)
    for weekday in range(7) if opens else ():
        settings.hours.create(weekday=weekday, opens_at=time(opens[0]), closes_at=time(opens[1]))
    return settings


def customer_writes(channel="sms", **fields):
    SenderFactory(channel=channel, number=SENDERS[channel])
    return receive_message(
        InboundMessageFactory(
            **(
                {
                    "channel": channel,
                    "sender_number": SENDERS[channel],
                    "occurred_at": timezone.now(),
                }
                | fields
            )
        )
    )


def open_request(message, issue_id="10101", issue_key="SUP-101"):
    lifecycle.attach_request(message.conversation_id, RequestOpened(issue_id, issue_key))


def replies():
    """Return what was sent by itself, in its order."""
    return list(Message.objects.exclude(auto_reply="").order_by("pk"))


def texts():
    return [reply.text for reply in replies()]
