"""What a user may do on an issue, asked of Jira with the user's own token."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from conversations.errors import PermanentFailure
from conversations.models import AgentProfile
from conversations.storable import storable
from jira_bridge.auth import ForgeCaller
from jira_bridge.client import JiraClient
from tenants.models import Installation

# Seeing the request in the portal counts as BROWSE_PROJECTS, so that alone makes nobody an agent.
SEE = "BROWSE_PROJECTS"
REPLY = "SERVICEDESK_AGENT"
ADMINISTER = "ADMINISTER"  # of the whole site, on whichever issue it is asked
NOT_VISIBLE = "404"  # Jira's answer about an issue that is deleted or hidden from who asks
PROFILE_AGE = timedelta(days=1)
# Seconds for each question, after up to five to connect; Forge itself gives up after 25.
PERMISSION_TIMEOUT = 6.0


@dataclass(frozen=True)
class IssueRights:
    may_see: bool
    may_reply: bool
    may_administer: bool = False


def user_client(caller: ForgeCaller, installation: Installation) -> JiraClient:
    """Return a client that acts as the user of a page, within what Jira lets the site ask."""
    return JiraClient(
        caller.api_base_url,
        caller.user_token,
        PERMISSION_TIMEOUT,
        installation=installation,
        of_user=True,
    )


def rights_on(client: JiraClient, issue_id: str) -> IssueRights:
    """Ask Jira what the user of `client` may do. Raises TemporaryFailure or PermanentFailure."""
    try:
        held = client.permissions([SEE, REPLY, ADMINISTER], issue_id=issue_id)
    except PermanentFailure as failure:
        if failure.code != NOT_VISIBLE:
            raise
        held = set()
    return IssueRights(
        may_see=SEE in held, may_reply=REPLY in held, may_administer=ADMINISTER in held
    )


def profile_of(client: JiraClient, account_id: str) -> AgentProfile:
    """Return how the user is called, asking Jira when our copy is missing or a day old."""
    known = AgentProfile.objects.filter(account_id=account_id).first()
    if known is not None and timezone.now() - known.updated_at < PROFILE_AGE:
        return known
    account = storable(client.own_account())
    profile, _created = AgentProfile.objects.update_or_create(
        account_id=account_id,
        defaults={
            "name": str(account.get("displayName") or "")[:200],
            "time_zone": str(account.get("timeZone") or "UTC")[:64],
            "locale": str(account.get("locale") or "")[:20],
            "updated_at": timezone.now(),
        },
    )
    return profile
