"""What the domain hears and says: frozen values and enums, known to everyone."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models


class Channel(models.TextChoices):
    SMS = "sms", "SMS"
    WHATSAPP = "whatsapp", "WhatsApp"


class MessageKind(models.TextChoices):
    """What a message carries; what we do not know is UNSUPPORTED, with its raw content kept."""

    TEXT = "text"
    IMAGE = "image"
    DOCUMENT = "document"
    AUDIO = "audio"
    VIDEO = "video"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"
    BUTTON = "button"
    REACTION = "reaction"
    UNSUPPORTED = "unsupported"


class SendState(models.TextChoices):
    """What became of one attempt to send; see `LADDER` for the order."""

    QUEUED = "queued"
    SENDING = "sending"
    UNCONFIRMED = "unconfirmed"
    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"
    READ = "read"


# Delivery states only move up: reports come late, twice and out of order.
LADDER = (
    SendState.QUEUED,
    SendState.SENDING,
    SendState.UNCONFIRMED,
    SendState.SENT,
    SendState.FAILED,
    SendState.DELIVERED,
    SendState.READ,
)


@dataclass(frozen=True)
class InboundMessage:
    """A customer wrote. `address` is what wrote, exactly; `user_id` a business-scoped id."""

    channel: Channel
    provider_id: str
    address: str
    sender_number: str
    occurred_at: datetime
    text: str = ""
    kind: MessageKind = MessageKind.TEXT
    content: dict[str, Any] = field(default_factory=dict)
    user_id: str = ""
    profile_name: str = ""


@dataclass(frozen=True)
class DeliveryReport:
    """A provider says what became of a send. `reference` is the message id it knows."""

    reference: str
    state: SendState
    occurred_at: datetime
    error_code: str = ""
    error_text: str = ""
    permanent: bool = False


@dataclass(frozen=True)
class OutgoingMessage:
    """What a provider is asked to send; the id is the same on every try."""

    message_id: str
    channel: Channel
    sender_number: str
    address: str
    text: str


@dataclass(frozen=True)
class RequestOpened:
    """Jira has a request for a conversation."""

    issue_id: str
    issue_key: str


@dataclass(frozen=True)
class Agent:
    """Who is asking in a panel, about which request; signed, never taken from a form."""

    schema_name: str
    account_id: str
    name: str
    issue_id: str
    issue_key: str
    may_reply: bool
    time_zone: str = "UTC"
    reporter_account_id: str = ""
    other_issue_id: str = ""  # another request of the customer's, whose agent this is too


@dataclass(frozen=True)
class Promise:
    """An outbox entry in the hands of its handler.

    `uncertain_since` is when the first try without an answer ended, or began if nobody saw its end;
    None when no try can have left.
    """

    topic: str
    subject: str
    attempt: int
    promised_at: datetime
    uncertain_since: datetime | None = None
