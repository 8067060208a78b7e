"""The console's page of a rule: whoever writes to this sender gets requests of another type."""

from typing import Any

from django.contrib import admin
from django.db.models import ForeignKey, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from conversations.admin.site import console
from conversations.models import Sender
from jira_bridge import targets
from jira_bridge.admin.request_targets import RequestTargetAdmin
from jira_bridge.forms import SenderRuleForm
from jira_bridge.models import RequestDefaults, SenderRule

DEFAULTS = "admin:jira_bridge_requestdefaults_changelist"


@admin.register(SenderRule, site=console)
class SenderRuleAdmin(RequestTargetAdmin[SenderRule]):
    """Reached from the request defaults and from its sender."""

    place = 45
    form = SenderRuleForm
    empty_text = gettext_lazy("No rules: the requests of all senders go by the defaults.")
    empty_action = gettext_lazy("Add rule")
    list_select_related = ["sender"]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        @admin.display(description=gettext_lazy("Request type"))
        def where(rule: SenderRule) -> str:
            return names[rule.pk]

        rules = list(SenderRule.objects.all())
        names = dict(zip([rule.pk for rule in rules], targets.names_of(rules), strict=True))
        return ["whose", where, "trouble"]

    @admin.display(description=gettext_lazy("Sender"), ordering="sender__number")
    def whose(self, rule: SenderRule) -> str:
        return str(rule.sender)

    @admin.display(description=gettext_lazy("Problem"))
    def trouble(self, rule: SenderRule) -> str:
        return targets.told_problem(rule)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and without_rule().exists()

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """In the navigation it has no entry of its own."""
        return {}

    def crumbs(self, obj: SenderRule | None = None) -> list[tuple[str, str]]:
        defaults = reverse(DEFAULTS)
        return [(capfirst(str(RequestDefaults._meta.verbose_name)), defaults)]

    def response_post_save_add(self, request: HttpRequest, obj: SenderRule) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse(DEFAULTS))

    def response_post_save_change(
        self, request: HttpRequest, obj: SenderRule
    ) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse(DEFAULTS))

    def get_form(
        self, request: HttpRequest, obj: SenderRule | None = None, *args: Any, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, *args, **kwargs)
        if "sender" in form.base_fields:
            widget = form.base_fields["sender"].widget
            widget.can_add_related = False
            widget.can_change_related = widget.can_view_related = False
        return form

    def get_fieldsets(self, request: HttpRequest, obj: SenderRule | None = None) -> Any:
        (title, content), *more = super().get_fieldsets(request, obj)
        return [(title, {"fields": ["sender", *content["fields"]]}), *more]

    def get_readonly_fields(self, request: HttpRequest, obj: SenderRule | None = None) -> list[Any]:
        """A rule stays with its sender: for another there is another rule."""
        return [*self.readonly_fields, *(["sender"] if obj else [])]

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        offered = {**kwargs, "queryset": without_rule()}
        return super().formfield_for_foreignkey(db_field, request, **offered)

    def _change(self, form: Any, name: str) -> object:
        if name == "sender":
            return {"before": None, "after": str(form.cleaned_data["sender"])}
        return super()._change(form, name)


def without_rule() -> QuerySet[Sender]:
    """Return the senders whose requests go by the defaults."""
    return Sender.objects.filter(request_rule=None)
