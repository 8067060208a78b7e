"""What became of an outgoing message, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from django.utils import timezone
from django.utils.translation import gettext as _

from conversations.capabilities import CAPABILITIES
from conversations.contracts import Channel, SendState
from conversations.failures import Remedy, reason_of, remedies_of
from conversations.models import Message, Send
from conversations.moments import Moment

STILL_SENDING_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class Action:
    """What an agent may do about it; `channel` is where to, of sending it over another one."""

    remedy: Remedy
    words: str
    channel: str = ""


@dataclass(frozen=True)
class Status:
    """What became of an outgoing message: a word with its icon, and why if it failed."""

    state: SendState
    words: str
    icon: str
    moment: Moment
    reason: str = ""
    details: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()


def status_of(message: Message, zone: tzinfo, *, over: Sequence[Channel] = ()) -> Status:
    """Return what became of a message; `over` are other channels that would take it now.

    Reads `sends` as prefetched.
    """
    send = message.shown_send
    state = SendState(message.status)
    channel = Channel(send.channel if send else message.channel)
    if state is SendState.READ:
        state = CAPABILITIES[channel].last_state
    at = (send and (send.read_at or send.delivered_at or send.sent_at)) or message.occurred_at
    moment = Moment(at.astimezone(zone))
    words, icon = _words(state, send.created_at if send else message.created_at, moment)
    status = Status(state, words, icon, moment, notes=_notes(message, send, zone))
    if send is None or state not in {SendState.FAILED, SendState.UNCONFIRMED}:
        return status
    why = reason_of(send.failure) if state is SendState.FAILED else ""
    actions = tuple(_actions(send, state, over))
    return replace(status, reason=why, details=_details(send, zone), actions=actions)


def _words(state: SendState, began: datetime, moment: Moment) -> tuple[str, str]:
    if state in {SendState.QUEUED, SendState.SENDING}:
        late = timezone.now() - began > STILL_SENDING_AFTER
        return (_("Still sending…") if late else _("Sending…")), "clock"
    return {
        SendState.UNCONFIRMED: (_("Not confirmed"), "warn"),
        SendState.SENT: (_("Sent"), "one"),
        SendState.FAILED: (_("Not delivered"), "warn"),
        SendState.DELIVERED: (_("Delivered"), "two"),
        SendState.READ: (_("Read %s") % moment.clock, "two"),
    }[state]


def _notes(message: Message, send: Send | None, zone: tzinfo) -> tuple[str, ...]:
    """Which attempt it was, and whether it went another way than it was written for."""
    if send is None:
        return ()
    notes = []
    if send.number > 1:
        tried = Moment(send.created_at.astimezone(zone)).dated
        notes.append(_("attempt %(number)d, %(time)s") % {"number": send.number, "time": tried})
    if send.by_fallback or send.channel != message.channel:
        went = Channel.SMS if send.by_fallback else Channel(send.channel)
        notes.append(_("sent as %s") % went.label)
    return tuple(notes)


def _actions(send: Send, state: SendState, over: Sequence[Channel]) -> Iterator[Action]:
    """What may have arrived can be sent again too: the agent decides."""
    remedies: tuple[Remedy, ...] = (Remedy.RESEND, Remedy.OTHER_CHANNEL)
    if state is SendState.FAILED:
        remedies = remedies_of(send.failure, permanent=send.error_permanent)
    if Remedy.RESEND in remedies:
        yield Action(Remedy.RESEND, _("Resend"))
    if Remedy.OTHER_CHANNEL in remedies:
        for channel in over:
            words = _("Send over %s") % channel.label
            yield Action(Remedy.OTHER_CHANNEL, words, channel.value)
    if Remedy.TEMPLATE in remedies:
        yield Action(Remedy.TEMPLATE, _("Use a template"))


def _details(send: Send, zone: tzinfo) -> tuple[tuple[str, str], ...]:
    tried = Moment((send.sent_at or send.created_at).astimezone(zone))
    found = (
        (_("Code"), send.error_code),
        (_("Provider's words"), send.error_text),
        (_("Tried"), tried.full),
        (_("Message ID"), str(send.pk)),
    )
    return tuple((name, value) for name, value in found if value)
