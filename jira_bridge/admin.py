"""The console's page of request defaults: where a customer's first message opens a request."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from conversations import outbox
from conversations.admin.pages import SingletonAdmin
from conversations.admin.site import console
from jira_bridge.models import RequestDefaults


@admin.register(RequestDefaults, site=console)
class RequestDefaultsAdmin(SingletonAdmin[RequestDefaults]):
    fields = (
        "service_desk_id",
        "request_type_id",
        "summary_pattern",
        "mask_number",
        "show_number_in_property",
        "create_customers",
        "transcript",
    )
    harmless_fields = (
        "service_desk_id",
        "request_type_id",
        "summary_pattern",
        "mask_number",
        "show_number_in_property",
        "create_customers",
        "transcript",
    )

    def save_model(
        self, request: HttpRequest, obj: RequestDefaults, form: Any, change: Any
    ) -> None:
        super().save_model(request, obj, form, change)
        outbox.hasten("request.open")
        outbox.revive("request.open")
