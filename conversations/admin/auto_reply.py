"""The console's page "Auto-reply": what customers are told by themselves, and business hours."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from conversations.admin import trail
from conversations.admin.auto_reply_forms import (
    AutoReplySettingsForm,
    AutoReplyTextForm,
    ClosedFormSet,
    GreetingFormSet,
    HolidayForm,
    HolidayFormSet,
    HoursFormSet,
    OpeningHoursForm,
    weekdays,
)
from conversations.admin.pages import SingletonAdmin
from conversations.admin.site import console
from conversations.admin.twins import TwinsAdmin
from conversations.contracts import Channel
from conversations.models import AutoReplySettings, AutoReplyText, Holiday, OpeningHours, Sender
from conversations.services.auto_replies import VARIABLES
from conversations.spoken_languages import name_of


class TextInline(admin.StackedInline[AutoReplyText, AutoReplySettings]):
    model = AutoReplyText
    form = AutoReplyTextForm
    extra = 0
    verbose_name = gettext_lazy("text")

    def get_fields(self, request: HttpRequest, obj: AutoReplySettings | None = None) -> list[Any]:
        """Whoever may only look reads in the heading what a text is for."""
        what_for = [("channel", "language")] if _may_change(request) else []
        return [*what_for, "text"]


class GreetingInline(TextInline):
    formset = GreetingFormSet

    def get_extra(
        self, request: HttpRequest, obj: AutoReplySettings | None = None, **kwargs: Any
    ) -> int:
        """To begin with there is a row for each channel."""
        return len(_channels()) if obj is None else 0

    verbose_name_plural = gettext_lazy("texts")


class ClosedInline(TextInline):
    formset = ClosedFormSet
    verbose_name_plural = gettext_lazy("texts outside business hours")


class HoursInline(admin.TabularInline[OpeningHours, AutoReplySettings]):
    model = OpeningHours
    form = OpeningHoursForm
    formset = HoursFormSet
    extra = 0
    verbose_name = gettext_lazy("opening time")
    verbose_name_plural = gettext_lazy("business hours")
    readonly_fields: ClassVar = ["day"]

    def get_fields(self, request: HttpRequest, obj: AutoReplySettings | None = None) -> list[Any]:
        return ["weekday" if _may_change(request) else "day", "opens_at", "closes_at"]

    @admin.display(description=gettext_lazy("Day"))
    def day(self, hours: OpeningHours) -> str:
        return dict(weekdays())[hours.weekday]


class HolidayInline(admin.TabularInline[Holiday, AutoReplySettings]):
    model = Holiday
    form = HolidayForm
    formset = HolidayFormSet
    extra = 0
    verbose_name = gettext_lazy("holiday")
    verbose_name_plural = gettext_lazy("holidays")


@admin.register(AutoReplySettings, site=console)
class AutoReplyAdmin(TwinsAdmin[AutoReplySettings], SingletonAdmin[AutoReplySettings]):
    place = 30
    form = AutoReplySettingsForm
    change_form_template = "admin/conversations/autoreplysettings/change_form.html"
    inlines: ClassVar = [GreetingInline, ClosedInline, HoursInline, HolidayInline]
    harmless_fields = AutoReplySettingsForm.Meta.fields
    readonly_fields: ClassVar = ["default_language"]

    class Media:
        js: ClassVar = [forms.Script("console/tabs.js", type="module")]

    def get_fieldsets(self, request: HttpRequest, obj: AutoReplySettings | None = None) -> Any:
        language = "language" if _may_change(request) else "default_language"
        closed = ["closed_enabled", "hours_between", "time_zone"]
        return [
            (None, {"fields": ["enabled", language]}),
            (gettext_lazy("Outside business hours"), {"fields": closed}),
        ]

    @admin.display(description=gettext_lazy("Default language"))
    def default_language(self, settings: AutoReplySettings) -> str:
        return name_of(settings.language)

    def get_formset_kwargs(
        self, request: HttpRequest, obj: AutoReplySettings, inline: Any, prefix: str
    ) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        kwargs["form_kwargs"] = {"label_suffix": ""}
        if isinstance(inline, GreetingInline) and obj.pk is None:
            kwargs["initial"] = [{"channel": channel} for channel in _channels()]
        return kwargs

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        known = ", ".join(f"{{{{{name}}}}}" for name in VARIABLES)
        context = {
            "variables": known,
            **(extra_context or {}),
        }
        return super().changeform_view(request, object_id, form_url, context)

    def save_model(
        self, request: HttpRequest, obj: AutoReplySettings, form: Any, change: Any
    ) -> None:
        obj.changed_at = timezone.now()
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: Any) -> None:
        before = formset.rows()
        super().save_formset(request, form, formset, change)
        after = formset.rows()
        if before != after:
            fields = {formset.prefix: {"before": before, "after": after}}
            trail.record(
                request, "settings.changed", subject=form.instance, change="changed", fields=fields
            )


def _may_change(request: HttpRequest) -> bool:
    return request.user.has_perm("conversations.change_autoreplysettings")


def _channels() -> list[str]:
    """Return the channels that the site has senders for."""
    having = Sender.objects.working().order_by("channel").values_list("channel", flat=True)
    return list(having.distinct()) or [Channel.SMS.value]
