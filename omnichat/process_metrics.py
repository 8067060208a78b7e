"""For monitoring: which processes are heard from, and what they all stand on."""

import shutil
from collections.abc import Iterable
from time import time

from django.conf import settings
from django.db import Error, connection
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from tenants.pulses import KINDS, SILENT_AFTER

PULSES = """
    SELECT kind, count(*) FILTER (WHERE age < %s), min(age)
    FROM (SELECT kind, extract(epoch FROM clock_timestamp() - beaten_at)::float AS age
          FROM public.tenants_pulse) AS pulses
    GROUP BY kind
"""
# What another role does is counted as well, its state is nobody's business.
CONNECTIONS = """
    SELECT coalesce(state, 'unknown'), count(*) FROM pg_stat_activity
    WHERE datname = current_database() GROUP BY 1
"""


class ProcessFigures(Collector):
    """Read from the database when somebody asks."""

    def describe(self) -> Iterable[Metric]:
        return []  # else they would be read when this is registered

    def collect(self) -> Iterable[Metric]:
        yield from _files()
        try:
            yield from [*_pulses(), *_connections(), *_clock()]
        except Error:
            return  # the other figures matter all the more


def _pulses() -> Iterable[Metric]:
    heard = GaugeMetricFamily(
        "omnichat_processes", "Processes that were heard from lately, by kind.", labels=["kind"]
    )
    age = GaugeMetricFamily(
        "omnichat_heard_seconds", "Since the youngest word of a kind of process.", labels=["kind"]
    )
    with connection.cursor() as cursor:
        cursor.execute(PULSES, (SILENT_AFTER.total_seconds(),))
        found = {kind: (count, seconds) for kind, count, seconds in cursor.fetchall()}
    for kind in KINDS:
        count, seconds = found.get(kind, (0, None))
        heard.add_metric([kind], count)
        if seconds is not None:
            age.add_metric([kind], max(seconds, 0.0))
    return [heard, age]


def _connections() -> Iterable[Metric]:
    now = GaugeMetricFamily(
        "omnichat_database_connections", "Connections to the database.", labels=["state"]
    )
    most = GaugeMetricFamily("omnichat_database_connections_max", "As many as the server takes.")
    with connection.cursor() as cursor:
        cursor.execute(CONNECTIONS)
        for state, count in cursor.fetchall():
            now.add_metric([state], count)
        cursor.execute("SELECT current_setting('max_connections')::int")
        most.add_metric([], cursor.fetchone()[0])
    return [now, most]


def _clock() -> Iterable[Metric]:
    ahead = GaugeMetricFamily(
        "omnichat_clock_ahead_seconds", "How far this machine's clock is before the database's."
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float")
        ahead.add_metric([], time() - cursor.fetchone()[0])
    return [ahead]


def _files() -> Iterable[Metric]:
    """A bucket has no end that we could see."""
    if settings.FILES_S3_BUCKET:
        return
    try:
        disk = shutil.disk_usage(settings.MEDIA_ROOT)
    except OSError:
        return  # before the first file there may be no folder
    free = GaugeMetricFamily("omnichat_files_free_ratio", "Share of the files' disk that is free.")
    free.add_metric([], disk.free / disk.total)
    yield free
