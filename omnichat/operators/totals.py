"""What stands above the list: all sites together, and how old the figures are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, Q, Sum
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations.moments import ago
from omnichat.figures import STALE_AFTER
from omnichat.operators import wording
from omnichat.operators.troubles import in_trouble
from tenants.models import Site, SiteFigures

SUMS = (
    *("inbox_waiting", "outbox_waiting", "quarantined", "outbox_dead"),
    *("messages_in", "messages_out", "failed_sends"),
)


@dataclass(frozen=True)
class Total:
    """One number with its name; `url` leads to the sites that it counts."""

    name: str | Promise
    value: int
    url: str = ""
    more: str = ""


def totals() -> dict[str, Any]:
    """Return the totals by three queries, however many sites there are."""
    counts = dict(Site.objects.values_list("state").annotate(Count("pk")).order_by())
    found = _found()
    stale = counts.get(Site.State.ACTIVE, 0) - found["known"] + found["late"]
    return {
        "totals": [*_of_states(counts), *_of_figures(found)],
        "counted_between": _counted_between(found["first"], found["last"]),
        "stale": _said_of(stale) if stale else "",
    }


def _found() -> dict[str, Any]:
    """Return what the figures of the active sites come to."""
    late = Q(counted_at=None) | Q(counted_at__lt=timezone.now() - STALE_AFTER)
    return SiteFigures.objects.filter(site__state=Site.State.ACTIVE).aggregate(
        **{name: Sum(name, default=0) for name in SUMS},
        inbox_oldest_at=Min("inbox_oldest_at"),
        outbox_oldest_at=Min("outbox_oldest_at"),
        first=Min("counted_at"),
        last=Max("counted_at"),
        known=Count("pk"),
        late=Count("pk", filter=late),
    )


def _of_states(counts: dict[str, int]) -> list[Total]:
    states = [
        Total(words, counts.get(state, 0), f"?state__exact={state}")
        for state, (words, _level) in wording.STATES.items()
    ]
    in_any = Site.objects.filter(in_trouble()).count()
    return [*states, Total(_("In trouble"), in_any, "?trouble=any")]


def _of_figures(found: dict[str, Any]) -> list[Total]:
    failed = wording.failed_share(found["failed_sends"], found["messages_out"])
    oldest_in = wording.oldest_of(found["inbox_oldest_at"])
    oldest_out = wording.oldest_of(found["outbox_oldest_at"])
    return [
        Total(_("Incoming, waiting"), found["inbox_waiting"], more=oldest_in),
        Total(_("Outgoing, waiting"), found["outbox_waiting"], more=oldest_out),
        Total(_("In quarantine"), found["quarantined"], "?trouble=quarantine"),
        Total(_("Messages in, 24 hours"), found["messages_in"]),
        Total(_("Messages out, 24 hours"), found["messages_out"], more=failed),
    ]


def _said_of(stale: int) -> str:
    words = ngettext(
        "The figures of %(count)d active site are older than 15 minutes or missing. Look"
        " whether beat and the workers run.",
        "The figures of %(count)d active sites are older than 15 minutes or missing. Look"
        " whether beat and the workers run.",
        stale,
    )
    return words % {"count": stale}


def _counted_between(first: datetime | None, last: datetime | None) -> str:
    """Say how old the figures are that were summed up."""
    if first is None or last is None:
        return ""
    oldest, newest = ago(first), ago(last)
    if oldest == newest:
        return _("Of the active sites, counted %(time)s.") % {"time": newest}
    words = _("Of the active sites, counted between %(oldest)s and %(newest)s.")
    return words % {"oldest": oldest, "newest": newest}
