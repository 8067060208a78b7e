"""The console's page "Auto-reply": what customers are told by themselves, and business hours."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
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
)
from conversations.admin.pages import SingletonAdmin
from conversations.admin.site import console
from conversations.models import AutoReplySettings, AutoReplyText, Holiday, OpeningHours
from conversations.services.auto_replies import VARIABLES


class TextInline(admin.StackedInline[AutoReplyText, AutoReplySettings]):
    model = AutoReplyText
    form = AutoReplyTextForm
    fields: ClassVar = [("channel", "language"), "text"]
    extra = 0
    verbose_name = gettext_lazy("text")


class GreetingInline(TextInline):
    formset = GreetingFormSet
    verbose_name_plural = gettext_lazy("texts")


class ClosedInline(TextInline):
    formset = ClosedFormSet
    verbose_name_plural = gettext_lazy("texts outside business hours")


class HoursInline(admin.TabularInline[OpeningHours, AutoReplySettings]):
    model = OpeningHours
    form = OpeningHoursForm
    formset = HoursFormSet
    extra = 0
    verbose_name = gettext_lazy("hours")
    verbose_name_plural = gettext_lazy("business hours")


class HolidayInline(admin.TabularInline[Holiday, AutoReplySettings]):
    model = Holiday
    form = HolidayForm
    formset = HolidayFormSet
    extra = 0
    verbose_name = gettext_lazy("holiday")
    verbose_name_plural = gettext_lazy("holidays")


@admin.register(AutoReplySettings, site=console)
class AutoReplyAdmin(SingletonAdmin[AutoReplySettings]):
    place = 30
    form = AutoReplySettingsForm
    change_form_template = "admin/conversations/autoreplysettings/change_form.html"
    inlines: ClassVar = [GreetingInline, ClosedInline, HoursInline, HolidayInline]
    harmless_fields = AutoReplySettingsForm.Meta.fields
    fieldsets: ClassVar = [
        (None, {"fields": ["enabled", "language"]}),
        (
            gettext_lazy("Outside business hours"),
            {"fields": ["closed_enabled", "hours_between", "time_zone"]},
        ),
    ]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        known = ", ".join(f"{{{{{name}}}}}" for name in VARIABLES)
        context = {
            "title": _("Auto-reply"),
            "subtitle": None,
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
