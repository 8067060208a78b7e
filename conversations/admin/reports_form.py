"""Which report is asked for: the period, chosen or typed, and of what."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import CharField, Func, Value
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.contracts import Channel
from conversations.models import AgentProfile, Conversation, Sender
from conversations.reports.asking import Scope
from conversations.reports.period import Period

LONGEST = 3 * 366  # days
EARLIEST = date(2000, 1, 1)
USUAL = "30"
PERIODS: Mapping[str, str | Promise] = {
    "today": gettext_lazy("Today"),
    "7": gettext_lazy("7 days"),
    "30": gettext_lazy("30 days"),
    "90": gettext_lazy("90 days"),
    "month": gettext_lazy("This month"),
    "last-month": gettext_lazy("Last month"),
    "year": gettext_lazy("This year"),
}
FILTERS = ("channel", "project", "agent", "sender")


class ReportForm(forms.Form):
    """Dates that are typed are stronger than a period that is chosen by its name."""

    first = forms.DateField(label=gettext_lazy("From"), required=False, input_formats=["%Y-%m-%d"])
    last = forms.DateField(label=gettext_lazy("To"), required=False, input_formats=["%Y-%m-%d"])
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), required=False)
    project = forms.ChoiceField(label=gettext_lazy("Project"), required=False)
    agent = forms.ChoiceField(label=gettext_lazy("Agent"), required=False)
    sender = forms.ChoiceField(label=gettext_lazy("Sender"), required=False)

    def __init__(self, asked: Mapping[str, str]) -> None:
        self.today = timezone.localdate()
        self.chosen = "" if asked.get("first") or asked.get("last") else asked.get("period", USUAL)
        data = {name: asked.get(name, "") for name in ("first", "last", *FILTERS)}
        if self.chosen in PERIODS:
            data["first"], data["last"] = map(str, _named(self.chosen, self.today))
        super().__init__(data, label_suffix="")
        for name in ("first", "last"):
            self.fields[name].widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        choices = {
            "channel": Channel.choices,
            "project": [(key, key) for key in _projects()],
            "agent": AgentProfile.objects.order_by("name", "pk").values_list("account_id", "name"),
            "sender": [(str(each.pk), _called(each)) for each in Sender.objects.all()],
        }
        for name, offered in choices.items():
            field: Any = self.fields[name]
            field.choices = [("", _("All")), *offered]
            field.error_messages["invalid_choice"] = _("This is not here any more. Choose another.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.chosen or self.chosen in PERIODS:
            self._clean_dates(cleaned)
        else:
            raise ValidationError(_("Choose one of the periods, or two dates."))
        return cleaned

    def _clean_dates(self, cleaned: dict[str, Any]) -> None:
        first, last = cleaned.get("first"), cleaned.get("last")
        if self.errors:
            return
        if first is None or last is None:
            raise ValidationError(_("Enter both dates: the first day and the last."))
        if first < EARLIEST:
            raise ValidationError({"first": _("Enter a day since 2000.")})
        if first > self.today:
            raise ValidationError({"first": _("Enter a day that is not in the future.")})
        if last < first:
            raise ValidationError({"last": _("The last day is before the first. Swap them.")})
        cleaned["last"] = min(last, self.today)
        if (cleaned["last"] - first).days >= LONGEST:
            raise ValidationError(_("Choose a period of three years or less."))

    @property
    def scope(self) -> Scope:
        """What a valid form asks for."""
        cleaned = self.cleaned_data
        zone = ZoneInfo(timezone.get_current_timezone_name())
        return Scope(
            Period(cleaned["first"], cleaned["last"], zone),
            channel=cleaned["channel"],
            project=cleaned["project"],
            agent=cleaned["agent"],
            sender=int(cleaned["sender"] or 0),
        )

    @property
    def periods(self) -> list[tuple[str, str | Promise, bool]]:
        """For each named period its query, its words, and whether it is shown."""
        kept = self._kept()
        return [
            (urlencode({"period": name, **kept}), words, name == self.chosen)
            for name, words in PERIODS.items()
        ]

    @property
    def query(self) -> str:
        """What leads to this very report again."""
        dates = {name: self.data[name] for name in ("first", "last")}
        return urlencode({**dates, **self._kept()})

    def _kept(self) -> dict[str, str]:
        return {name: self.data[name] for name in FILTERS if self.data[name]}


def _named(name: str, today: date) -> tuple[date, date]:
    month = today.replace(day=1)
    match name:
        case "today":
            return today, today
        case "month":
            return month, today
        case "last-month":
            last = month - timedelta(days=1)
            return last.replace(day=1), last
        case "year":
            return today.replace(month=1, day=1), today
        case _days:
            return today - timedelta(days=int(_days) - 1), today


def _projects() -> list[str]:
    key = Func("issue_key", Value("-"), Value(1), function="split_part", output_field=CharField())
    known = Conversation.objects.exclude(issue_key="").order_by()
    return sorted(known.values_list(key, flat=True).distinct())


def _called(sender: Sender) -> str:
    return f"{sender.label} · {sender}" if sender.label else str(sender)
