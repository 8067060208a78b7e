"""How background work does, for the Overview: without it messages wait in both directions."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from conversations.admin.health import Health
from conversations.admin.notices import Notice
from conversations.models import InboxEntry, OutboxEntry
from conversations.moments import ago
from conversations.standstill import still_since
from tenants import pulses
from tenants.models import Pulse


def standstill_notice() -> Iterator[Notice]:
    """Yield what an admin should know while nothing goes on."""
    if since := still_since():
        text = _(
            "Messages wait on our side, customers' as well as agents'. None is lost: they go on by"
            " themselves. Tell whoever runs OmniChat. Last heard: %(ago)s."
        )
        yield Notice("error", _("OmniChat stands still"), text % {"ago": ago(since)})


def health() -> Iterator[Health]:
    name = _("Background work")
    if not Pulse.objects.filter(kind=pulses.SWEEP).exists():
        yield Health(name, "unknown", _("has not run yet"))
        return
    last_round = pulses.silent_since(pulses.SWEEP)
    if last_round is None:
        yield Health(name, "good", _("runs"))
        return
    since = still_since()
    if since is None:
        text = _(
            "goes on, but what is missed or fails is not tried again: the last round was %(ago)s."
            " Tell whoever runs OmniChat"
        )
        yield Health(name, "bad", text % {"ago": ago(last_round)})
        return
    waiting = {
        "ago": ago(since),
        "incoming": InboxEntry.objects.filter(state=InboxEntry.State.NEW).count(),
        "outgoing": OutboxEntry.objects.pending().count(),
    }
    text = _(
        "stands still: ran last %(ago)s. Waiting: %(incoming)d in, %(outgoing)d out; none is lost."
        " Tell whoever runs OmniChat"
    )
    yield Health(name, "bad", text % waiting)
