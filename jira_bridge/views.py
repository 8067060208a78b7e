"""What Forge itself calls: the life of the app, its clock, and Jira's events."""

import logging
from typing import cast

from django.db import Error
from kombu.exceptions import OperationalError
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversations import inbox
from jira_bridge.auth import ForgeAuthentication, ForgeCaller
from jira_bridge.events import item_of
from jira_bridge.installation import meet
from jira_bridge.tasks import provision_sites
from tenants.context import tenant_context
from tenants.models import Site

logger = logging.getLogger(__name__)

SOURCE = "jira"


class ForgeView(APIView):
    """A route that only a valid Forge Invocation Token of our app may call."""

    http_method_names = ["post"]
    authentication_classes = (ForgeAuthentication,)

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
        installation = meet(self.caller(request))
        if installation.site.state == Site.State.INSTALLING:
            _hasten_provisioning()
        return Response(status=204)


class TickView(MachineView):
    """The hourly trigger: brings a fresh system token."""

    def post(self, request: Request) -> Response:
        meet(self.caller(request))
        return Response(status=204)


class ByeView(MachineView):
    """The app is about to be uninstalled: its token is not used any more."""

    def post(self, request: Request) -> Response:
        installation = meet(self.caller(request))
        installation.system_token = ""
        installation.system_token_expires_at = None
        installation.save(update_fields=["system_token", "system_token_expires_at"])
        return Response(status=204)


class EventsView(MachineView):
    """Jira's events: kept raw, understood by a worker."""

    def post(self, request: Request) -> Response:
        caller = self.caller(request)
        body = request._request.body  # noqa: SLF001 - as it came; the worker parses it
        try:
            site = meet(caller).site
            if site.state == Site.State.ACTIVE:
                with tenant_context(site):
                    inbox.keep(SOURCE, [item_of(body, installation_id=caller.installation_id)])
        except Error:
            return refused(503, "Try again.")
        return Response(status=204)


def _hasten_provisioning() -> None:
    try:
        provision_sites.apply_async(retry=False)
    except OperationalError:
        logger.warning("provisioning_not_hastened")  # beat does it within seconds


def refused(status: int, reason: str) -> Response:
    return Response({"detail": reason}, status=status)
