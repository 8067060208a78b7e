"""Which sites have lost their connection: Forge calls no more, and Jira cannot be asked."""

import logging
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from tenants import site_events
from tenants.context import public_context
from tenants.models import Installation, Site

SILENT_FOR = timedelta(hours=3)  # the clock's trigger comes every hour
USABLE_FOR = timedelta(minutes=2)

logger = logging.getLogger(__name__)


def watch() -> int:
    """Mark the sites that lost their connection, and those that have it again; returns how many.

    One query for all of them; each change is logged once, as an error where one was lost.
    """
    with public_context():
        changed = list(_changed())
        return sum(_turn(site) for site in changed)


def _changed() -> list[Site]:
    now = timezone.now()
    live = Installation.objects.filter(site=OuterRef("pk"), removed_at=None)
    without_token = Q(system_token_expires_at=None) | Q(
        system_token_expires_at__lt=now + USABLE_FOR
    )
    lost = live.filter(heard_at__lt=now - SILENT_FOR).filter(
        Q(refused_at__isnull=False) | without_token
    )
    sites = Site.objects.filter(state=Site.State.ACTIVE).annotate(
        lost=Exists(lost), heard_at=Subquery(live.order_by("-heard_at").values("heard_at")[:1])
    )
    return list(
        sites.filter(
            Q(lost=True, disconnected_since=None) | Q(lost=False, disconnected_since__isnull=False)
        )
    )


def _turn(site: Site) -> int:
    """Write down one change, unless somebody else has: a call of Forge, or another watch."""
    as_known = Site.objects.filter(pk=site.pk, disconnected_since=site.disconnected_since)
    if site.disconnected_since is not None:
        if not as_known.update(disconnected_since=None):
            return 0
        site_events.record(site, "reconnected")
        return 1
    if not as_known.update(disconnected_since=getattr(site, "heard_at")):  # noqa: B009
        return 0
    site_events.record(site, "disconnected")
    logger.error("site_disconnected", extra={"schema": site.schema_name})
    return 1
