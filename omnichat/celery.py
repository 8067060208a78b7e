"""The Celery application: a wake-up for workers; the database stays the truth."""

import os
from typing import Any

from celery import Celery
from celery.signals import task_prerun
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnichat.settings")

app = Celery("omnichat")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_prerun.connect
def leave_broken_connection(**_sent: Any) -> None:
    """Open another connection for this task when PostgreSQL has closed the one before.

    Requests do so after their first failure; a worker's threads keep theirs between tasks, and
    Celery would go on failing with it.
    """
    if connection.connection is not None and not connection.is_usable():
        connection.close()
