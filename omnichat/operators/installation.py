"""The page about what runs: which processes are heard from, and what to do about silent ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin.lozenges import lozenge
from conversations.moments import ago
from omnichat.operators.site import operators
from omnichat.operators.totals import totals
from tenants import replica
from tenants.models import Pulse
from tenants.pulses import SILENT_AFTER, SWEEP

KINDS: dict[str, tuple[str | Promise, str | Promise]] = {
    "worker": (
        gettext_lazy("Worker"),
        gettext_lazy(
            "Messages wait in both directions. Start a worker, then read the last lines of its log."
        ),
    ),
    "beat": (
        gettext_lazy("Beat"),
        gettext_lazy("Lost wake-ups are not found, and figures grow old. Start beat, exactly one."),
    ),
    "stream": (
        gettext_lazy("Stream"),
        gettext_lazy(
            "Panels ask every four seconds instead of being rung: all goes on, with more load."
            " Start the stream."
        ),
    ),
    SWEEP: (
        gettext_lazy("Round of beat, broker and worker"),
        gettext_lazy(
            "Beat, the broker and a worker have not done a round together. If worker and beat are"
            " heard, look at the broker."
        ),
    ),
}


@dataclass(frozen=True)
class Process:
    name: str
    since: datetime
    heard: str


@dataclass(frozen=True)
class Kind:
    """One kind of process: how it stands, those of it that were heard, and what to do."""

    label: str | Promise
    standing: SafeString
    processes: list[Process]
    advice: str | Promise = ""


@operators.page("installation/")
def installation(request: HttpRequest) -> HttpResponse:
    """Show who was heard when, and what waits at all sites together."""
    return operators.show(
        request,
        "operator/installation.html",
        title=_("This installation"),
        kinds=[*_kinds(), *_replica()],
        **totals(),
    )


def silent_kinds() -> list[str]:
    """Return the labels of the kinds of processes that nobody hears."""
    return [str(kind.label) for kind in _kinds() if kind.advice]


def _replica() -> Iterator[Kind]:
    if not replica.in_use():
        return
    label, age = _("Replica for reports"), replica.behind()
    if age is None:
        yield Kind(
            label,
            lozenge(_("Does not answer"), "error"),
            [],
            _(
                "Reports are asked of the primary. See that the replica runs, and that"
                " DATABASE_REPLICA_URL leads to it."
            ),
        )
    elif age > replica.TOO_OLD:
        yield Kind(
            label,
            lozenge(_("Behind"), "error"),
            [],
            _(
                "Reports are asked of the primary. See whether the replica still receives"
                " (pg_stat_wal_receiver there), and which long question holds it up."
            ),
        )
    else:
        yield Kind(label, lozenge(_("Works"), "success"), [])


def _kinds() -> Iterator[Kind]:
    pulses = list(Pulse.objects.order_by("-beaten_at"))
    silent_before = timezone.now() - SILENT_AFTER
    for kind, (label, advice) in KINDS.items():
        found = [pulse for pulse in pulses if pulse.kind == kind]
        processes = [Process(each.name, each.since, ago(each.beaten_at)) for each in found]
        if not found:
            yield Kind(label, lozenge(_("Not heard of yet"), "warning"), processes, advice)
        elif found[0].beaten_at < silent_before:
            yield Kind(label, lozenge(_("Silent"), "error"), processes, advice)
        else:
            yield Kind(label, lozenge(_("Works"), "success"), processes)
