"""What the frame of every page of the console says: where it is, who reads, which page it is."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from logins.roles import role_of
from tenants.models import Site

PRODUCTION = "PRODUCTION"  # as Forge names it


def context(request: HttpRequest, site: Site) -> dict[str, Any]:
    """Return what the frame's templates need beside Django admin's own."""
    role = role_of(request.user)
    return {
        "environment": _environment(site),
        "guide_url": settings.ADMIN_GUIDE_URL,
        "my_role": role.label if role else "",
    }


def mark_current(request: HttpRequest, entries: list[dict[str, Any]]) -> None:
    """Mark the entry that the page belongs to: the one whose address begins the page's."""
    begun = [entry for entry in entries if request.path.startswith(entry["admin_url"])]
    for entry in sorted(begun, key=lambda entry: len(entry["admin_url"]))[-1:]:
        entry["current"] = True


def _environment(site: Site) -> str:
    """Return which of the app's environments the site has, in words; "" for production."""
    if settings.FORGE_ENVIRONMENTS == [PRODUCTION]:
        return ""  # nothing is asked where there is no other
    here = site.installations.filter(removed_at=None).order_by("-seen_at")
    name = here.values_list("environment", flat=True).first() or PRODUCTION
    return "" if name == PRODUCTION else name.replace("_", " ").capitalize()
