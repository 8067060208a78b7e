"""The forms of the console's page "Auto-reply": texts, hours and holidays, and what is refused."""

from calendar import day_name
from datetime import time
from typing import Any, ClassVar
from zoneinfo import available_timezones

from babel.dates import get_day_names
from django import forms
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin.counted_text import EXAMPLES, CountedText
from conversations.business_hours import MIDNIGHT, Hours, overlapping
from conversations.contracts import AutoReplyOccasion, Channel
from conversations.errors import SendingRefused
from conversations.languages import reading_locale
from conversations.models import AutoReplySettings, AutoReplyText, Holiday, OpeningHours
from conversations.own_texts import filled, unknown_names
from conversations.services.auto_replies import VARIABLES
from conversations.services.texts import sendable_text
from conversations.spoken_languages import all_languages, name_of

EXAMPLE = gettext_lazy("Thank you for contacting us. Your request is {{request.key}}.")
LONGEST_BETWEEN = 30 * 24  # hours
# Zones of a place; others are old names of these, or have no clock that is ever changed.
PLACES = (
    *("Africa", "America", "Antarctica", "Asia", "Atlantic"),
    *("Australia", "Europe", "Indian", "Pacific"),
)


def zones() -> list[tuple[str, str]]:
    places = {zone for zone in available_timezones() if zone.partition("/")[0] in PLACES}
    return [(zone, zone.replace("_", " ")) for zone in ("UTC", *sorted(places))]


def weekdays() -> list[tuple[int, str]]:
    names = get_day_names(context="stand-alone", locale=reading_locale())
    return [(weekday, name) for weekday, name in sorted(names.items())]


class AutoReplySettingsForm(forms.ModelForm[AutoReplySettings]):
    language = forms.ChoiceField(
        label=gettext_lazy("Default language"),
        choices=all_languages,
        initial="en",
        help_text=gettext_lazy(
            "A customer gets the text in a language of their number's country, or else in this one."
        ),
    )
    hours_between = forms.IntegerField(
        label=gettext_lazy("Hours between"),
        min_value=1,
        max_value=LONGEST_BETWEEN,
        initial=24,
        help_text=gettext_lazy(
            "A customer gets it at most once in so many hours, also in a request that is open, but"
            " not while an agent is writing with them."
        ),
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=zones,
        initial="UTC",
        help_text=gettext_lazy("Of the business hours and holidays."),
    )

    class Meta:
        model = AutoReplySettings
        fields = ["enabled", "language", "closed_enabled", "hours_between", "time_zone"]
        labels: ClassVar = {
            "hours_between": gettext_lazy("Hours between"),
            "time_zone": gettext_lazy("Time zone"),
            "enabled": gettext_lazy(
                "Send an automatic reply when a customer starts a conversation"
            ),
            "closed_enabled": gettext_lazy("Send another text outside business hours"),
        }
        help_texts: ClassVar = {
            "enabled": "",
            "closed_enabled": gettext_lazy("It goes in the place of the automatic reply."),
        }


class AutoReplyTextForm(forms.ModelForm[AutoReplyText]):
    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"), choices=Channel.choices, initial=Channel.SMS
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"), choices=all_languages, initial="en"
    )
    text = forms.CharField(
        label=gettext_lazy("Text"),
        widget=CountedText({"rows": 3, "placeholder": EXAMPLE}),
        error_messages={"required": gettext_lazy("Write the text, or delete its row.")},
    )

    class Meta:
        model = AutoReplyText
        fields = ["channel", "language", "text"]
        labels: ClassVar = {"text": gettext_lazy("Text")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What a text is for stays, so that two that change places never meet.
        for name in ("channel", "language"):
            self.fields[name].disabled = self.instance.pk is not None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "text" in cleaned and "channel" in cleaned:
            self._judge(cleaned["text"], Channel(cleaned["channel"]))
        return cleaned

    def _judge(self, text: str, channel: Channel) -> None:
        unknown = unknown_names(text, VARIABLES)
        if unknown:
            words = _("%(unknown)s cannot be filled in. These can: %(known)s.")
            known = ", ".join(f"{{{{{name}}}}}" for name in VARIABLES)
            self.add_error("text", words % {"unknown": ", ".join(unknown), "known": known})
            return
        try:
            sendable_text(filled(text, EXAMPLES), channel)
        except SendingRefused as refused:
            self.add_error("text", str(refused))


class OpeningHoursForm(forms.ModelForm[OpeningHours]):
    weekday = forms.TypedChoiceField(
        label=gettext_lazy("Day"), choices=weekdays, coerce=int, initial=0
    )
    opens_at = forms.TimeField(
        label=gettext_lazy("Opens at"), widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    closes_at = forms.TimeField(
        label=gettext_lazy("Closes at"), widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )

    class Meta:
        model = OpeningHours
        fields = ("weekday", "opens_at", "closes_at")
        labels: ClassVar = {
            "opens_at": gettext_lazy("Opens at"),
            "closes_at": gettext_lazy("Closes at"),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        opens, closes = cleaned.get("opens_at"), cleaned.get("closes_at")
        if isinstance(opens, time) and isinstance(closes, time) and MIDNIGHT != closes <= opens:
            words = _(
                "Enter a time after %(opens)s, or 00:00 for the end of the day. What goes on past"
                " midnight is a row of the next day."
            )
            self.add_error("closes_at", words % {"opens": f"{opens:%H:%M}"})
        return cleaned


class HolidayForm(forms.ModelForm[Holiday]):
    day = forms.DateField(
        label=gettext_lazy("Day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    class Meta:
        model = Holiday
        fields = ["day", "name"]
        labels: ClassVar = {"day": gettext_lazy("Day"), "name": gettext_lazy("Name")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].disabled = self.instance.pk is not None


class PartFormSet(BaseInlineFormSet[Any, AutoReplySettings, Any]):
    """Rows of the settings; judged together once each of them is right by itself."""

    def rows(self) -> list[str]:
        """Return the rows as they are stored, in words for the audit log."""
        raise NotImplementedError

    def kept(self) -> list[Any]:
        """Return the forms of the rows that will be there."""
        return [
            form
            for form in self.forms
            if form not in self.deleted_forms and (form.instance.pk or form.has_changed())
        ]

    def clean(self) -> None:
        super().clean()
        if not any(self.errors):
            self.judge()

    def judge(self) -> None:
        """Refuse rows that do not go together."""


class TextFormSet(PartFormSet):
    occasion: ClassVar[AutoReplyOccasion]

    @classmethod
    def get_default_prefix(cls) -> str:
        return cls.occasion.value

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(occasion=self.occasion)

    def rows(self) -> list[str]:
        texts = self.instance.texts.filter(occasion=self.occasion)
        return [f"{text.get_channel_display()}, {text.language}: {text.text}" for text in texts]

    def judge(self) -> None:
        texts = self._added_meanwhile()
        for form in self.kept():
            form.instance.occasion = self.occasion
            what = (form.cleaned_data["channel"], form.cleaned_data["language"])
            if what in texts:
                words = _("There is already a text for %(channel)s in %(language)s.")
                form.add_error("language", words % _named(*what))
            texts.add(what)
        self._require_default(texts)

    def _added_meanwhile(self) -> set[tuple[str, str]]:
        """Return which texts somebody else has added since this form was shown."""
        if self.instance.pk is None:
            return set()
        known = [form.instance.pk for form in self.forms if form.instance.pk]
        others = self.instance.texts.filter(occasion=self.occasion).exclude(pk__in=known)
        return set(others.values_list("channel", "language"))

    def _require_default(self, texts: set[tuple[str, str]]) -> None:
        on = {
            AutoReplyOccasion.GREETING: self.instance.enabled,
            AutoReplyOccasion.CLOSED: self.instance.closed_enabled,
        }
        if not on[self.occasion]:
            return
        if not texts:
            raise forms.ValidationError(_("Write at least one text, or switch this off."))
        default = self.instance.language
        for channel in sorted({channel for channel, _language in texts}):
            if (channel, default) not in texts:
                words = _(
                    "There is no text for %(channel)s in %(language)s, the default language. Add"
                    " it: customers who speak none of the others would get nothing."
                )
                raise forms.ValidationError(words % _named(channel, default))


class GreetingFormSet(TextFormSet):
    occasion = AutoReplyOccasion.GREETING


class ClosedFormSet(TextFormSet):
    occasion = AutoReplyOccasion.CLOSED


class HoursFormSet(PartFormSet):
    def rows(self) -> list[str]:
        return [f"{day_name[hours.weekday]}, {hours}" for hours in self.instance.hours.all()]

    def judge(self) -> None:
        forms_of: dict[Hours, Any] = {}
        twice = []
        for form in self.kept():
            hours = Hours(*(form.cleaned_data[name] for name in OpeningHoursForm.Meta.fields))
            twice += [(hours, form)] if hours in forms_of else []
            forms_of.setdefault(hours, form)
        for earlier, later in overlapping(forms_of):
            self._refuse(forms_of[later], earlier)
        for hours, form in twice:
            self._refuse(form, hours)
        if self.instance.closed_enabled and not forms_of:
            raise forms.ValidationError(
                _("Enter when you are open: without hours every message would be outside of them.")
            )

    def _refuse(self, form: Any, other: Hours) -> None:
        hours = {"opens": f"{other.opens_at:%H:%M}", "closes": f"{other.closes_at:%H:%M}"}
        form.add_error("opens_at", _("This overlaps %(opens)s to %(closes)s.") % hours)


class HolidayFormSet(PartFormSet):
    def rows(self) -> list[str]:
        found = self.instance.holidays.all()
        return [f"{holiday.day.isoformat()} {holiday.name}".strip() for holiday in found]


def _named(channel: str, language: str) -> dict[str, str]:
    return {"channel": str(Channel(channel).label), "language": name_of(language)}
