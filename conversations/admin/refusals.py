"""What the console says where its reader may not go, and where nothing is."""

from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views import defaults

from conversations.admin.site import console


def refused(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer who asks for a page that their role does not open."""
    if not _is_somebody(request):
        return defaults.permission_denied(request, exception)
    text = _("What each role may do is decided by an owner. Ask one, if you need this page.")
    return _page(request, _("Your role does not open this page"), text, status=403)


def missing(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer who asks for a page that is not there, or not there any more."""
    if not _is_somebody(request):
        return defaults.page_not_found(request, exception)
    text = _("What it showed may have been removed, or the address is not whole.")
    return _page(request, _("There is no such page"), text, status=404)


def _is_somebody(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)  # none where a host is refused, before any log-in
    return user is not None and console.has_permission(request)


def _page(request: HttpRequest, title: str, text: str, *, status: int) -> HttpResponseBase:
    context = {**console.each_context(request), "title": title, "text": text}
    return TemplateResponse(request, "admin/refusal.html", context, status=status)
