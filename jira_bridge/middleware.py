"""Who asks in a panel: the session token in the Authorization header becomes `request.agent`."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from jira_bridge import panel_session
from tenants.context import tenant_context
from tenants.directory import site_by_schema

PREFIX = "/panel/"


class PanelSessionMiddleware:
    """Sets `request.agent` (None without a valid session) and enters the agent's site."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        asking: Any = request
        asking.agent = None
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        session = panel_session.read(token) if scheme.lower() == "bearer" else None
        site = site_by_schema(session.agent.schema_name) if session else None
        if session is None or site is None:
            return self.get_response(request)
        asking.agent = session.agent
        with tenant_context(site):
            return self.get_response(request)
