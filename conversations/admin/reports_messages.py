"""The sections of a report that count messages and the attempts to send them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import time
from typing import Any

from babel.dates import format_time, get_day_names
from django.utils.translation import gettext as _

from conversations.admin import charts
from conversations.admin.reports_sections import (
    Column,
    Section,
    bucket,
    course,
    part,
    share,
    words,
)
from conversations.contracts import Channel, SendState
from conversations.failures import reason_of
from conversations.languages import reading_locale
from conversations.models import Sender
from conversations.reports.report import Report
from conversations.reports.sends import Attempts
from conversations.reports.traffic import Both

HOURS, WEEKDAYS = range(24), range(1, 8)
ON_THE_WAY = {SendState.QUEUED, SendState.SENDING}
ARRIVED = {SendState.DELIVERED, SendState.READ}


def messages(report: Report) -> Section:
    days = report.scope.period.buckets
    found = [report.traffic.by_bucket.get(day, Both()) for day in days]
    shown = course(
        report,
        "messages",
        _("Messages in and out"),
        (_("In"), [both.received for both in found]),
        (_("Out"), [both.sent for both in found]),
    )
    return Section(
        "messages",
        _("Messages"),
        [_("Automatic replies are among the messages that went out.")],
        [bucket(report), Column(_("In")), Column(_("Out"))],
        [(day, both.received, both.sent) for day, both in zip(days, found, strict=True)],
        [charts.bars(shown, stacked=True)],
    )


def hours(report: Report) -> Section:
    found = [report.traffic.by_hour.get(hour, Both()) for hour in HOURS]
    names = [format_time(time(hour), "short", locale=reading_locale()) for hour in HOURS]
    marks = [charts.Label(str(hour), name) for hour, name in zip(HOURS, names, strict=True)]
    title = _("Messages by hour")
    return _clock("hours", _("Hours of the day"), title, _("Hour from"), marks, found)


def weekdays(report: Report) -> Section:
    found = [report.traffic.by_weekday.get(day, Both()) for day in WEEKDAYS]
    short = get_day_names("abbreviated", context="stand-alone", locale=reading_locale())
    wide = get_day_names("wide", context="stand-alone", locale=reading_locale())
    marks = [charts.Label(short[day - 1], wide[day - 1]) for day in WEEKDAYS]
    title = _("Messages by weekday")
    return _clock("weekdays", _("Days of the week"), title, _("Weekday"), marks, found)


def delivery(report: Report) -> Section:
    return Section(
        "delivery",
        _("Delivery"),
        [
            _("Every attempt to send counts: a message that was sent again counts twice."),
            _("Read receipts exist on WhatsApp alone, and customers may switch them off."),
        ],
        [
            words(_("Channel")),
            Column(_("Attempts")),
            Column(_("Delivered")),
            share(_("Delivered, share")),
            Column(_("Read")),
            share(_("Read, share")),
            Column(_("Sent, no report yet")),
            Column(_("Not delivered")),
            share(_("Not delivered, share")),
            Column(_("Not confirmed")),
            Column(_("On the way")),
        ],
        [row for channel in Channel if (row := _delivery_on(report, channel))],
    )


def _delivery_on(report: Report, channel: Channel) -> tuple[Any, ...] | None:
    states = Counter[str]()
    for each in report.attempts:
        if each.channel == channel:
            states[each.state] += each.count
    total = states.total()
    if not total:
        return None
    arrived, failed = sum(states[state] for state in ARRIVED), states[SendState.FAILED]
    read = states[SendState.READ] if channel is Channel.WHATSAPP else None
    return (
        channel.label,
        total,
        arrived,
        part(arrived, total),
        read,
        None if read is None else part(read, total),
        states[SendState.SENT],
        failed,
        part(failed, total),
        states[SendState.UNCONFIRMED],
        sum(states[state] for state in ON_THE_WAY),
    )


def failures(report: Report) -> Section:
    reasons: Counter[str] = Counter()
    for each in report.attempts:
        if each.state == SendState.FAILED:
            reasons[reason_of(each.failure)] += each.count
    total = reasons.total()
    return Section(
        "failures",
        _("Not delivered, by reason"),
        [],
        [words(_("Not delivered:")), Column(_("Attempts")), share(_("Share"))],
        [
            (reason, count, part(count, total))
            for reason, count in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
        ],
    )


def senders(report: Report) -> Section:
    by_sender: defaultdict[int, list[Attempts]] = defaultdict(list)
    for each in report.attempts:
        by_sender[each.sender_id].append(each)
    rows = [_sent_from(report.senders[key], tried) for key, tried in by_sender.items()]
    return Section(
        "senders",
        _("Senders and SMS parts"),
        [
            _(
                "An SMS is charged by its parts. They are counted since this version of OmniChat:"
                " SMS that were sent before are under “Parts unknown”."
            ),
            _(
                "Templates that WhatsApp did not deliver and that arrived as an SMS are under"
                " “Arrived as SMS”; the provider does not say of how many parts they were."
            ),
        ],
        [
            words(_("Sender")),
            words(_("Channel")),
            Column(_("Attempts")),
            Column(_("SMS parts")),
            Column(_("Parts unknown")),
            Column(_("Arrived as SMS")),
        ],
        sorted(rows, key=lambda row: (row[1], row[0])),
    )


def _sent_from(sender: Sender, tried: Iterable[Attempts]) -> tuple[Any, ...]:
    sms = [each for each in tried if each.channel == Channel.SMS]
    return (
        f"{sender.label} · {sender.number}" if sender.label else sender.number,
        sender.get_channel_display(),
        _sum(tried, lambda each: each.count),
        _sum(sms, lambda each: each.parts),
        _sum(sms, lambda each: each.count - each.measured),
        _sum(tried, lambda each: each.count * each.by_fallback),
    )


def _clock(
    key: str,
    title: str,
    chart: str,
    heading: str,
    marks: list[charts.Label],
    found: list[Both],
) -> Section:
    series = [
        charts.Series(_("In"), [both.received for both in found]),
        charts.Series(_("Out"), [both.sent for both in found]),
    ]
    return Section(
        key,
        title,
        [],
        [words(heading), Column(_("In")), Column(_("Out"))],
        [(mark.words, both.received, both.sent) for mark, both in zip(marks, found, strict=True)],
        [charts.bars(charts.Data(key, chart, heading, marks, series), stacked=True)],
    )


def _sum(tried: Iterable[Attempts], amount: Callable[[Attempts], int]) -> int:
    return sum(map(amount, tried))
