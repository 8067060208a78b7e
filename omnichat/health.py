"""For operators: alive, ready, figures."""

from collections.abc import Iterable

from django.db import Error, connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from omnichat.metrics_server import may_read, of_process
from omnichat.process_metrics import ProcessFigures
from omnichat.queue_metrics import QueueFigures
from tenants.models import Site


class SiteFigures(Collector):
    """How many sites there are, read from the database when somebody asks."""

    def describe(self) -> Iterable[Metric]:
        return []  # else they would be read when this is registered

    def collect(self) -> Iterable[Metric]:
        states = GaugeMetricFamily("omnichat_sites", "Sites, by state.", labels=["state"])
        disconnected = GaugeMetricFamily(
            "omnichat_sites_disconnected", "Active sites that Jira is out of reach for."
        )
        try:
            found = list(
                Site.objects.values_list("state")
                .annotate(Count("pk"), Count("disconnected_since"))
                .order_by()
            )
        except Error:
            return []  # the other figures matter all the more
        counts = {state: (sites, lost) for state, sites, lost in found}
        for state in Site.State.values:
            states.add_metric([state], counts.get(state, (0, 0))[0])
        disconnected.add_metric([], counts.get(Site.State.ACTIVE, (0, 0))[1])
        return [states, disconnected]


# Of the installation, whichever process is asked: told here alone, so that no sum counts it twice.
INSTALLATION = CollectorRegistry()
INSTALLATION.register(SiteFigures())
INSTALLATION.register(QueueFigures())
INSTALLATION.register(ProcessFigures())


def healthz(_request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(_request: HttpRequest) -> HttpResponse:
    """The process can do its work: the database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return HttpResponse("no database", status=503, content_type="text/plain")
    return HttpResponse("ready", content_type="text/plain")


def metrics(request: HttpRequest) -> HttpResponse:
    """Figures of the web processes and of the installation, in Prometheus' format."""
    if not may_read(request.headers.get("Authorization", "")):
        refused = {"WWW-Authenticate": "Bearer"}
        return HttpResponse("a token is required", status=401, headers=refused)
    figures = of_process() + generate_latest(INSTALLATION)
    return HttpResponse(figures, content_type=CONTENT_TYPE_LATEST)
