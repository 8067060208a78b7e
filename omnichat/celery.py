"""The Celery application: a wake-up for workers; the database stays the truth."""

import os
import sys
from typing import Any

from celery import Celery
from celery.signals import beat_init, task_prerun, worker_init, worker_shutdown
from django.core.exceptions import ImproperlyConfigured

from omnichat import observing, task_log
from tenants.broken_connections import leave_broken_connection
from tenants.pooling import refuse_transaction_pooler
from tenants.pulses import Heart
from tenants.side_connection import conninfo

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnichat.settings")

app = Celery("omnichat")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
task_log.connect()

_hearts: list[Heart] = []


@beat_init.connect
@worker_init.connect
def look_at_the_deployment(**_sent: Any) -> None:
    try:
        refuse_transaction_pooler()
    except ImproperlyConfigured as refusal:
        # Celery writes down what a receiver raises, and goes on.
        raise SystemExit(str(refusal)) from refusal


@beat_init.connect
def let_beats_heart_beat(**_sent: Any) -> None:
    observing.begin("beat")
    _start_heart("beat")


@worker_init.connect
def let_workers_heart_beat(**_sent: Any) -> None:
    observing.begin("worker")
    _start_heart("worker")


@worker_shutdown.connect
def still_the_heart(**_sent: Any) -> None:
    while _hearts:
        _hearts.pop().stop()


@worker_init.connect
def hand_over_sooner(**_sent: Any) -> None:
    """Let a thread that has its answer wait 1 ms for another one's Python, not Python's 5.

    Understanding one message waits thirty times for the database.
    """
    sys.setswitchinterval(0.001)


@task_prerun.connect
def begin_on_working_connection(**_sent: Any) -> None:
    """Leave a connection that PostgreSQL has closed between this task and the one before.

    Requests do so after their first failure; a worker's threads keep theirs between tasks, and
    Celery would go on failing with it.
    """
    leave_broken_connection()


def _start_heart(kind: str) -> None:
    heart = Heart(kind, conninfo())
    _hearts.append(heart)
    heart.start()
