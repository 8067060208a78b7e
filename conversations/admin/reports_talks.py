"""The sections of a report that count conversations."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from conversations.admin import charts
from conversations.admin.figures import DURATION
from conversations.admin.reports_sections import (
    Cell,
    Column,
    Section,
    bucket,
    course,
    seconds,
    whole,
    words,
)
from conversations.contracts import Channel
from conversations.reports.report import Report
from conversations.reports.talks import Ended, Opened
from conversations.reports.traffic import Both, Written


def conversations(report: Report) -> Section:
    opened, ended = report.opened.by_bucket, report.ended.by_bucket
    days = report.scope.period.buckets
    rows = [
        (
            day,
            opened.get(day, Opened()).count,
            *_ends(ended.get(day, Ended())),
            report.reopened.get(day, 0),
        )
        for day in days
    ]
    shown = course(
        report,
        "conversations",
        _("Conversations opened and ended"),
        (_("Opened"), [opened.get(day, Opened()).count for day in days]),
        (_("Ended"), [ended.get(day, Ended()).count for day in days]),
    )
    return Section(
        "conversations",
        _("Conversations"),
        [
            _("A conversation ends when its request is resolved or deleted, or the number is."),
            _(
                "One that was reopened and has not ended again counts as reopened, not as ended."
                " Reopened is counted as often as it happened."
            ),
        ],
        [
            bucket(report),
            Column(_("Opened")),
            Column(_("Resolved")),
            Column(_("Opted out")),
            Column(_("Deleted")),
            Column(_("Reopened")),
        ],
        rows,
        [charts.bars(shown)],
    )


def response(report: Report) -> Section:
    opened, ended = report.opened.by_bucket, report.ended.by_bucket
    days = report.scope.period.buckets
    waits = [opened.get(day, Opened()) for day in days]
    rows = [
        (day, *_answers(opened.get(day, Opened())), *_times(ended.get(day, Ended())))
        for day in days
    ]
    shown = course(
        report,
        "response",
        _("First response time"),
        (_("Median"), [whole(each.median) for each in waits]),
        (_("90 % are faster"), [whole(each.ninetieth) for each in waits]),
        measure=DURATION,
    )
    return Section(
        "response",
        _("First response and resolution"),
        [
            _(
                "The first response time runs from the customer's first message in a conversation"
                " to the first message that a person wrote after it, delivered or not. Automatic"
                " replies do not count, nor do conversations in which only we wrote. All hours"
                " count, nights too."
            ),
            _(
                "The resolution time runs from the opening of a conversation to the last time its"
                " request was resolved."
            ),
        ],
        [bucket(report), *_answer_columns(), *_time_columns()],
        rows,
        [charts.lines(shown)],
    )


def channels(report: Report) -> Section:
    rows = []
    for channel in Channel:
        said = report.traffic.by_channel.get(channel, Both())
        opened = report.opened.by_channel.get(channel, Opened())
        ended = report.ended.by_channel.get(channel, Ended())
        counts = (said.received, said.sent, opened.count)
        if any((*counts, ended.count)):
            rows.append((channel.label, *counts, *_answers(opened), *_times(ended)))
    columns = [words(_("Channel")), Column(_("Messages in")), Column(_("Messages out"))]
    return Section(
        "channels",
        _("Channels"),
        [_("Conversations count on the channel of their first message.")],
        [*columns, Column(_("Opened")), *_answer_columns(), *_time_columns()],
        rows,
    )


def agents(report: Report) -> Section:
    accounts = {*report.writers, *report.opened.by_agent}
    rows: list[Sequence[Cell]] = []
    for account in accounts:
        written = report.writers.get(account, Written())
        first = report.opened.by_agent.get(account, Opened())
        rows.append(
            (
                report.agents.get(account, account),
                written.messages,
                written.conversations,
                first.answered,
                whole(first.median),
            )
        )
    return Section(
        "agents",
        _("Agents"),
        [_("The median is of the conversations that this agent was the first to answer.")],
        [
            words(_("Agent")),
            Column(_("Messages sent")),
            Column(_("Conversations answered")),
            Column(_("First answers")),
            seconds(_("First response, median")),
        ],
        sorted(rows, key=lambda row: (-_int(row[1]), -_int(row[3]), str(row[0]))),
    )


def projects(report: Report) -> Section:
    opened, ended = report.opened.by_project, report.ended.by_project
    rows = [
        (
            key or _("No request yet"),
            opened.get(key, Opened()).count,
            *_answers(opened.get(key, Opened())),
            *_times(ended.get(key, Ended())),
        )
        for key in _by_size(opened, ended)
    ]
    return Section(
        "projects",
        _("Projects"),
        [],
        [words(_("Project")), Column(_("Opened")), *_answer_columns(), *_time_columns()],
        rows,
    )


def _by_size(opened: Mapping[str, Opened], ended: Mapping[str, Ended]) -> list[str]:
    return sorted({*opened, *ended}, key=lambda key: (-opened.get(key, Opened()).count, key))


def _int(cell: Cell) -> int:
    return cell if isinstance(cell, int) else 0


def _ends(ended: Ended) -> tuple[int, int, int]:
    return ended.resolved, ended.opted_out, ended.deleted


def _answer_columns() -> list[Column]:
    return [
        Column(_("Answered")),
        Column(_("Unanswered")),
        seconds(_("First response, median")),
        seconds(_("First response, 90 % are faster")),
    ]


def _answers(opened: Opened) -> tuple[int, int, int | None, int | None]:
    return opened.answered, opened.unanswered, whole(opened.median), whole(opened.ninetieth)


def _time_columns() -> list[Column]:
    return [
        Column(_("Resolved")),
        seconds(_("Resolution, median")),
        seconds(_("Resolution, 90 % are faster")),
    ]


def _times(ended: Ended) -> tuple[int, int | None, int | None]:
    return ended.resolved, whole(ended.median), whole(ended.ninetieth)
