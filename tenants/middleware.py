"""Whose host was asked: the machines' (public schema) or a site's console."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.template.response import SimpleTemplateResponse
from django.urls import resolve
from django.utils import translation
from django.utils.translation import gettext as _

from tenants.context import enter, enter_public
from tenants.directory import is_suspended, site_by_host


class SiteMiddleware:
    """Enter the schema that the host names, and leave it afterwards.

    Unknown hosts and sites that are not active get 404.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.machines_hosts = frozenset(settings.MACHINES_HOSTS)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            host = request.get_host().partition(":")[0]
        except DisallowedHost:
            if request.path_info in settings.PROCESS_PATHS:
                return self._answer_leanly(_of_the_machines(request))
            return HttpResponseNotFound("No site here.", content_type="text/plain")
        if host in self.machines_hosts:
            _of_the_machines(request)
            if request.path_info.startswith(settings.LEAN_PATHS):
                return self._answer_leanly(request)
            return self.get_response(request)
        enter_public()
        site = site_by_host(host)
        if site is None:
            return _closed(request, host)
        typed_request: Any = request
        typed_request.tenant = site
        enter(site)
        try:
            return self.get_response(request)
        finally:
            enter_public()

    def _answer_leanly(self, request: HttpRequest) -> HttpResponse:
        """Call the view past all other middleware: no cookie, page or form is asked for here."""
        view, arguments, named = resolve(request.path_info, request.urlconf)
        response: HttpResponse = view(request, *arguments, **named)
        if isinstance(response, SimpleTemplateResponse):  # as REST framework's refusals are
            response.render()
        response.headers["Content-Length"] = str(len(response.content))
        return response


def _of_the_machines(request: HttpRequest) -> HttpRequest:
    enter_public()
    request.urlconf = settings.PUBLIC_SCHEMA_URLCONF
    return request


def _closed(request: HttpRequest, host: str) -> HttpResponse:
    """Tell the people of a site that an operator has suspended; of others nothing is said."""
    words = "No site here."
    if is_suspended(host):
        with translation.override(translation.get_language_from_request(request)):
            words = _("OmniChat is switched off on this site. Ask its operator.")
    return HttpResponseNotFound(words, content_type="text/plain; charset=utf-8")
