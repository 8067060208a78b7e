"""System tokens: the newest of each installation is kept, since Forge has no way to ask for one."""

from datetime import UTC, datetime

import jwt
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from conversations import outbox
from conversations.errors import TemporaryFailure
from jira_bridge.client import JiraClient
from jira_bridge.missed_events import catch_up
from tenants.context import current_site, tenant_context
from tenants.models import Installation, Site

NOT_FOR_JIRA = "message.deliver"
NO_TOKEN_YET_SECONDS = 10.0


def remember(installation: Installation, token: str) -> None:
    """Keep a system token if it ends later than the one we have; what waited for it goes on.

    Not that of an installation that was removed meanwhile.
    """
    ends_at = _ends_at(token)
    if ends_at is None:
        return
    lacked = not installation.has_token(timezone.now())
    # The comparison stands in the WHERE: events come in parallel, each with a token.
    later = Q(system_token_expires_at=None) | Q(system_token_expires_at__lt=ends_at)
    stored = Installation.objects.filter(later, pk=installation.pk, removed_at=None).update(
        system_token=token, system_token_expires_at=ends_at
    )
    if not stored:
        return
    if lacked and installation.site.state == Site.State.ACTIVE:
        with tenant_context(installation.site):
            for topic in set(settings.OUTBOX_HANDLERS) - {NOT_FOR_JIRA}:
                outbox.hasten(topic)
            catch_up()


def app_client(*, spare: bool = False) -> JiraClient:
    """Return a client that acts as the app on the current site, for `spare` calls or any.

    Raises TemporaryFailure while no valid token is known: the next event or tick brings one.
    """
    now = timezone.now()
    newest = current_site().installations.order_by("-system_token_expires_at")
    for installation in newest.filter(removed_at=None, system_token_expires_at__gt=now):
        token = installation.usable_token(now)
        if token:
            return JiraClient(
                installation.api_base_url, token, installation=installation, spare=spare
            )
    raise TemporaryFailure("Waits for a token from Jira.", retry_after=NO_TOKEN_YET_SECONDS)


def _ends_at(token: str) -> datetime | None:
    """Read when a token of Atlassian's ends; everything else in it is opaque to us."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
        return datetime.fromtimestamp(int(claims["exp"]), UTC)
    except (jwt.PyJWTError, KeyError, ValueError, TypeError, OverflowError):
        return None
