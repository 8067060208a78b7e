"""What workers do for this neighbour, for all sites at once."""

import logging
import random
from datetime import timedelta

from celery import shared_task
from django.db import transaction

from channels.models import ProviderAccount
from channels.reconcile import note_watch
from conversations import outbox
from tenants.context import public_context, tenant_context
from tenants.models import Site

# What is asked of every site's provider each hour; settings name who does it.
HOURLY = ("senders.check", "templates.sync", "blocklist.check")
SPREAD_OVER = 1800  # seconds: a thousand sites do not ask at once

logger = logging.getLogger(__name__)


@shared_task
def watch_providers() -> int:
    """Promise the hourly questions of every site that has an account; returns how many sites.

    A site that fails stops no other.
    """
    with public_context():
        sites = list(Site.objects.filter(state=Site.State.ACTIVE).order_by("pk"))
    watched = 0
    for site in sites:
        try:
            watched += _watch(site)
        except Exception:
            logger.exception("provider_not_watched", extra={"site": site.pk})
    return watched


def _watch(site: Site) -> bool:
    with tenant_context(site), transaction.atomic():
        account = ProviderAccount.objects.connected()
        if account is None:
            return False
        note_watch(account)
        for topic in HOURLY:
            delay = timedelta(seconds=random.uniform(0, SPREAD_OVER))  # noqa: S311 - no secret
            outbox.promise_once(topic, within=delay)
    return True
