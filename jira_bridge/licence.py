"""The app's licence on a site, as Forge says it with its calls, and what ends without one.

Source: Forge Remote's contract. Only the paid app in production has licences; some calls carry
none, which says nothing about it.
"""

from typing import Any

from django.conf import settings
from django.utils import timezone

from conversations import nudges, outbox
from conversations.errors import TemporaryFailure
from jira_bridge.auth import ForgeCaller
from tenants import directory, site_events
from tenants.context import current_site, tenant_context
from tenants.models import Site

PRODUCTION = "PRODUCTION"
ASK_AGAIN_SECONDS = 3600.0


def take(site: Site, caller: ForgeCaller) -> None:
    """Keep what a call says about the licence; one that says nothing changes nothing."""
    said = caller.licence or site.licence
    active = _is_active(said, caller.environment)
    if said == site.licence and active == site.licence_active:
        return
    turned = site.licence_active != active
    changes: dict[str, Any] = {"licence": said}
    if turned:
        changes["licence_active"] = active
        changes["licence_inactive_since"] = None if active else timezone.now()
    # Calls come in parallel: of those that say the same news, one has changed something.
    as_known = Site.objects.filter(pk=site.pk, licence_active=site.licence_active)
    changed = as_known.update(**changes)
    for name, value in changes.items():
        setattr(site, name, value)
    if changed and turned:
        site_events.record(site, "licence changed", active=active)
        directory.forget()
        _tell(site)


def require_for_new_request() -> None:
    """Raise TemporaryFailure once the current site has been without a licence for too long."""
    grace_ends_at = current_site().grace_ends_at
    if grace_ends_at is not None and grace_ends_at <= timezone.now():
        raise TemporaryFailure("Waits for a licence.", retry_after=ASK_AGAIN_SECONDS)


def _is_active(said: dict[str, Any], environment: str) -> bool:
    if said:
        return said.get("active") is True
    return environment != PRODUCTION or not settings.LICENCE_REQUIRED


def _tell(site: Site) -> None:
    """Show it in every open panel, and open the requests that waited for a licence."""
    if site.state != Site.State.ACTIVE:
        return
    with tenant_context(site):
        nudges.ring_site()
        if site.licence_active:
            outbox.hasten("request.open")
