"""How the sites do: counted in each site's schema by turns, so that operators look at one table."""

import logging
from datetime import timedelta
from time import monotonic
from typing import Any

from django.db import Error, connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from tenants.context import forget_catalogs, public_context, tenant_context
from tenants.migrating import missing_migrations
from tenants.models import PendingWork, Site, SiteFigures
from tenants.provisioning import is_provisioned

SITES_AT_ONCE = 250
SECONDS_AT_ONCE = 20.0
SECONDS_FOR_ONE = 5
# A pile is counted so far: whether a million or ten thousand wait, somebody has to look at once.
MOST_COUNTED = 10_000
# What sleeps changes little: its quarantine and what waits for its return.
SLEEPERS_EVERY = timedelta(hours=1)
# At a site at which nothing was written since, little has changed either.
QUIET_EVERY = timedelta(minutes=10)
BUSY_FOR = timedelta(minutes=2)  # after its last mark
STALE_AFTER = timedelta(minutes=15)

logger = logging.getLogger(__name__)

# One statement, on partial indexes and on the pages of the last day. A planned promise waits only
# from its time on; one that was tried or stands in a row, since it was made.
COUNT = """
    SELECT inbox.*, quarantine.*, outbox.*, dead.*, messages.*, sends.*
    FROM
        (SELECT count(*) AS inbox_waiting, min(received_at) AS inbox_oldest_at
         FROM (SELECT received_at FROM conversations_inboxentry
               WHERE state = 'new' ORDER BY id LIMIT %(most)s) AS eldest) AS inbox,
        (SELECT count(*) AS quarantined
         FROM (SELECT 1 FROM conversations_inboxentry
               WHERE state = 'quarantined' LIMIT %(most)s) AS piled) AS quarantine,
        (SELECT count(*) AS outbox_waiting,
                min(CASE WHEN attempts = 0 AND turn_at IS NULL THEN run_after ELSE created_at END)
                    AS outbox_oldest_at
         FROM (SELECT attempts, turn_at, run_after, created_at FROM conversations_outboxentry
               WHERE state = 'pending'
                 AND (run_after <= now() OR attempts > 0 OR turn_at IS NOT NULL)
               ORDER BY id LIMIT %(most)s) AS eldest) AS outbox,
        (SELECT count(*) AS outbox_dead
         FROM (SELECT 1 FROM conversations_outboxentry
               WHERE state = 'dead' LIMIT %(most)s) AS piled) AS dead,
        (SELECT count(*) FILTER (WHERE direction = 'in') AS messages_in,
                count(*) FILTER (WHERE direction = 'out') AS messages_out,
                max(created_at) FILTER (WHERE direction = 'in') AS last_inbound_at
         FROM conversations_message WHERE created_at > now() - interval '24 hours') AS messages,
        (SELECT count(*) FILTER (WHERE state = 'failed') AS failed_sends
         FROM conversations_send WHERE created_at > now() - interval '24 hours') AS sends
"""


def refresh(*, sites: int = SITES_AT_ONCE, seconds: float = SECONDS_AT_ONCE) -> int:
    """Count the sites that were counted longest ago, within these bounds; returns how many."""
    ends_at = monotonic() + seconds
    counted = 0
    with public_context():
        for site in _by_turns()[:sites]:
            if monotonic() > ends_at:
                break
            count(site)
            counted += 1
    forget_catalogs()
    return counted


def count(site: Site) -> SiteFigures:
    """Count one site anew and keep the result; what stands in the way is kept with it."""
    found: dict[str, Any] = {}
    problem = ""
    try:
        if is_provisioned(site):
            found = _counted(site)
        elif site.state != Site.State.INSTALLING:
            problem = "It has no schema."
    except Error as failure:
        # Its text may hold what stands in a row.
        problem = f"{type(failure.__cause__ or failure).__name__}."
        logger.warning("site_not_counted", extra={"site": site.pk, "reason": problem})
    if found.get("last_inbound_at", "") is None:
        del found["last_inbound_at"]  # it was longer ago, and stands there already
    kept, _created = SiteFigures.objects.update_or_create(
        site=site, defaults={**found, "problem": problem, "counted_at": timezone.now()}
    )
    return kept


def _by_turns() -> QuerySet[Site]:
    """Sites to count, the longest waiting first; those quiet or asleep less often."""
    now = timezone.now()
    marks = PendingWork.objects.filter(schema_name=OuterRef("schema_name"))
    busy = Exists(marks.filter(marked_until__gt=now - BUSY_FOR))
    awake = Q(state__in=[Site.State.ACTIVE, Site.State.INSTALLING])
    quiet_for_long = Q(figures__counted_at__lt=now - QUIET_EVERY)
    long_ago = Q(figures__counted_at__lt=now - SLEEPERS_EVERY)
    never = Q(figures__counted_at=None)
    due = Site.objects.filter(never | long_ago | (awake & (quiet_for_long | Q(busy))))
    return due.order_by(F("figures__counted_at").asc(nulls_first=True), "pk")


def _counted(site: Site) -> dict[str, Any]:
    with tenant_context(site), transaction.atomic():
        missing = len(missing_migrations())
        with connection.cursor() as cursor:
            # Sooner than the limit that ends the connection: the others' turn comes all the same.
            cursor.execute(f"SET LOCAL statement_timeout = '{SECONDS_FOR_ONE}s'")
            cursor.execute(COUNT, {"most": MOST_COUNTED})
            names = [column.name for column in cursor.description]
            figures = dict(zip(names, cursor.fetchone(), strict=True))
    return {**figures, "missing_migrations": missing}
