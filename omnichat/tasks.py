"""What workers do for operators: figures of all sites, and upkeep of one."""

import logging

from celery import shared_task

from logins import attempts, sessions
from omnichat import figures
from omnichat.operators.site import record
from tenants import migrating, rotation, site_events
from tenants.context import public_context
from tenants.models import Site

logger = logging.getLogger(__name__)


@shared_task
def refresh_figures() -> int:
    """Count the sites that were counted longest ago."""
    return figures.refresh()


@shared_task
def end_operator_sessions() -> int:
    """Remove the operators' expired sessions, each end recorded, and old counts of tries."""
    with public_context():
        attempts.forget_old()
        return sessions.end_expired(
            lambda name: record("session-ended", by=name, why=str(sessions.Over.AGE))
        )


@shared_task
def migrate_site(schema_name: str) -> None:
    """Bring one site's schema up to date; what came of it stands in the site's events."""
    with public_context():
        site = Site.objects.get(schema_name=schema_name)
        try:
            if not migrating.migrate(schema_name):
                return  # whoever is at it says how it ends
        except Exception as failure:
            logger.exception("site_not_migrated", extra={"site": site.pk})
            site_events.record(site, "not migrated", problem=type(failure).__name__)
        else:
            site_events.record(site, "migrated")
        figures.count(site)


@shared_task
def rotate_encryption(schema_name: str) -> None:
    """Encrypt one site's secrets with the newest key; how many stands in the site's events."""
    with public_context():
        site = Site.objects.get(schema_name=schema_name)
        done = rotation.rotate_site(site)
        site_events.record(
            site, "secrets re-encrypted", renewed=done.renewed, unreadable=done.unreadable
        )
