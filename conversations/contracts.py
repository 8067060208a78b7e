"""What the domain hears and says: frozen values and enums, known to everyone."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models


class Channel(models.TextChoices):
    SMS = "sms", "SMS"
    WHATSAPP = "whatsapp", "WhatsApp"


class AutoReplyOccasion(models.TextChoices):
    """Why a message was sent by itself."""

    GREETING = "greeting", "Greeting"  # the customer has begun a conversation
    CLOSED = "closed", "Outside business hours"


class MessageKind(models.TextChoices):
    """What a message carries; what we do not know is UNSUPPORTED, with its raw content kept."""

    TEXT = "text"
    IMAGE = "image"
    DOCUMENT = "document"
    AUDIO = "audio"
    VOICE = "voice"
    VIDEO = "video"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"
    BUTTON = "button"  # the customer's choice of a button of ours
    LIST = "list"  # the customer's choice of a row of our list
    FLOW = "flow"
    PAYMENT = "payment"
    ORDER = "order"
    INFECTED = "infected"  # the provider found malware and kept the file
    UNSUPPORTED = "unsupported"
    # Only ours:
    TEMPLATE = "template"
    REPLY_BUTTONS = "reply-buttons"
    REPLY_LIST = "reply-list"


FILE_KINDS = frozenset(
    {
        MessageKind.IMAGE,
        MessageKind.DOCUMENT,
        MessageKind.AUDIO,
        MessageKind.VOICE,
        MessageKind.VIDEO,
        MessageKind.STICKER,
    }
)


class SendState(models.TextChoices):
    """What became of one attempt to send; see `LADDER` for the order."""

    QUEUED = "queued"
    SENDING = "sending"
    UNCONFIRMED = "unconfirmed"
    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"
    READ = "read"


class FailureKind(models.TextChoices):
    """Why a message was not delivered, whichever provider said so; see `failures` for the words."""

    # Ours, before it left:
    CONVERSATION_ENDED = "conversation-ended"
    OPTED_OUT = "opted-out"
    UNLICENSED = "unlicensed"
    SENDER_OFF = "sender-off"
    NO_ACCOUNT = "no-account"
    GAVE_UP = "gave-up"
    # The provider's:
    KEY_REFUSED = "key-refused"
    KEY_LIMITED = "key-limited"
    ACCOUNT_BLOCKED = "account-blocked"
    NO_CREDIT = "no-credit"
    SENDER_UNKNOWN = "sender-unknown"
    SENDER_REFUSED = "sender-refused"
    NOT_ACCEPTED = "not-accepted"
    TOO_LONG = "too-long"
    BAD_NUMBER = "bad-number"
    NOT_IN_USE = "not-in-use"
    NOT_FOR_TESTS = "not-for-tests"
    NO_ROUTE = "no-route"
    UNREACHABLE = "unreachable"
    PHONE_FULL = "phone-full"
    CANNOT_RECEIVE = "cannot-receive"
    EXPIRED = "expired"
    FLOODED = "flooded"
    TOO_FAST = "too-fast"
    TAKEN_FOR_SPAM = "taken-for-spam"
    BLOCKED = "blocked"
    NO_MARKETING = "no-marketing"
    CAPPED = "capped"
    NOT_ON_WHATSAPP = "not-on-whatsapp"
    WINDOW_CLOSED = "window-closed"
    BAD_TEMPLATE = "bad-template"
    TEMPLATE_NOT_READY = "template-not-ready"
    QUALITY_LIMIT = "quality-limit"
    FILE_NOT_FETCHED = "file-not-fetched"
    FILE_REFUSED = "file-refused"
    IDENTITY_CHANGED = "identity-changed"
    NOT_NOW = "not-now"
    NETWORK = "network"
    PROVIDER_TROUBLE = "provider-trouble"
    UNKNOWN = "unknown"


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
class InboundFile:
    """A file that came with a message and lies at the provider; name and type as it says them."""

    url: str
    name: str = ""
    content_type: str = ""


@dataclass(frozen=True)
class InboundMessage:
    """A customer wrote. `address` is what wrote, exactly; `user_id` a business-scoped id.

    `content` holds, by kind, in our own words:
    location: latitude, longitude, name, address, url; contact: contacts, each with name, phones,
    emails, organisation; button, list: id, description; flow: answers; payment: fields; order:
    items, each with id, quantity, price, currency; infected: malware; unsupported: type, raw. Any
    kind may have referral: headline, body, url. `text` is what the customer said: a caption, the
    title of what was chosen; never what `content` says. `quoted_id` is the provider's id of the
    message it answers.
    """

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
    files: tuple[InboundFile, ...] = ()
    quoted_id: str = ""


@dataclass(frozen=True)
class InboundReaction:
    """A customer put an emoji to a message, or took it back (`emoji` is empty)."""

    channel: Channel
    target_id: str
    address: str
    sender_number: str
    occurred_at: datetime
    emoji: str
    user_id: str = ""


@dataclass(frozen=True)
class ConsentChange:
    """A provider says that a customer opted out of a sender's messages, or in again."""

    channel: Channel
    address: str
    sender_number: str
    occurred_at: datetime
    opted_in: bool
    marketing_only: bool = False


@dataclass(frozen=True)
class IdentityChange:
    """The account behind a WhatsApp number may be another person's now."""

    address: str
    sender_number: str
    occurred_at: datetime
    identity: str
    user_id: str = ""


@dataclass(frozen=True)
class TemplateUpdate:
    """A provider says that something about a template has changed, and why it was rejected."""

    name: str
    language: str
    occurred_at: datetime
    rejected_for: str = ""


@dataclass(frozen=True)
class DeliveryReport:
    """A provider says what became of a send. `reference` is the message id it knows."""

    reference: str
    state: SendState
    occurred_at: datetime
    error_code: str = ""
    error_text: str = ""
    permanent: bool = False
    failure: FailureKind = FailureKind.UNKNOWN
    channel: Channel | None = None  # where it says so; an SMS may go in a WhatsApp message's place


@dataclass(frozen=True)
class OutgoingFile:
    """A stored file that goes with a message; `size` is in bytes."""

    attachment_id: int
    name: str
    content_type: str
    size: int


@dataclass(frozen=True)
class OutgoingMessage:
    """What a provider is asked to send; the id is the same on every try.

    `content` holds, by kind: location: latitude, longitude, name, address; contact: contacts;
    reply-buttons: buttons (id, title), footer; reply-list: button, sections (title, rows of id,
    title, description), footer; template: name, language, body (values), header (None, or type and
    value; of a location latitude and longitude; a file is the message's own), buttons (type, value)
    with a value each, sms_fallback (sender, text) if any, and shown: what the customer reads around
    the text. `quoted_id` is the provider's id of the message it answers.
    """

    message_id: str
    channel: Channel
    sender_number: str
    address: str
    text: str
    kind: MessageKind = MessageKind.TEXT
    content: dict[str, Any] = field(default_factory=dict)
    file: OutgoingFile | None = None
    quoted_id: str = ""
    sender_id: int = 0
    address_id: int = 0


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
    other_issue_title: str = ""
    may_administer: bool = False  # Jira's admins are led to the console


@dataclass(frozen=True)
class Promise:
    """An outbox entry in the hands of its handler.

    `uncertain_since` is when the first try without an answer ended, or began if nobody saw its end;
    None when no try can have left. `has_turn` says that it waited for its turn, which has come.
    """

    topic: str
    subject: str
    attempt: int
    promised_at: datetime
    uncertain_since: datetime | None = None
    has_turn: bool = False
