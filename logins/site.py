"""A console that is entered by password and second step: a mixin for any `AdminSite`."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordChangeView
from django.db import transaction
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from logins import attempts, sessions
from logins.backends import login_name
from logins.door import Door
from logins.invitation_views import take_invitation
from logins.login_views import log_in, source_of, take_second_step
from logins.set_up_views import make_recovery_codes, set_up_authenticator

FOUND = 302


class SecondStepSite(Door):
    """Log-in by password and a second step, invitations, passwords, sessions that end.

    Use it instead of `AdminSite`, and say whom it admits and where it keeps a record::

        class OperatorSite(SecondStepSite):
            base_template = "operator/base_site.html"  # the pages extend it; default: the console's

            def admits(self, user):
                return user.is_active and user.is_superuser

            def record(self, request, action, *, actor=None, **detail):
                # "logged-in", "login-failed", "second-step-failed", "authenticator-set", …
                site_events.record(f"operator.{action}", actor=actor or request.user.username, …)

    Its pages are Django's `login`, `logout`, `password_change`, and `second_step`,
    `authenticator`, `recovery_codes`, `invitation` (with a token), `log_out_everywhere`, all under
    the site's own name. `invitations.invite(user, by=…)` returns a token whose link is
    `site.address("invitation", token)`. For words of its own override
    `issuer`, `too_many`, `other_way`.
    `has_permission`, from which everything else follows, asks `admits` and the second step.
    """

    def get_urls(self) -> list[URLResolver | URLPattern]:
        def shown(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
            def page(request: HttpRequest, **kwargs: Any) -> HttpResponse:
                return view(self, request, **kwargs)

            return never_cache(page)

        door = [
            path("login/second-step/", shown(take_second_step), name="second_step"),
            path("authenticator/", shown(set_up_authenticator), name="authenticator"),
            path("invitation/<str:token>/", shown(take_invitation), name="invitation"),
        ]
        inside = [
            path("recovery-codes/", shown(make_recovery_codes), name="recovery_codes"),
            path("log-out-everywhere/", self.log_out_everywhere, name="log_out_everywhere"),
        ]
        for page in inside:
            page.callback = self.admin_view(page.callback)
        return [*door, *inside, *super().get_urls()]

    @method_decorator(never_cache)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return log_in(self, request)

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        name = request.user.get_username()
        with transaction.atomic():
            response = super().logout(request, extra_context)
            if request.method == "POST" and name:
                self.record(request, "logged-out", actor=name)
        return response

    @method_decorator(never_cache)
    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        user = request.user
        if not isinstance(user, User) or not user.has_usable_password():
            raise Http404  # who comes from Jira has none
        if request.method != "POST":
            return self._password_page(request, user, extra_context)
        # The old password is asked for: whoever finds a session open may not try them all.
        tried = attempts.begin("password", login_name(user), source_of(request))
        if tried.closed_until is not None:
            messages.error(request, self.too_many(tried.closed_until))
            return HttpResponseRedirect(request.get_full_path())  # type: ignore[return-value]
        with transaction.atomic():
            response = self._password_page(request, user, extra_context)
            changed = response.status_code == FOUND
            if changed:
                self.record(request, "password-changed")
                messages.success(request, _("Your password has been changed."))
        if changed or "old_password" not in _form_of(response).errors:
            tried.succeeded()
        return response

    def _password_page(
        self, request: HttpRequest, user: User, extra_context: dict[str, Any] | None
    ) -> TemplateResponse:
        context = {**self.each_context(request), "title": _("Change password")}
        view = PasswordChangeView.as_view(
            form_class=AdminPasswordChangeForm,
            template_name="admin/password_change.html",
            success_url=self.wanted(request),
            extra_context={
                **context,
                "onward": self.wanted(request),
                "login_name": login_name(user),
                **(extra_context or {}),
            },
        )
        request.current_app = self.name
        return view(request)  # type: ignore[return-value]

    def log_out_everywhere(self, request: HttpRequest) -> HttpResponse:
        """End all sessions of whoever is logged in, this one too."""
        if request.method == "POST":
            user = User.objects.get(pk=request.session[SESSION_KEY])
            with transaction.atomic():
                ended = sessions.end_all(user)
                self.record(request, "logged-out-everywhere", sessions=ended)
                request.session.flush()
        return self.lead_to(request, "login")


def _form_of(response: TemplateResponse) -> Form:
    form: Form = (response.context_data or {})["form"]
    return form
