"""Events that may have been lost: Jira is asked for what they would have told."""

from datetime import timedelta

from django.utils import timezone

from conversations.models import OutboxEntry
from conversations.outbox import promise
from tenants.context import tenant_context
from tenants.models import Installation, Site
from tenants.turns import moment_of

TOPIC = "requests.reconcile"
NOT_SOONER_THAN = timedelta(minutes=5)
# The clock that Forge runs for us ticks about once an hour.
LONG_AGO = timedelta(minutes=50)
# It may tick at all sites at once, as after an outage of ours or of Forge.
SPREAD_SECONDS = 300


def catch_up(*, after: timedelta = timedelta(0)) -> None:
    """Have Jira asked soon for requests that changed; not again within five minutes."""
    last = OutboxEntry.objects.filter(topic=TOPIC).order_by("-pk").first()
    if last is not None and last.state == OutboxEntry.State.PENDING and last.claim is None:
        return
    delay = after
    if last is not None:
        delay = max(last.created_at + NOT_SOONER_THAN - timezone.now(), delay)
    promise(TOPIC, group="requests", subject="all", delay=delay)


def catch_up_if_due(installation: Installation) -> None:
    """Have Jira asked if that was long ago: once an hour, whatever the events have told."""
    known_until = installation.events_known_until
    if installation.site.state != Site.State.ACTIVE:
        return
    if known_until is None or timezone.now() - known_until > LONG_AGO:
        later = moment_of(installation.site.schema_name) % SPREAD_SECONDS
        with tenant_context(installation.site):
            catch_up(after=timedelta(seconds=later))
