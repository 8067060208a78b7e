"""How background work does, for the Overview: without it messages wait in both directions."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from conversations.admin.health import Health
from conversations.models import InboxEntry, OutboxEntry
from conversations.moments import ago
from tenants import pulses
from tenants.models import Pulse


def health() -> Iterator[Health]:
    name = _("Background work")
    if not Pulse.objects.filter(kind=pulses.SWEEP).exists():
        yield Health(name, "unknown", _("has not run yet"))
        return
    since = pulses.silent_since(pulses.SWEEP)
    if since is None:
        yield Health(name, "good", _("runs"))
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
