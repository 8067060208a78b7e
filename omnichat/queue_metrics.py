"""For monitoring: what waits and what failed over all sites, as last counted; no site is named."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import Error
from django.db.models import Max, Min, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from tenants.models import Site, SiteFigures

COUNTED = {
    "inbox_waiting": "Items that came in and are not understood yet",
    "outbox_waiting": "Promises that are due and not kept yet",
    "quarantined": "Items that came in and were not understood",
    "outbox_dead": "Promises that were refused for good",
}
AGES = {
    "inbox_oldest_at": ("omnichat_inbox_oldest_seconds", "Age of the oldest item that waits."),
    "outbox_oldest_at": ("omnichat_outbox_oldest_seconds", "Age of the oldest promise that waits."),
    "counted_at": ("omnichat_figures_oldest_seconds", "Since the stalest site was counted."),
}


class QueueFigures(Collector):
    """Sums and the greatest over the active sites, from the figures that beat has refreshed."""

    def describe(self) -> Iterable[Metric]:
        return []  # else they would be read when this is registered

    def collect(self) -> Iterable[Metric]:
        of_sites = SiteFigures.objects.filter(site__state=Site.State.ACTIVE)
        asked: dict[str, Any] = {f"{name}_sum": Coalesce(Sum(name), 0) for name in COUNTED}
        asked |= {f"{name}_max": Coalesce(Max(name), 0) for name in COUNTED}
        asked |= {name: Min(name) for name in AGES}
        try:
            found = of_sites.aggregate(**asked)
        except Error:
            return []  # the other figures matter all the more
        sums = [_gauge(f"omnichat_{n}", f"{w}.", found[f"{n}_sum"]) for n, w in COUNTED.items()]
        greatest = [
            _gauge(f"omnichat_{n}_max", f"{w}, at one site.", found[f"{n}_max"])
            for n, w in COUNTED.items()
        ]
        ages = [_gauge(name, what, _age(found[field])) for field, (name, what) in AGES.items()]
        return [*sums, *greatest, *ages]


def _gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(name, what)
    gauge.add_metric([], value)
    return gauge


def _age(moment: datetime | None) -> float:
    return max((timezone.now() - moment).total_seconds(), 0.0) if moment else 0.0
