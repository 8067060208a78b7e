"""The Celery application: a wake-up for workers; the database stays the truth."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnichat.settings")

app = Celery("omnichat")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
