"""Since when background work stands still, so that messages wait on our side."""

from datetime import datetime

from django.utils import timezone

from conversations.models import InboxEntry, OutboxEntry
from tenants import pulses


def still_since() -> datetime | None:
    """Return the last round if none is done since and messages wait for one; None if all goes on.

    Without beat alone wake-ups pass it by: then only what waits in spite of them stands still.
    """
    since = pulses.silent_since(pulses.SWEEP)
    if since is None or (without_beat_alone() and not _something_waits()):
        return None
    return since


def without_beat_alone() -> bool:
    """Whether it is beat that no round is done for, while a worker is heard."""
    return bool(pulses.silent_since("beat")) and not pulses.silent_since("worker")


def _something_waits() -> bool:
    before = timezone.now() - pulses.SILENT_AFTER
    came = InboxEntry.objects.filter(state=InboxEntry.State.NEW, received_at__lt=before)
    promised = OutboxEntry.objects.pending().filter(run_after__lt=before)
    return came.exists() or promised.exists()
