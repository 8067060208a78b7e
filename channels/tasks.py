"""What workers do for this neighbour, for all sites at once."""

import random
from datetime import timedelta

from celery import shared_task

from channels.models import ProviderAccount
from channels.reconcile import note_watch
from conversations import outbox
from conversations.models import OutboxEntry
from tenants.context import public_context, tenant_context
from tenants.models import Site

# What is asked of every site's provider each hour; settings name who does it.
HOURLY = ("senders.check", "templates.sync")
SPREAD_OVER = 1800  # seconds: a thousand sites do not ask at once


@shared_task
def watch_providers() -> int:
    """Promise the hourly questions of every site that has an account; returns how many sites."""
    with public_context():
        sites = list(Site.objects.filter(state=Site.State.ACTIVE))
    return sum(_watch(site) for site in sites)


def ask_for(topic: str, *, delay: timedelta = timedelta(0)) -> None:
    """Promise a question to the current site's provider; one that waits already is enough."""
    if not OutboxEntry.objects.pending().filter(topic=topic, claim=None).exists():
        outbox.promise(topic, group=topic, subject="all", delay=delay)
    elif not delay:
        outbox.hasten(topic)


def _watch(site: Site) -> bool:
    with tenant_context(site):
        account = ProviderAccount.objects.connected()
        if account is None:
            return False
        note_watch(account)
        for topic in HOURLY:
            delay = timedelta(seconds=random.uniform(0, SPREAD_OVER))  # noqa: S311 - no secret
            ask_for(topic, delay=delay)
    return True
