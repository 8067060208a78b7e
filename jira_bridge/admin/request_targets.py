"""The kind of console page on which a request type is chosen from what Jira has."""

from typing import Any, TypeVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin.pages import SettingsAdmin
from conversations.errors import PermanentFailure, TemporaryFailure
from conversations.moments import ago
from jira_bridge import catalogue, targets
from jira_bridge.forms import (
    RequestTargetForm,
    form_for,
    input_name,
    inputs_for,
    pair_of,
)
from jira_bridge.models import RequestTarget

Target = TypeVar("Target", bound=RequestTarget)
NOTHING = ("", "")


class RequestTargetAdmin(SettingsAdmin[Target]):
    """A page on which a request type is chosen from what Jira has."""

    change_form_template = "admin/jira_bridge/change_form.html"
    readonly_fields = ["where", "loaded", "accepted"]
    harmless_fields = ["request_type", "service_desk_id", "request_type_id"]
    form: type[RequestTargetForm]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        trouble = ""
        if self.has_view_or_change_permission(request):
            # Before Django's transaction begins: Jira is asked outside of any.
            trouble = self._load(request, object_id)
        context = {
            **(extra_context or {}),
            "trouble": trouble,
            "reload_url": self._url("reload", object_id),
        }
        return super().changeform_view(request, object_id, form_url, context)

    def get_form(
        self, request: HttpRequest, obj: Target | None = None, *args: Any, **kwargs: Any
    ) -> Any:
        form = form_for(self.form, _chosen(request, obj), kept=_saved(obj))
        return super().get_form(request, obj, *args, form=form, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Target | None = None) -> Any:
        # Of a form that comes back, what is saved would be said of what is not.
        state = ["accepted"] if obj and request.method != "POST" else []
        if not self._may_choose(request, obj):
            return [(None, {"fields": ["where", *state]})]
        if catalogue.kept_desks() is None:
            choice = ["service_desk_id", "request_type_id"]
        else:
            choice = ["request_type"]
        inputs = [input_name(field) for field in inputs_for(*_chosen(request, obj))]
        return [(None, {"fields": [*choice, *inputs, "loaded", *state]})]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.reload)
        return [
            path("reload/", view, name=self._name("reload")),
            path("<path:object_id>/reload/", view, name=self._name("reload")),
            *super().get_urls(),
        ]

    def reload(self, request: HttpRequest, object_id: str | None = None) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_change_permission(request):
            raise PermissionDenied
        try:
            catalogue.load(refresh=True)
            targets.check_targets()
        except (TemporaryFailure, PermanentFailure) as failure:
            text = _("Nothing was loaded. %(reason)s") % {"reason": failure}
            self.message_user(request, text, messages.ERROR)
        else:
            text = _("Service desks and request types are loaded from Jira.")
            self.message_user(request, text)
        return HttpResponseRedirect(self._url("change" if object_id else "add", object_id))

    def save_model(self, request: HttpRequest, obj: Target, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        if obj.checked_at is None:
            targets.ask_for_check()
            text = _("Whether Jira takes requests like this is checked as soon as it can be asked.")
            self.message_user(request, text, messages.WARNING)
        targets.try_requests_again()

    def delete_model(self, request: HttpRequest, obj: Target) -> None:
        super().delete_model(request, obj)
        targets.try_requests_again()

    @admin.display(description=gettext_lazy("Request type"))
    def where(self, target: Target) -> str:
        return targets.name_of(target)

    @admin.display(description=gettext_lazy("Service desks and types"))
    def loaded(self, target: Target) -> SafeString:
        since = catalogue.loaded_at()
        return format_html(
            '{} <button type="submit" class="button" form="reload-request-types">{}</button>',
            _("Loaded from Jira %(ago)s.") % {"ago": ago(since)}
            if since
            else _("Not loaded from Jira yet."),
            _("Reload"),
        )

    @admin.display(description=gettext_lazy("In Jira"))
    def accepted(self, target: Target) -> SafeString:
        if target.checked_at is None:
            return format_html("{}", _("Not checked yet."))
        when = _("Checked %(ago)s.") % {"ago": ago(target.checked_at)}
        if not target.problem:
            return format_html("{} {}", _("Takes requests like this."), when)
        problem = targets.told_problem(target)
        return format_html('<p class="console-problem">{}</p>{}', problem, when)

    def _load(self, request: HttpRequest, object_id: str | None) -> str:
        """Have at hand what the form offers; returns why Jira could not be asked, "" if it was."""
        obj = self.get_object(request, unquote(object_id)) if object_id else None
        desk_id, type_id = _chosen(request, obj)
        try:
            catalogue.load()
            if type_id in {each.id for each in catalogue.kept_request_types(desk_id) or ()}:
                self._load_fields(desk_id, type_id, refresh=request.method == "POST")
        except (TemporaryFailure, PermanentFailure) as failure:
            return str(failure)
        return ""

    def _load_fields(self, desk_id: str, type_id: str, *, refresh: bool) -> None:
        try:
            catalogue.fields(desk_id, type_id, refresh=refresh)
        except PermanentFailure:
            catalogue.request_types(desk_id, refresh=True)  # the type may have gone

    def _may_choose(self, request: HttpRequest, obj: Target | None) -> bool:
        if obj is None:
            return self.has_add_permission(request)
        return self.has_change_permission(request, obj)

    def _name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def _url(self, page: str, object_id: str | None) -> str:
        arguments = [object_id] if object_id else []
        return reverse(f"{self.admin_site.name}:{self._name(page)}", args=arguments)


def _chosen(request: HttpRequest, obj: RequestTarget | None) -> tuple[str, str]:
    """Return the ids that a posted form names, or else those that are saved."""
    posted = request.POST
    if request.method != "POST":
        return _saved(obj)
    if "request_type" in posted:
        return pair_of(posted["request_type"])
    return posted.get("service_desk_id", ""), posted.get("request_type_id", "")


def _saved(obj: RequestTarget | None) -> tuple[str, str]:
    return (obj.service_desk_id, obj.request_type_id) if obj else NOTHING
