"""The console's page of reports, and the download behind each of its sections."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_safe

from conversations.admin import reports_messages, reports_talks, trail
from conversations.admin.csv_files import csv_response
from conversations.admin.figures import duration, number, percent
from conversations.admin.reports_form import FILTERS, ReportForm
from conversations.admin.reports_sections import Column, Section, part, whole, words
from conversations.admin.site import DAY_TO_DAY, console
from conversations.contracts import SendState
from conversations.reports.asking import Asking, TooSlow, ask
from conversations.reports.report import Report

PERMISSION = "conversations.view_report"
MANY_TIMES = 10


@dataclass(frozen=True)
class Figure:
    """One figure of the page's top, beside what it was in the period before."""

    name: str
    value: float | None
    earlier: float | None
    write: Callable[[float | None], str] = number

    @property
    def now(self) -> str:
        return self.write(self.value)

    @property
    def before(self) -> str:
        return self.write(self.earlier)

    @property
    def change(self) -> float | None:
        """By which part of the earlier one it is more; None where that is no sensible question."""
        if self.value is None or not self.earlier:
            return None
        return round(self.value / self.earlier - 1, 3)

    @property
    def more(self) -> bool:
        return (self.change or 0) > 0

    @property
    def changed_by(self) -> str:
        """The change in words, without its direction; none where it says less than the figure."""
        share = abs(round(self.change or 0, 2))
        return percent(share) if 0 < share < MANY_TIMES else ""


def summary(report: Report) -> Section:
    """Return the figures of the page's top, for their download."""
    rows = [(each.name, each.value, each.earlier, each.change) for each in figures(report)]
    columns = [
        words(_("Figure")),
        Column(_("In this period")),
        Column(_("In the period before")),
        Column(pgettext("figure", "Change"), percent),
    ]
    return Section("summary", _("Summary"), [], columns, rows)


SECTIONS: Mapping[str, Callable[[Report], Section]] = {
    "summary": summary,
    "conversations": reports_talks.conversations,
    "response": reports_talks.response,
    "messages": reports_messages.messages,
    "channels": reports_talks.channels,
    "agents": reports_talks.agents,
    "projects": reports_talks.projects,
    "hours": reports_messages.hours,
    "weekdays": reports_messages.weekdays,
    "delivery": reports_messages.delivery,
    "failures": reports_messages.failures,
    "senders": reports_messages.senders,
}


@console.page(
    "reports/", gettext_lazy("Reports"), permission=PERMISSION, group=DAY_TO_DAY, place=30
)
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    form = ReportForm(request.GET.dict())
    context = {**console.each_context(request), "title": _("Reports"), "form": form}
    if form.is_valid():
        context |= {"scope": form.scope, **_figures_of(form)}
    return TemplateResponse(request, "admin/reports.html", context)


@console.page("reports/<slug:section>.csv", gettext_lazy("Reports"), permission=PERMISSION)
@require_safe
def reports_csv(request: HttpRequest, section: str) -> HttpResponseBase:
    if section not in SECTIONS:
        raise Http404
    form = ReportForm(request.GET.dict())
    if not form.is_valid():
        return HttpResponseRedirect(f"{reverse('admin:reports')}?{request.GET.urlencode()}")
    try:
        table = ask(lambda asking: SECTIONS[section](Report(asking, form.scope)))
    except TooSlow:
        return HttpResponseRedirect(f"{reverse('admin:reports')}?{request.GET.urlencode()}")
    period = form.scope.period
    chosen = {name: form.cleaned_data[name] for name in FILTERS if form.cleaned_data[name]}
    trail.record(
        request,
        "report.exported",
        section=section,
        first=period.first.isoformat(),
        last=period.last.isoformat(),
        **chosen,
    )
    return csv_response(f"report-{section}", table.heads, table.rows)


def figures(report: Report) -> list[Figure]:
    now, before = report, report.before
    return [
        Figure(_("Conversations opened"), now.opened.total.count, before.opened.total.count),
        Figure(_("Conversations ended"), now.ended.total.count, before.ended.total.count),
        Figure(_("Messages in"), now.traffic.total.received, before.traffic.total.received),
        Figure(_("Messages out"), now.traffic.total.sent, before.traffic.total.sent),
        Figure(
            _("First response, median"),
            whole(now.opened.total.median),
            whole(before.opened.total.median),
            duration,
        ),
        Figure(
            _("Resolution, median"),
            whole(now.ended.total.median),
            whole(before.ended.total.median),
            duration,
        ),
        Figure(_("Not delivered"), _failed(now), _failed(before), percent),
    ]


def _figures_of(form: ReportForm) -> dict[str, object]:
    def figured(asking: Asking) -> dict[str, object]:
        report = Report(asking, form.scope)
        if report.empty:
            return {"empty": True}
        return {
            "figures": figures(report),
            "waiting": report.opened.total,
            "sections": [SECTIONS[key](report) for key in SECTIONS if key != "summary"],
        }

    try:
        return ask(figured)
    except TooSlow:
        return {"too_slow": True}


def _failed(report: Report) -> float | None:
    failed = sum(each.count for each in report.attempts if each.state == SendState.FAILED)
    return part(failed, sum(each.count for each in report.attempts))
