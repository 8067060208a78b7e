"""The operators' console itself: who may enter, its pages, and where its record is kept."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import gettext_lazy

from logins.site import SecondStepSite
from tenants.models import SiteEvent

# What happened to operators themselves stands among the events, under this in a site's place.
OPERATORS = "operators"
# Of Django's pages those that need a model's tables, which the public schema has not, and none of
# ours leads to.
LEFT_OUT = {"autocomplete", "jsi18n", "view_on_site", "app_list"}

View = Callable[..., HttpResponseBase]


class OperatorSite(SecondStepSite):
    """For the superusers of the public schema; nothing of a site's schema is registered here."""

    base_template = "operator/base_site.html"
    site_title = site_header = gettext_lazy("OmniChat · Operators")
    enable_nav_sidebar = True
    final_catch_all_view = False

    def __init__(self, name: str = "operator") -> None:
        super().__init__(name)
        self.pages: list[tuple[str, str, View]] = []

    def admits(self, user: AbstractBaseUser | AnonymousUser) -> bool:
        return bool(user.is_active and getattr(user, "is_superuser", False))

    def record(
        self, request: HttpRequest, action: str, *, actor: str | None = None, **detail: Any
    ) -> None:
        by = request.user.get_username() if actor is None else actor
        record(action, by=by, **detail)

    def address(self, name: str, *args: str) -> str:
        # Also where no request has come to the machines' host, as in a command.
        conf = settings.PUBLIC_SCHEMA_URLCONF
        return reverse(f"admin:{name}", urlconf=conf, args=args, current_app=self.name)

    def page(self, address: str) -> Callable[[View], View]:
        """Put a view at `address`, named as the view is, for whoever is in."""

        def register(view: View) -> View:
            self.pages.append((address, view.__name__, view))
            return view

        return register

    def get_urls(self) -> list[URLResolver | URLPattern]:
        own = [
            path(address, self.admin_view(view), name=name) for address, name, view in self.pages
        ]
        inherited = [each for each in super().get_urls() if _name(each) not in LEFT_OUT]
        return [*own, *inherited]

    def index(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(self.address("tenants_site_changelist"))

    def get_log_entries(self, request: HttpRequest) -> Any:
        return ()  # of Django's own log, which is not kept

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the navigation, as the frame's templates know it."""
        places = [
            (gettext_lazy("Sites"), self.address("tenants_site_changelist")),
            (gettext_lazy("This installation"), self.address("installation")),
            (gettext_lazy("Operators"), self.address("operators_page")),
        ]
        entries = [
            {"name": name, "admin_url": url, "current": request.path.startswith(url)}
            for name, url in places
        ]
        return [{"name": self.site_title, "app_label": "operators", "models": entries}]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        # Nothing of the console's is shown to who has not proved who they are.
        return {
            **super().each_context(request),
            "home_url": self.address("tenants_site_changelist"),
        }

    def show(
        self, request: HttpRequest, template: str, *, title: str, **context: Any
    ) -> HttpResponse:
        """Show a page of the console."""
        request.current_app = self.name
        everything = {**self.each_context(request), "title": title, **context}
        return TemplateResponse(request, template, everything)


def record(action: str, *, by: str, **detail: Any) -> None:
    """Write down what an operator did that is about no site."""
    SiteEvent.objects.create(
        slug="", cloud_id=OPERATORS, action=f"operator {action}", detail={"by": by, **detail}
    )


def _name(pattern: URLResolver | URLPattern) -> str:
    return getattr(pattern, "name", None) or ""


operators = OperatorSite()
