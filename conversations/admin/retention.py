"""The console's page of retention: how long what is kept, and what was removed so far."""

from typing import Any, ClassVar

from babel.numbers import format_decimal
from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from conversations.admin.audit_words import detail_in_words, subject, what
from conversations.admin.pages import SingletonAdmin
from conversations.admin.site import console
from conversations.languages import reading_locale
from conversations.models import AuditEvent, AuditRemoval, RetentionSettings
from conversations.moments import written
from conversations.services import retention

LEAST_AUDIT_DAYS = 90
LEAST_RAW_DAYS = 7  # neighbours repeat what was not acknowledged for some days
LONGEST_DAYS = 36_500
REMOVALS = ("audit.removed", "raw.removed", "conversation.emptied")
MOST_SHOWN = 20


class RetentionForm(forms.ModelForm[RetentionSettings]):
    audit_days = forms.IntegerField(
        label=gettext_lazy("Audit log, days"),
        initial=RetentionSettings._meta.get_field("audit_days").default,
        min_value=LEAST_AUDIT_DAYS,
        max_value=LONGEST_DAYS,
        help_text=gettext_lazy(
            "Older events of the audit log are removed, at least 90 days are kept. What is left can"
            " be checked as before, and that something was removed is recorded."
        ),
    )
    conversation_days = forms.IntegerField(
        label=gettext_lazy("Texts and files, days"),
        required=False,
        min_value=1,
        max_value=LONGEST_DAYS,
        help_text=gettext_lazy(
            "So long after a conversation has ended its texts and files are removed from OmniChat."
            " That there were messages, when and how they arrived stays. What Jira has of it stays"
            " in Jira. Empty: they are kept until a person is erased."
        ),
    )
    raw_days = forms.IntegerField(
        label=gettext_lazy("Raw entries, days"),
        initial=RetentionSettings._meta.get_field("raw_days").default,
        min_value=LEAST_RAW_DAYS,
        max_value=LONGEST_DAYS,
        help_text=gettext_lazy(
            "What came in from Infobip and Jira, as it came, and what had to leave: removed so long"
            " after it was understood, done or dismissed. What waits or failed stays."
        ),
    )

    class Meta:
        model = RetentionSettings
        fields = ("audit_days", "conversation_days", "raw_days")


@admin.register(RetentionSettings, site=console)
class RetentionSettingsAdmin(SingletonAdmin[RetentionSettings]):
    place = 80
    form = RetentionForm
    harmless_fields: ClassVar = RetentionForm.Meta.fields
    change_form_template = "admin/conversations/retentionsettings/change_form.html"

    def save_model(
        self, request: HttpRequest, obj: RetentionSettings, form: Any, change: Any
    ) -> None:
        obj.changed_at = timezone.now()
        super().save_model(request, obj, form, change)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002 - Django's own signature
        change: bool = False,  # noqa: FBT001, FBT002
        form_url: str = "",
        obj: RetentionSettings | None = None,
    ) -> HttpResponse:
        context["due"] = due_in_words(obj or RetentionSettings.objects.current())
        context["removed"] = AuditRemoval.objects.order_by("-pk").first()
        context["removed_so_far"] = removed_so_far()
        return super().render_change_form(request, context, add, change, form_url, obj)


def due_in_words(periods: RetentionSettings) -> list[str]:
    """Return how much would be removed now, as the saved periods have it."""
    due = retention.due(periods)
    events = ngettext("%s event of the audit log", "%s events of the audit log", due.events)
    said = (
        (
            due.conversations,
            ngettext(
                "texts and files of %s conversation",
                "texts and files of %s conversations",
                due.conversations,
            ),
        ),
        (due.inbox, ngettext("%s entry that came in", "%s entries that came in", due.inbox)),
        (due.outbox, ngettext("%s entry that has left", "%s entries that have left", due.outbox)),
    )
    counted = [events % _written(due.events)] if due.events else []
    return counted + [words % _counted(count) for count, words in said if count]


def removed_so_far() -> list[dict[str, str]]:
    """Return the newest removals, as the audit log has them."""
    events = AuditEvent.objects.filter(action__in=REMOVALS).order_by("-occurred_at", "-pk")
    return [
        {
            "at": written(event.occurred_at),
            "what": what(event),
            "on": subject(event) if event.issue_key else "",
            "detail": detail_in_words(event),
        }
        for event in events[:MOST_SHOWN]
    ]


def _counted(count: int) -> str:
    if count > retention.MOST_COUNTED:
        return _("more than %s") % _written(retention.MOST_COUNTED)
    return _written(count)


def _written(count: int) -> str:
    return format_decimal(count, locale=reading_locale())
