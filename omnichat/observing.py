"""How a process begins to be seen from outside: lines with its kind, figures, reports."""

import logging

from django.conf import settings
from prometheus_client import Gauge

from omnichat import logs, metrics_server, telemetry

logger = logging.getLogger(__name__)

BUILD = Gauge(
    "omnichat_build_info",
    "Always 1: which release a process of a kind runs.",
    ["release", "process"],
    multiprocess_mode="mostrecent",
)


def begin(process: str) -> None:
    """Called once by each process of the kinds web, worker, beat and stream."""
    logs.name_process(process)
    BUILD.labels(settings.RELEASE, process).set(1)
    telemetry.begin(process)
    if process in {"worker", "beat"} and settings.METRICS_PORT:
        try:
            metrics_server.start(settings.METRICS_PORT)
        except OSError:  # another process on this machine has it: the work goes on without
            logger.exception("metrics_not_served", extra={"port": settings.METRICS_PORT})
