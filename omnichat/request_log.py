"""Each request gets an id, is counted and timed by its route, and says so in one line.

Never a path: a webhook's holds the inbound key, a file's is the right to read it.
"""

import logging
import re
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Histogram
from structlog.contextvars import bind_contextvars, clear_contextvars

from tenants.context import current_schema

logger = logging.getLogger(__name__)

HEADER = "X-Request-ID"
# What proxies make; anything else may be somebody's words.
MADE_BY_A_PROXY = re.compile(
    r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE
)
KINDS = {
    "hooks": "webhook",
    "forge": "forge",
    "panel": "panel",
    "media": "media",
    "admin": "console",
    "operator": "operator",
    "guide": "guide",
}
# Of people's and neighbours' work; monitoring and pictures of the page would drown it.
UNSAID = {"healthz", "readyz", "metrics", "static"}
# Where whoever traces the request finds what it was.
KIND, ROUTE = "omnichat.kind", "omnichat.route"
IDS = ("issue_id", "message_id", "attachment_id")

REQUESTS = Counter(
    "omnichat_requests",
    "Requests answered, by kind, route and class of the status.",
    ["kind", "route", "status"],
)
SECONDS = Histogram(
    "omnichat_request_seconds",
    "How long answers took, by kind of request; webhooks are only counted.",
    ["kind"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


class RequestLogMiddleware:
    """The outermost one: whatever answers, answers with the request's id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = begin(request.META)
        began = perf_counter()
        response = self.get_response(request)
        if request.path_info.startswith(settings.LEAN_PATHS):
            count_webhook(response.status_code)
        else:
            self._count(request, response, perf_counter() - began)
        response.headers[HEADER] = request_id
        # The id stays until the thread's next request: Django has a line to write after us.
        return response

    def process_view(
        self, request: HttpRequest, view: object, args: object, found: dict[str, Any]
    ) -> None:
        """Let every line of this request name what it is about."""
        ids = {name: found[name] for name in IDS if name in found}
        bind_contextvars(site=current_schema(), **ids)

    def _count(self, request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        first = request.path_info.lstrip("/").partition("/")[0]
        if first in UNSAID:
            return
        kind = KINDS.get(first, "other")
        match = request.resolver_match
        # Unnamed ones have the pattern of their address, which holds nobody's values.
        route = (match.view_name or match.route) if match else ""
        request.META |= {KIND: kind, ROUTE: route}
        REQUESTS.labels(kind, route, _class_of(response.status_code)).inc()
        SECONDS.labels(kind).observe(seconds)
        logger.info(
            "request",
            extra={
                "kind": kind,
                "route": route,
                "method": request.method,
                "status": response.status_code,
                "ms": round(seconds * 1000),
            },
        )


def begin(environ: Mapping[str, Any]) -> str:
    """Return a request's id, with which every line names the request until the thread's next."""
    given = environ.get("HTTP_X_REQUEST_ID", "")
    request_id = given if MADE_BY_A_PROXY.fullmatch(given) else uuid4().hex
    clear_contextvars()
    bind_contextvars(request_id=request_id)
    return request_id


def count_webhook(status: int) -> None:
    """Count a request that was answered, without a line of its own."""
    REQUESTS.labels("webhook", "webhook", _class_of(status)).inc()


def _class_of(status: int) -> str:
    return f"{status // 100}xx"
