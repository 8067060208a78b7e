"""The console itself: who may enter, what it is called, how its pages are grouped."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from conversations.admin import trail
from conversations.admin.notices import notices
from tenants.context import current_site

GROUPS = ("Set up", "Day to day", "Records")
FOUND = 302


class ConsoleSite(AdminSite):
    """One site's console, for the staff users of its schema; sessions live in that schema too."""

    index_title = "Overview"

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        site = current_site()
        host = urlsplit(site.url).hostname or ""
        title = f"OmniChat · {host if '.' in host else site.slug}"
        return {
            **super().each_context(request),
            "site_title": title,
            "site_header": title,
            "site_url": site.url,
        }

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        return super().index(request, {**(extra_context or {}), "notices": notices()})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the pages in the console's groups; those of one application as Django does."""
        if app_label is not None:
            return super().get_app_list(request, app_label)
        pages: dict[str, list[Any]] = {group: [] for group in GROUPS}
        for app in self._build_app_dict(request).values():
            for page in app["models"]:
                pages[getattr(self._registry[page["model"]], "group", GROUPS[-1])].append(page)
        return [
            {
                "name": group,
                "app_label": group.lower().replace(" ", "-"),
                "models": _by_name(models),
            }
            for group, models in pages.items()
            if models
        ]

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        with transaction.atomic():
            response = super().login(request, extra_context)
            if request.method == "POST":
                self._record_login(request, entered=response.status_code == FOUND)
        return response

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        user = request.user
        with transaction.atomic():
            response = super().logout(request, extra_context)
            if request.method == "POST" and user.is_authenticated:
                trail.record(request, "console.logged-out", actor=user.get_username())
        return response

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        with transaction.atomic():
            response = super().password_change(request, extra_context)
            if request.method == "POST" and response.status_code == FOUND:
                trail.record(request, "console.password-changed")
        return response

    def _record_login(self, request: HttpRequest, *, entered: bool) -> None:
        if entered:
            trail.record(request, "console.logged-in")
            return
        typed = request.POST.get("username", "")
        # A name that nobody has may be a password in the wrong field.
        known = User.objects.filter(username=typed).exists()
        trail.record(request, "console.login-failed", actor=typed if known else "")


def _by_name(pages: list[Any]) -> list[Any]:
    return sorted(pages, key=lambda page: str(page["name"]))


console = ConsoleSite(name="admin")
