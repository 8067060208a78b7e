"""One row of a thread: a day, an event or a message, in words and in the reader's time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from babel.dates import format_date
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.capabilities import CAPABILITIES
from conversations.contracts import Channel
from conversations.initials import initials
from conversations.languages import reading_locale
from conversations.models import AuditEvent, Customer, Message
from conversations.moments import Moment
from conversations.phone_numbers import display
from conversations.thread_parts import File, Parts, label_of, parts_of
from conversations.thread_status import Status, status_of

EPOCH = datetime.fromtimestamp(0, tz=timezone.get_fixed_timezone(0))
PK_DIGITS = 12
LONGEST_QUOTE = 120  # characters

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
    "customer.opted-out": gettext_lazy("Customer opted out of %(channel)s"),
    "customer.opted-in": gettext_lazy("Customer opted in to %(channel)s again"),
    "customer.opted-out-marketing": gettext_lazy("Customer opted out of marketing on %(channel)s"),
    "customer.opted-in-marketing": gettext_lazy("Customer takes marketing on %(channel)s again"),
    "customer.identity-changed": gettext_lazy("The %(channel)s account behind this number changed"),
    "customer.identity-confirmed": gettext_lazy("An admin confirmed the new %(channel)s account"),
    "message.moved": gettext_lazy("Later messages moved to another request"),
    "auto-reply.held": gettext_lazy(
        "Auto-reply not sent: the customer got several within the hour"
    ),
    "auto-reply.refused": gettext_lazy("Auto-reply not sent: %(channel)s does not take its text"),
}
EVENTS_BY = {
    "conversation.activated": gettext_lazy("Conversation activated by %s"),
    "conversation.channels-changed": gettext_lazy("Channels changed by %s"),
    "conversation.paused": gettext_lazy("Conversation paused by %s"),
    "conversation.resumed": gettext_lazy("Conversation resumed by %s"),
}


@dataclass(frozen=True)
class DayRow:
    kind = "day"
    order: str
    day: date

    @property
    def label(self) -> str:
        return format_date(self.day, "full", locale=reading_locale())


@dataclass(frozen=True)
class EventRow:
    kind = "event"
    order: str
    pk: int
    version: int
    moment: Moment
    text: str


@dataclass(frozen=True)
class Quote:
    """The message that one answers; `pk` is None where it cannot be gone to."""

    pk: int | None
    author: str
    words: str
    file: File | None = None


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
    message_kind: str
    label: str
    text: str
    parts: Parts
    client_id: str
    sender_id: int
    address_id: int
    status: Status | None
    quote: Quote | None = None
    reaction: str = ""
    joined: bool = False

    @property
    def state(self) -> str:
        return self.status.state if self.status else "received"

    @property
    def inbound(self) -> bool:
        return self.status is None

    @property
    def quotable(self) -> bool:
        return self.inbound and CAPABILITIES[Channel(self.channel)].quotes

    @property
    def spoken(self) -> str:
        """What is read out of it: kind and beginning."""
        return Truncator(": ".join(part for part in (self.label, self.text) if part)).chars(160)

    @property
    def initials(self) -> str:
        return initials(self.author)


@dataclass(frozen=True)
class Gap:
    """Rows that are not on a screen though others before them are: between two places."""

    after: str
    before: str


@dataclass(frozen=True)
class GapRow:
    kind = "gap"
    order: str
    gap: Gap

    @classmethod
    def between(cls, after: str, before: str) -> "GapRow":
        """Stand after all that is there at the time of the place before."""
        return cls(f"{after[: -PK_DIGITS - 1]}{'9' * (PK_DIGITS + 1)}", Gap(after, before))


Row = DayRow | EventRow | MessageRow | GapRow


def message_row(
    message: Message,
    *,
    customer: Customer,
    names: Mapping[str, str],
    zone: tzinfo,
    over: Sequence[Channel] = (),
    number: Callable[[str], str] = display,
) -> MessageRow:
    """Return a message as a row; `over` are other channels that would take it now.

    `number` says how an address is written where a customer has no name.
    """
    return MessageRow(
        order=order_of(message.occurred_at, message.pk),
        pk=message.pk,
        version=message.version,
        direction=message.direction,
        channel=message.channel,
        channel_label=message.get_channel_display(),
        author_id=message.author,
        author=_author(message, customer, names, number),
        moment=Moment(message.occurred_at.astimezone(zone)),
        message_kind=message.kind,
        label=label_of(message),
        text=message.text,
        parts=parts_of(message),
        client_id=str(message.client_id or ""),
        sender_id=message.sender_id,
        address_id=message.address_id,
        status=None if message.inbound else status_of(message, zone, over=over),
        quote=_quote(message, customer, names, number),
        reaction=message.reaction,
    )


def event_row(event: AuditEvent, *, names: Mapping[str, str], zone: tzinfo) -> EventRow:
    text = str(EVENTS[event.action]) % {"channel": event.get_channel_display()}
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


def _author(
    message: Message,
    customer: Customer,
    names: Mapping[str, str],
    number: Callable[[str], str],
) -> str:
    if message.inbound:
        return customer.name or number(message.address.value)
    return names.get(message.author) or (_("Agent") if message.author else _("Auto-reply"))


def _quote(
    message: Message,
    customer: Customer,
    names: Mapping[str, str],
    number: Callable[[str], str],
) -> Quote | None:
    """Who may see this request may not see the others: of their messages nothing is shown."""
    quoted = message.quoted
    if quoted is None:
        return (
            Quote(None, "", _("A message that is not here")) if message.quoted_provider_id else None
        )
    if quoted.conversation_id != message.conversation_id:
        return Quote(None, "", _("A message of another request"))
    words = Truncator(" ".join(quoted.text.split())).chars(LONGEST_QUOTE)
    files = parts_of(quoted).files
    return Quote(
        pk=quoted.pk,
        author=_author(quoted, customer, names, number),
        words=words or label_of(quoted),
        file=next((each for each in files if each.look in {"image", "sticker"}), None),
    )
