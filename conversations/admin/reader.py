"""In which language and time zone a console's pages are written: its reader's own."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from conversations.languages import language_of
from conversations.models import AutoReplySettings
from logins.sessions import LANGUAGE, TIME_ZONE

OPERATORS = "/operator/"


class ReaderMiddleware:
    """Speak as the reader has chosen, else as the browser asks for; the site's time, else UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        at_site = hasattr(request, "tenant")
        if not at_site and not request.path_info.startswith(OPERATORS):
            return self.get_response(request)
        with (
            translation.override(_language(request)),
            timezone.override(ZoneInfo(_time_zone(request, at_site=at_site))),
        ):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "")
        return response


def _language(request: HttpRequest) -> str:
    chosen = request.session.get(LANGUAGE)
    return language_of(chosen or translation.get_language_from_request(request))


def _time_zone(request: HttpRequest, *, at_site: bool) -> str:
    chosen = request.session.get(TIME_ZONE)
    if not chosen and at_site:
        chosen = AutoReplySettings.objects.current().time_zone
        if request.user.is_authenticated:  # asked for once in a session
            request.session[TIME_ZONE] = chosen
    return chosen or "UTC"
