"""The console's page of senders, with where the requests of their customers go."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin.senders import SenderAdmin
from conversations.admin.site import console
from conversations.models import Sender
from jira_bridge import targets
from jira_bridge.models import RequestDefaults, SenderRule


@admin.register(Sender, site=console)
class RoutedSenderAdmin(SenderAdmin):
    change_form_template = "admin/conversations/sender/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sender]:
        return super().get_queryset(request).select_related("request_rule")

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        @admin.display(description=gettext_lazy("Used by"))
        def used_by(sender: Sender) -> str:
            rule = rule_of(sender)
            return names[(type(rule), rule.pk)] if rule else default

        defaults = RequestDefaults.objects.current()
        known = [*([defaults] if defaults else []), *SenderRule.objects.all()]
        keys = [(type(target), target.pk) for target in known]
        names = dict(zip(keys, targets.names_of(known), strict=True))
        default = _default_words(names[keys[0]] if defaults else "")
        *before, last = super().get_list_display(request)
        return [*before, used_by, last]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        sender = self.get_object(request, unquote(object_id)) if object_id else None
        context = {**(extra_context or {}), **(self._requests(sender) if sender else {})}
        return super().changeform_view(request, object_id, form_url, context)

    def _requests(self, sender: Sender) -> dict[str, Any]:
        rule, defaults = rule_of(sender), RequestDefaults.objects.current()
        target = rule or defaults
        name = targets.name_of(target) if target else ""
        return {"rule": rule, "requests_go_to": name if rule else _default_words(name)}


def rule_of(sender: Sender) -> SenderRule | None:
    rule: SenderRule | None = getattr(sender, "request_rule", None)
    return rule


def _default_words(name: str) -> str:
    return _("%(type)s (default)") % {"type": name} if name else _("Nothing is chosen yet")
