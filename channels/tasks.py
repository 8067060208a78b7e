"""What workers do for this neighbour, for all sites at once."""

import logging

from celery import shared_task
from django.db import transaction

from channels.models import ProviderAccount
from channels.reconcile import note_watch
from conversations import outbox
from tenants import turns
from tenants.context import schema_context

# What is asked of every site's provider each hour; settings name who does it.
HOURLY = ("senders.check", "templates.sync", "blocklist.check")

logger = logging.getLogger(__name__)


@shared_task
def watch_providers() -> int:
    """Promise the hourly questions of the sites in turn; returns how many have an account.

    A site that fails stops no other.
    """
    watched = 0
    for schema_name in turns.sites_in_turn("watch-providers"):
        try:
            watched += _watch(schema_name)
        except Exception:
            logger.exception("provider_not_watched", extra={"schema": schema_name})
    return watched


def _watch(schema_name: str) -> bool:
    with schema_context(schema_name), transaction.atomic():
        account = ProviderAccount.objects.connected()
        if account is None:
            return False
        note_watch(account)
        for topic in HOURLY:
            outbox.promise_once(topic)
    return True
