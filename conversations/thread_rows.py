"""One row of a thread: a day, an event or a message, in words and in the reader's time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.capabilities import CAPABILITIES
from conversations.contracts import Channel, MessageKind, SendState
from conversations.failures import reason_of
from conversations.models import AuditEvent, Customer, Message, Send
from conversations.phone_numbers import display

EPOCH = datetime.fromtimestamp(0, tz=timezone.get_fixed_timezone(0))
PK_DIGITS = 12
STILL_SENDING_AFTER = timedelta(seconds=60)

KINDS = {
    MessageKind.IMAGE: gettext_lazy("Image"),
    MessageKind.DOCUMENT: gettext_lazy("Document"),
    MessageKind.AUDIO: gettext_lazy("Audio"),
    MessageKind.VIDEO: gettext_lazy("Video"),
    MessageKind.STICKER: gettext_lazy("Sticker"),
    MessageKind.LOCATION: gettext_lazy("Location"),
    MessageKind.CONTACT: gettext_lazy("Contact"),
    MessageKind.VOICE: gettext_lazy("Voice message"),
    MessageKind.BUTTON: gettext_lazy("Button answer"),
    MessageKind.LIST: gettext_lazy("List answer"),
    MessageKind.FLOW: gettext_lazy("Form answer"),
    MessageKind.PAYMENT: gettext_lazy("Payment"),
    MessageKind.ORDER: gettext_lazy("Order"),
    MessageKind.INFECTED: gettext_lazy("Infected file, kept by the provider"),
    MessageKind.TEMPLATE: gettext_lazy("Template"),
    MessageKind.REPLY_BUTTONS: gettext_lazy("Buttons"),
    MessageKind.REPLY_LIST: gettext_lazy("List"),
}
EVENTS = {
    "conversation.opened": gettext_lazy("Conversation opened"),
    "conversation.activated": gettext_lazy("Conversation activated"),
    "conversation.channels-changed": gettext_lazy("Channels changed"),
    "conversation.paused": gettext_lazy("Conversation paused"),
    "conversation.resumed": gettext_lazy("Conversation resumed"),
    "conversation.resolved": gettext_lazy("Request resolved"),
    "conversation.reopened": gettext_lazy("Request reopened"),
    "conversation.deleted": gettext_lazy("Request deleted"),
    "conversation.opted out": gettext_lazy("Customer opted out"),
    "message.moved": gettext_lazy("Later messages moved to another request"),
}
EVENTS_BY = {
    "conversation.activated": gettext_lazy("Conversation activated by %s"),
    "conversation.channels-changed": gettext_lazy("Channels changed by %s"),
    "conversation.paused": gettext_lazy("Conversation paused by %s"),
    "conversation.resumed": gettext_lazy("Conversation resumed by %s"),
}


@dataclass(frozen=True)
class Moment:
    """A point of time as the reader sees it; the page makes it relative while it is young."""

    at: datetime

    @property
    def clock(self) -> str:
        return format_date(self.at, "H:i")

    @property
    def dated(self) -> str:
        """The time alone today, with its day before."""
        today = timezone.now().astimezone(self.at.tzinfo).date() == self.at.date()
        return self.clock if today else format_date(self.at, "j M, H:i")

    @property
    def full(self) -> str:
        return format_date(self.at, "j M Y, H:i T")

    @property
    def iso(self) -> str:
        return self.at.isoformat(timespec="seconds")

    @property
    def relative(self) -> str:
        minutes = int((timezone.now() - self.at).total_seconds() // 60)
        if minutes < 1:
            return _("just now")
        return _("%d min") % minutes if minutes < 60 else self.clock  # noqa: PLR2004 - an hour


@dataclass(frozen=True)
class DayRow:
    kind = "day"
    order: str
    day: date

    @property
    def label(self) -> str:
        return format_date(self.day, "l, j F Y")


@dataclass(frozen=True)
class EventRow:
    kind = "event"
    order: str
    pk: int
    version: int
    moment: Moment
    text: str


@dataclass(frozen=True)
class Status:
    """What became of an outgoing message: a word with its icon, and why if it failed."""

    state: SendState
    words: str
    icon: str
    moment: Moment
    reason: str = ""
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class MessageRow:
    kind = "msg"
    order: str
    pk: int
    version: int
    direction: str
    channel: str
    channel_label: str
    author_id: str
    author: str
    moment: Moment
    label: str
    text: str
    client_id: str
    status: Status | None
    joined: bool = False

    @property
    def state(self) -> str:
        return self.status.state if self.status else "received"

    @property
    def inbound(self) -> bool:
        return self.status is None

    @property
    def spoken(self) -> str:
        """What is read out of it: kind and beginning."""
        return Truncator(" ".join(part for part in (self.label, self.text) if part)).chars(160)

    @property
    def initials(self) -> str:
        return initials(self.author)


Row = DayRow | EventRow | MessageRow


def message_row(
    message: Message, *, customer: Customer, names: Mapping[str, str], zone: tzinfo
) -> MessageRow:
    if message.inbound:
        author = customer.name or display(message.address.value)
    else:
        author = names.get(message.author) or (_("Agent") if message.author else _("Auto-reply"))
    return MessageRow(
        order=order_of(message.occurred_at, message.pk),
        pk=message.pk,
        version=message.version,
        direction=message.direction,
        channel=message.channel,
        channel_label=message.get_channel_display(),
        author_id=message.author,
        author=author,
        moment=Moment(message.occurred_at.astimezone(zone)),
        label=_label(message),
        text=message.text,
        client_id=str(message.client_id or ""),
        status=None if message.inbound else _status(message, zone),
    )


def event_row(event: AuditEvent, *, names: Mapping[str, str], zone: tzinfo) -> EventRow:
    text = str(EVENTS[event.action])
    if event.action in EVENTS_BY and event.actor in names:
        text = EVENTS_BY[event.action] % names[event.actor]
    return EventRow(
        order=order_of(event.occurred_at, event.pk, rank=2),
        pk=event.pk,
        version=int(event.detail.get("version", 0)),
        moment=Moment(event.occurred_at.astimezone(zone)),
        text=text,
    )


def day_row(moment: Moment) -> DayRow:
    midnight = moment.at.replace(hour=0, minute=0, second=0, microsecond=0)
    return DayRow(order_of(midnight, 0, rank=0), midnight.date())


def order_of(at: datetime, pk: int, *, rank: int = 1) -> str:
    """Return what rows are sorted by, here and in the page: time, kind, id in fixed columns."""
    microseconds = max(at - EPOCH, timedelta()) // timedelta(microseconds=1)
    return f"{microseconds:017d}{rank}{pk:0{PK_DIGITS}d}"


def place_of(order: str) -> tuple[datetime, int]:
    """Return time and id that `order_of` was made from."""
    microseconds = int(order[: -PK_DIGITS - 1])
    return EPOCH + timedelta(microseconds=microseconds), int(order[-PK_DIGITS:])


def initials(name: str) -> str:
    """Return up to two letters; nothing for a number."""
    letters = [word[0] for word in name.split() if word[0].isalpha()]
    return "".join([letters[0], letters[-1]] if len(letters) > 1 else letters).upper()


def _label(message: Message) -> str:
    if message.kind == MessageKind.TEXT:
        return ""
    if message.kind == MessageKind.UNSUPPORTED:
        said = str(message.content.get("type") or "?")[:40]
        return _("Unsupported message (%s)") % said
    return str(KINDS[MessageKind(message.kind)])


def _status(message: Message, zone: tzinfo) -> Status:
    send = message.shown_send
    state = SendState(message.status)
    if state is SendState.READ:
        state = CAPABILITIES[Channel(message.channel)].last_state
    at = (send and (send.read_at or send.delivered_at or send.sent_at)) or message.occurred_at
    moment = Moment(at.astimezone(zone))
    words, icon = _words(state, message, moment)
    if send is None or state not in {SendState.FAILED, SendState.UNCONFIRMED}:
        return Status(state, words, icon, moment)
    why = reason_of(send.error_code) if state is SendState.FAILED else ""
    return Status(state, words, icon, moment, why, _details(send, zone))


def _words(state: SendState, message: Message, moment: Moment) -> tuple[str, str]:
    if state in {SendState.QUEUED, SendState.SENDING}:
        late = timezone.now() - message.created_at > STILL_SENDING_AFTER
        return (_("Still sending…") if late else _("Sending…")), "clock"
    return {
        SendState.UNCONFIRMED: (_("Not confirmed"), "warn"),
        SendState.SENT: (_("Sent"), "one"),
        SendState.FAILED: (_("Not delivered"), "warn"),
        SendState.DELIVERED: (_("Delivered"), "two"),
        SendState.READ: (_("Read %s") % moment.clock, "two"),
    }[state]


def _details(send: Send, zone: tzinfo) -> tuple[tuple[str, str], ...]:
    tried = Moment((send.sent_at or send.created_at).astimezone(zone))
    found = (
        (_("Code"), send.error_code),
        (_("Provider's words"), send.error_text),
        (_("Tried"), tried.full),
        (_("Message ID"), str(send.pk)),
    )
    return tuple((name, value) for name, value in found if value)
