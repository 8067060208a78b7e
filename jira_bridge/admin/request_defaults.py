"""The console's page "Request defaults": where requests are opened, and the rules besides."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from conversations.admin.pages import SingletonAdmin
from conversations.admin.site import console
from jira_bridge import targets
from jira_bridge.admin.request_targets import RequestTargetAdmin
from jira_bridge.admin.sender_rules import without_rule
from jira_bridge.forms import RequestDefaultsForm
from jira_bridge.models import RequestDefaults, SenderRule
from jira_bridge.requests import annotate_all

ABOUT_NUMBER = ["summary_pattern", "mask_number", "show_number_in_property"]


@admin.register(RequestDefaults, site=console)
class RequestDefaultsAdmin(RequestTargetAdmin[RequestDefaults], SingletonAdmin[RequestDefaults]):
    place = 40
    change_form_template = "admin/jira_bridge/requestdefaults/change_form.html"
    form = RequestDefaultsForm
    harmless_fields: ClassVar = [
        *RequestTargetAdmin.harmless_fields,
        "summary_pattern",
        "mask_number",
        "show_number_in_property",
        "create_customers",
        "attach_files",
        "transcript",
    ]

    def get_fieldsets(self, request: HttpRequest, obj: RequestDefaults | None = None) -> Any:
        customers = ["create_customers"] if settings.CUSTOMER_MAIL_DOMAIN else []
        after = [*customers, "attach_files", "transcript"]
        return [
            *super().get_fieldsets(request, obj),
            (gettext_lazy("Summary and number"), {"fields": ABOUT_NUMBER}),
            (gettext_lazy("Customer and transcript"), {"fields": after}),
        ]

    def save_model(
        self, request: HttpRequest, obj: RequestDefaults, form: Any, change: Any
    ) -> None:
        super().save_model(request, obj, form, change)
        if change and "show_number_in_property" in form.changed_data:
            # A number that must not be seen any more must not stay in old requests.
            annotate_all(ended_too=not obj.show_number_in_property)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        rules = list(SenderRule.objects.select_related("sender").order_by("sender"))
        may_add = request.user.has_perm("jira_bridge.add_senderrule")
        context = {
            **(extra_context or {}),
            "rules": list(zip(rules, targets.names_of(rules), strict=True)),
            "may_add_rule": may_add and object_id is not None and without_rule().exists(),
        }
        return super().changeform_view(request, object_id, form_url, context)
