"""Cookies of the operators' console: sent to its own pages, and to no other of the machines'."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

OPERATORS = "/operator/"


class OperatorCookiesMiddleware:
    """On the machines' host cookies belong to `/operator/`: nothing else there gives or takes one.

    Webhooks, Forge and panels prove themselves otherwise, in an operator's browser too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if hasattr(request, "tenant"):  # a site's console: a host of its own
            return self.get_response(request)
        if not request.path_info.startswith(OPERATORS):
            request.COOKIES.clear()
            return self.get_response(request)
        response = self.get_response(request)
        for cookie in response.cookies.values():
            cookie["path"] = OPERATORS
        return response
