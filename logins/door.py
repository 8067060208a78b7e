"""What the pages in front of a console ask of it: whom it admits, where it keeps a record."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import update_wrapper
from typing import Any, TypeVar, cast

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

from logins import sessions
from logins.roles import role_of

MINUTE = timedelta(minutes=1)
View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class Door(AdminSite):
    """A console's own answers to what log-in pages need to know; `logins.site` adds the pages."""

    base_template = "admin/base_site.html"

    def admits(self, user: AbstractBaseUser | AnonymousUser) -> bool:
        """Whether the console is for this user, who has proved who they are."""
        return role_of(user) is not None

    def record(
        self, request: HttpRequest, action: str, *, actor: str | None = None, **detail: Any
    ) -> None:
        """Keep a record of what somebody did at the door; in the transaction in which it is done.

        `actor` is a user's name, None for who is logged in. No detail is a secret.
        """
        raise NotImplementedError

    def too_many(self, until: datetime) -> str:
        """Return what is said to somebody who tried too often."""
        return _("Too many attempts. Try again at %(time)s (UTC).") % {"time": time_of(until)}

    def other_way(self) -> str:
        """Return what the log-in page says of another way in; "" where there is none."""
        return ""

    def issuer(self) -> str:
        """Return what authenticators show beside the code: where it is for."""
        return str(self.site_header)

    def has_permission(self, request: HttpRequest) -> bool:
        return self.admits(request.user) and not sessions.needs_second_step(request)

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # noqa: FBT001, FBT002
        """Guard a view as Django does; sessions whose time is over end before."""
        guarded = super().admin_view(view, cacheable)

        def watched(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            self.watch(request)
            return guarded(request, *args, **kwargs)

        return cast("View", update_wrapper(watched, view))

    def watch(self, request: HttpRequest) -> None:
        """End the session that a request came with if it may not go on, else note that it does."""
        why = sessions.why_over(request)
        if why is None and request.user.is_authenticated and not self.admits(request.user):
            why = sessions.Over.NO_ROLE
        if why is None:
            if request.user.is_authenticated:
                sessions.note_seen(request)
            return
        with transaction.atomic():
            name = sessions.end(request, why)
            if name is not None:
                self.record(request, "session-ended", actor=name, why=str(why))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "base_template": self.base_template}

    def address(self, name: str, *args: str) -> str:
        return reverse(f"admin:{name}", args=args, current_app=self.name)

    def answer(
        self, request: HttpRequest, template: str, *, title: str, status: int = 200, **context: Any
    ) -> TemplateResponse:
        """Show a page that is outside: no navigation, nothing of the console."""
        request.current_app = self.name
        form = context.get("form")
        if form is not None and form.errors:  # the list of them has the focus
            for field in form.fields.values():
                field.widget.attrs.pop("autofocus", None)
        everything = {
            **self.each_context(request),
            "title": title,
            "has_permission": False,
            "is_nav_sidebar_enabled": False,
            "next": asked_for(request),
            "onward": self.wanted(request),
            **context,
        }
        return TemplateResponse(request, template, everything, status=status)

    def lead_to(self, request: HttpRequest, name: str) -> HttpResponse:
        """Lead on to another page of the door, which then leads to where somebody wanted to go."""
        wanted = asked_for(request)
        query = f"?{urlencode({REDIRECT_FIELD_NAME: wanted})}" if wanted else ""
        return HttpResponseRedirect(self.address(name) + query)

    def lead_in(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(self.wanted(request))

    def wanted(self, request: HttpRequest) -> str:
        return asked_for(request) or self.address("index")


def asked_for(request: HttpRequest) -> str:
    """Return the page that somebody wanted before the door was in the way, if it is ours."""
    wanted = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or ""
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else ""


def time_of(until: datetime) -> str:
    """Return a time of day at which a moment is over: the minute after it."""
    return f"{timezone.localtime(until + MINUTE):%H:%M}"
