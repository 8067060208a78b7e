"""What Forge itself calls: the life of the app, its clock, and Jira's events."""

import json
from typing import Any, cast

from django.db import Error
from rest_framework.exceptions import MethodNotAllowed, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversations import inbox
from jira_bridge.auth import ForgeAuthentication, ForgeCaller
from jira_bridge.events import is_foreign, item_of
from jira_bridge.installation import leave, meet
from jira_bridge.missed_events import catch_up_if_due
from tenants.context import tenant_context
from tenants.models import Site

SOURCE = "jira"
INSTALLED = "avi:forge:installed:app"


class ForgeView(APIView):
    """A route that only a valid Forge Invocation Token of our app may call."""

    http_method_names = ["post"]
    authentication_classes = (ForgeAuthentication,)
    without_database = "Try again."

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # Before anybody asks for a token: 401 would say that the token is bad.
        if request.method != "POST":
            raise MethodNotAllowed(str(request.method))
        super().initial(request, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Error):  # the database is out of reach
            return refused(503, self.without_database)
        return super().handle_exception(exc)

    def caller(self, request: Request) -> ForgeCaller:
        return cast("ForgeCaller", request.auth)


class MachineView(ForgeView):
    """A route for Forge itself: a page's user could send here what Jira never said."""

    def caller(self, request: Request) -> ForgeCaller:
        caller = super().caller(request)
        if caller.from_page:
            raise PermissionDenied("This is not for pages.")
        return caller


class LifecycleView(MachineView):
    """The app was installed or upgraded: the site is made in a worker, the answer does not wait."""

    def post(self, request: Request) -> Response:
        meet(self.caller(request), installed=_event_type(body_of(request)) == INSTALLED)
        return Response(status=204)


class TickView(MachineView):
    """The hourly trigger: brings a fresh system token, and has Jira asked for what was missed."""

    def post(self, request: Request) -> Response:
        catch_up_if_due(meet(self.caller(request)))
        return Response(status=204)


class ByeView(MachineView):
    """The app is about to be uninstalled."""

    def post(self, request: Request) -> Response:
        leave(self.caller(request))
        return Response(status=204)


class EventsView(MachineView):
    """Jira's events: kept raw, understood by a worker."""

    def post(self, request: Request) -> Response:
        caller = self.caller(request)
        site = meet(caller).site
        if site.state == Site.State.INSTALLING:
            return refused(503, "The site is being set up. Try again.")
        body = body_of(request)
        with tenant_context(site):
            if not is_foreign(body):
                inbox.keep(SOURCE, [item_of(body, installation_id=caller.installation_id)])
        return Response(status=204)


def body_of(request: Request) -> bytes:
    return request._request.body  # noqa: SLF001 - as it came, whatever it is


def _event_type(body: bytes) -> str:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    event = said.get("payload", said) if isinstance(said, dict) else None
    return str(event.get("eventType") or "") if isinstance(event, dict) else ""


def refused(status: int, reason: str, *, retry_after: int | None = None) -> Response:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Response({"detail": reason}, status=status, headers=headers)
