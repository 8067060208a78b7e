"""A past to report on: conversations, messages and sends at chosen moments."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from conversations.contracts import Channel, SendState
from conversations.models import AgentProfile, Conversation
from conversations.reports.asking import Scope, ask
from conversations.reports.period import Period
from conversations.reports.report import Report
from tests.factories import ConversationFactory, MessageFactory, SenderFactory, SendFactory

ZAGREB = ZoneInfo("Europe/Zagreb")
MINUTE = timedelta(minutes=1)


def at(text, zone=ZAGREB):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def report(first, last=None, *, zone=ZAGREB, read=lambda report: report, **chosen):
    """Return what `read` finds in the report of these days."""
    period = Period(date.fromisoformat(first), date.fromisoformat(last or first), zone)
    return ask(lambda asking: read(Report(asking, Scope(period, **chosen))))


def opened(moment, *, channel=Channel.SMS, sender=None, **fields):
    """A customer's first message opens a conversation."""
    fields = {"state": Conversation.State.ACTIVE, **fields}
    talk = ConversationFactory(created_at=moment, channel=channel, **fields)
    said(talk, moment, sender=sender)
    return talk


def ended(moment, *, after=60 * MINUTE, reason="resolved", **fields):
    ends = {"state": "ended", "end_reason": reason, "state_before_end": "active"}
    return opened(moment, state_changed_at=moment + after, **ends, **fields)


def said(talk, moment, *, sender=None):
    return _message(talk, moment, "in", sender)


def answered(talk, moment, *, author="ana", sender=None, **fields):
    return _message(talk, moment, "out", sender, author=author, **fields)


def sent(talk, moment, *, state=SendState.DELIVERED, author="ana", sender=None, **fields):
    message = answered(talk, moment, author=author, sender=sender)
    return SendFactory(message=message, state=state, created_at=moment, **fields)


def named(account, name):
    return AgentProfile.objects.create(account_id=account, name=name)


def _message(talk, moment, direction, sender, **fields):
    sender = sender or SenderFactory(channel=talk.channel)
    moments = {"occurred_at": moment, "created_at": moment}
    return MessageFactory(
        conversation=talk,
        direction=direction,
        channel=talk.channel,
        sender=sender,
        **moments,
        **fields,
    )
