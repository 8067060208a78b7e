"""Putting a site to sleep and waking it: what an operator does when a site must stop at once."""

from functools import partial

from django.db import transaction

from channels.reconcile import ask_since_last_watch
from conversations import inbox, nudges, outbox
from tenants import directory, pending_work
from tenants.context import tenant_context
from tenants.models import Site
from tenants.provisioning import is_provisioned


def suspend(site: Site) -> None:
    """Let nothing in or out of a site, which is locked; its open panels are told."""
    with tenant_context(site):
        nudges.ring_site()
    _stand(site, Site.State.SUSPENDED)


def resume(site: Site) -> None:
    """Let a suspended site, which is locked, go on where it stood.

    What was promised leaves, and what the provider could not deliver meanwhile is asked for.
    """
    if site.uninstalled_at is not None:
        _stand(site, Site.State.UNINSTALLED)
    elif is_provisioned(site):
        _stand(site, Site.State.ACTIVE)
        _wake(site)
    else:
        _stand(site, Site.State.INSTALLING)


def _stand(site: Site, state: Site.State) -> None:
    site.state = state
    site.save(update_fields=["state"])
    transaction.on_commit(directory.forget)


def _wake(site: Site) -> None:
    pending_work.mark(site.schema_name)
    with tenant_context(site):
        # A site that was imported may have missed something within the hour.
        ask_since_last_watch()
        nudges.ring_site()
    for task_name in (inbox.DRAIN_TASK, outbox.DRAIN_TASK):
        transaction.on_commit(partial(nudges.wake_now, task_name, site.schema_name))
