"""What the app's pages in Jira call: through Forge, with the user's own token."""

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.contracts import Agent
from conversations.errors import PermanentFailure, TemporaryFailure
from jira_bridge import panel_session
from jira_bridge.auth import ForgeCaller
from jira_bridge.client import JiraClient
from jira_bridge.installation import meet
from jira_bridge.permissions import profile_of, rights_on
from jira_bridge.views import ForgeView, refused
from tenants.context import tenant_context
from tenants.models import Site

PERMISSION_TIMEOUT = 6.0  # seconds, for each of two questions; Forge itself gives up after 25


class SessionView(ForgeView):
    """The shell asks for a panel session: who the user is and may do is asked of Jira now."""

    def post(self, request: Request) -> Response:
        caller = self.caller(request)
        site = meet(caller).site
        if site.state != Site.State.ACTIVE:
            return refused(503, "OmniChat is still being set up on this site. Try again soon.")
        if not caller.issue_id or not caller.account_id:
            return refused(403, "OmniChat opens on a request only.")
        client = JiraClient(caller.api_base_url, caller.user_token, PERMISSION_TIMEOUT)
        try:
            with tenant_context(site):
                return self._session(client, caller, site)
        except (TemporaryFailure, PermanentFailure):
            return refused(503, "Jira does not answer. Try again in a moment.")

    def _session(self, client: JiraClient, caller: ForgeCaller, site: Site) -> Response:
        rights = rights_on(client, caller.issue_id)
        if not rights.may_see:
            return refused(403, "You cannot see this request.")
        profile = profile_of(client, caller.account_id)
        agent = Agent(
            schema_name=site.schema_name,
            account_id=caller.account_id,
            name=profile.name,
            issue_id=caller.issue_id,
            issue_key=caller.issue_key,
            may_reply=rights.may_reply,
            time_zone=profile.time_zone,
        )
        return Response(
            {
                "token": panel_session.issue(agent),
                "expires_in": panel_session.LIFETIME_SECONDS,
                "panel_url": f"{settings.APP_URL}/panel/",
                "stream_url": settings.STREAM_URL,
                "issue_id": caller.issue_id,
            }
        )
