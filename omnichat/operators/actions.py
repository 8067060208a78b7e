"""What operators do to a site: each asked about first, for a reason, and written down."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from channels import readdressing
from conversations.nudges import wake_now
from jira_bridge.installation import PROVISION_TASK
from omnichat import tasks
from omnichat.operators import suspension
from tenants import site_events
from tenants.context import tenant_context
from tenants.models import Site

Text = str | Promise


@dataclass(frozen=True)
class Action:
    """Something that can be done to a site while it is `offered`."""

    name: str  # in addresses
    event: str  # as it is written down
    label: Text  # of the button
    title: Text  # of the question
    sentences: Sequence[Text]  # what will come of it
    offered: Callable[[Site], bool]
    act: Callable[[Site], object]  # in a transaction, with the site locked
    done: Text
    dangerous: bool = False


@transaction.atomic
def perform(action: Action, site_id: int, *, by: str, reason: str) -> bool:
    """Do it and write it down; False if it is not offered any more."""
    site = Site.objects.select_for_update().get(pk=site_id)
    if not action.offered(site):
        return False
    action.act(site)
    site_events.record(site, action.event, by=by, reason=reason)
    return True


def actions_for(site: Site) -> list[Action]:
    return [action for action in ACTIONS.values() if action.offered(site)]


def _in_worker(task: Any) -> Callable[[Site], None]:
    """Return what has a worker do it after the commit: no request waits for that."""

    def act(site: Site) -> None:
        name = task if isinstance(task, str) else task.name
        transaction.on_commit(partial(wake_now, name, site.schema_name))

    return act


def _new_address(site: Site) -> None:
    with tenant_context(site):
        readdressing.replace_and_readdress()


def _is(*states: Site.State) -> Callable[[Site], bool]:
    return lambda site: site.state in states


def _is_behind(site: Site) -> bool:
    figures = getattr(site, "figures", None)
    return site.state != Site.State.INSTALLING and bool(figures and figures.missing_migrations)


_ALL = (
    Action(
        name="suspend",
        event="suspended",
        label=gettext_lazy("Suspend…"),
        title=gettext_lazy("Suspend %(site)s?"),
        sentences=(
            gettext_lazy(
                "Nothing is sent or taken in any more, and the site's console and panels close:"
                " agents read that OmniChat is switched off. Within ten seconds all processes"
                " know it. Nothing is deleted."
            ),
            gettext_lazy(
                "The provider's webhook is answered 404. Infobip tries again for about 41 hours,"
                " and after a resumption what was missed is fetched from there as far as it goes:"
                " longer than that, customers' messages may be lost."
            ),
        ),
        offered=_is(Site.State.ACTIVE, Site.State.INSTALLING),
        act=suspension.suspend,
        done=gettext_lazy("The site is suspended."),
        dangerous=True,
    ),
    Action(
        name="resume",
        event="resumed",
        label=gettext_lazy("Resume…"),
        title=gettext_lazy("Resume %(site)s?"),
        sentences=(
            gettext_lazy(
                "The site goes on where it stood: what was promised leaves now, also messages"
                " that agents wrote before the suspension, and what customers wrote meanwhile is"
                " asked of the provider."
            ),
        ),
        offered=_is(Site.State.SUSPENDED),
        act=suspension.resume,
        done=gettext_lazy("The site is resumed."),
    ),
    Action(
        name="provision",
        event="provisioning asked for",
        label=gettext_lazy("Retry the installation…"),
        title=gettext_lazy("Make the schema of %(site)s again?"),
        sentences=(
            gettext_lazy(
                "A worker makes what is missing of the site's schema, its console's address and"
                " its webhook address. It is tried every 15 seconds anyway."
            ),
        ),
        offered=_is(Site.State.INSTALLING),
        act=_in_worker(PROVISION_TASK),
        done=gettext_lazy("A worker is at it. Its result stands in the history in a moment."),
    ),
    Action(
        name="migrate",
        event="migration asked for",
        label=gettext_lazy("Migrate now…"),
        title=gettext_lazy("Migrate the schema of %(site)s?"),
        sentences=(
            gettext_lazy(
                "A worker runs the migrations that this site lacks, and no other site's. Meanwhile"
                " the site may be slow."
            ),
        ),
        offered=_is_behind,
        act=_in_worker(tasks.migrate_site),
        done=gettext_lazy("A worker is at it. Its result stands in the history in a moment."),
    ),
    Action(
        name="new-address",
        event="webhook address replaced",
        label=gettext_lazy("New webhook address…"),
        title=gettext_lazy("Give %(site)s a new webhook address?"),
        sentences=(
            gettext_lazy(
                "The address before it works for seven days more. Where the site has subscribed"
                " its webhook, a worker tells the provider the new one."
            ),
            gettext_lazy(
                "Where the site's admins have entered the address in the provider's portal by"
                " hand, they must enter the new one within seven days: tell them."
            ),
        ),
        offered=_is(Site.State.ACTIVE),
        act=_new_address,
        done=gettext_lazy("The site has a new webhook address."),
        dangerous=True,
    ),
    Action(
        name="rotate",
        event="encryption asked for",
        label=gettext_lazy("Encrypt secrets anew…"),
        title=gettext_lazy("Encrypt the secrets of %(site)s with the newest key?"),
        sentences=(
            gettext_lazy(
                "A worker stores every secret of this site again, with the first of"
                " ENCRYPTION_KEYS. The secrets themselves stay as they are."
            ),
        ),
        offered=_is(Site.State.ACTIVE, Site.State.SUSPENDED, Site.State.UNINSTALLED),
        act=_in_worker(tasks.rotate_encryption),
        done=gettext_lazy("A worker is at it. Its result stands in the history in a moment."),
    ),
)
ACTIONS = {action.name: action for action in _ALL}
