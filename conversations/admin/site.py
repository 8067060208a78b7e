"""The console itself: who may enter, what it is called, how its pages are grouped."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin import frame, trail
from conversations.admin.overview import overview
from logins.door import time_of
from logins.site import SecondStepSite
from tenants.context import current_site

SET_UP, DAY_TO_DAY, RECORDS = "set-up", "day-to-day", "records"
GROUPS = {
    SET_UP: gettext_lazy("Set up"),
    DAY_TO_DAY: gettext_lazy("Day to day"),
    RECORDS: gettext_lazy("Records"),
}
LAST = 100
UNUSED = {"view_on_site", "autocomplete"}  # a door fewer to guard


@dataclass(frozen=True)
class Page:
    """A page of the console that shows no model: a view, and its place in the navigation.

    Whoever may see it holds `permission`; a page with no `group` is in no navigation.
    """

    name: str
    address: str
    label: str | Promise
    view: Callable[..., HttpResponseBase]
    permission: str
    group: str = ""
    place: int = LAST


class ConsoleSite(SecondStepSite):
    """One site's console, for the people with a role there; sessions live in its schema too."""

    index_title = gettext_lazy("Overview")
    enable_nav_sidebar = True

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.empty_value_display = "\N{EN DASH}"
        self.pages: list[Page] = []

    def page(
        self,
        address: str,
        label: str | Promise,
        *,
        permission: str,
        group: str = "",
        place: int = LAST,
    ) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
        """Put a view at `address` of the console, named as the view is, for holders of one right.

        The decorated function takes the request and what the address captures.
        """

        def register(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
            self.pages.append(
                Page(view.__name__, address, label, view, permission, group=group, place=place)
            )
            return view

        return register

    def get_urls(self) -> list[URLResolver | URLPattern]:
        own = [path(page.address, self._guarded(page), name=page.name) for page in self.pages]
        stock = [each for each in super().get_urls() if getattr(each, "name", "") not in UNUSED]
        return [*own, *stock]

    def _guarded(self, page: Page) -> Callable[..., HttpResponseBase]:
        def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.has_perm(page.permission):
                raise PermissionDenied
            return page.view(request, *args, **kwargs)

        return self.admin_view(view)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        site = current_site()
        host = urlsplit(site.url).hostname or ""
        title = f"OmniChat · {host if '.' in host else site.slug}"
        return {
            **super().each_context(request),
            "site_title": title,
            "site_header": title,
            **frame.context(request, site),
        }

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        return super().index(request, {**(extra_context or {}), **overview(request)})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the pages in the console's groups; those of one application as Django does."""
        if app_label is not None:
            return super().get_app_list(request, app_label)
        entries: dict[str, list[Any]] = {group: [] for group in GROUPS}
        for app in self._build_app_dict(request).values():
            for entry in app["models"]:
                model_admin: Any = self._registry[entry["model"]]
                entry["place"] = getattr(model_admin, "place", LAST)
                entries[getattr(model_admin, "group", RECORDS)].append(entry)
        for page in self.pages:
            if page.group and request.user.has_perm(page.permission):
                entries[page.group].append(self._entry(page))
        frame.mark_current(request, [entry for group in entries.values() for entry in group])
        return [
            {"name": name, "app_label": group, "models": _in_order(entries[group])}
            for group, name in GROUPS.items()
            if entries[group]
        ]

    def app_index(  # type: ignore[override]
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseRedirect:
        """Lead on: that a page belongs to a package is nothing to its readers."""
        return HttpResponseRedirect(reverse(f"{self.name}:index"))

    def _entry(self, page: Page) -> dict[str, Any]:
        """Return a page as Django's templates know a model's."""
        return {
            "name": page.label,
            "object_name": page.name,
            "admin_url": reverse(f"{self.name}:{page.name}"),
            "add_url": None,
            "view_only": True,
            "place": page.place,
        }

    def record(
        self, request: HttpRequest, action: str, *, actor: str | None = None, **detail: Any
    ) -> None:
        trail.record(request, f"console.{action}", actor=actor, **detail)

    def too_many(self, until: datetime) -> str:
        said = _("Too many attempts. Try again at %(time)s, or enter from Jira.")
        return said % {"time": time_of(until)}

    def other_way(self) -> str:
        return _("Whoever administers Jira comes in from there: Settings → Apps → OmniChat.")

    def issuer(self) -> str:
        site = current_site()
        return f"OmniChat {urlsplit(site.url).hostname or site.slug}"


def _in_order(entries: list[Any]) -> list[Any]:
    return sorted(entries, key=lambda entry: (entry["place"], str(entry["name"])))


console = ConsoleSite(name="admin")
