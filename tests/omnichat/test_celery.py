"""Workers keep their database connections between tasks, but not broken ones."""

import logging
import sys

import pytest
from celery.app.log import Logging
from celery.signals import task_prerun
from django.db import OperationalError, connection

from omnichat.celery import app, hand_over_sooner
from tenants.models import Site
from tenants.side_connection import SideConnection

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cut_connection(transactional_db):
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    side = SideConnection()
    side.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    side.close()
    yield
    connection.close()


def test_a_task_does_not_start_on_a_connection_that_was_cut(cut_connection):
    task_prerun.send(sender=None)

    assert Site.objects.count() == 2


def test_without_it_every_task_of_the_thread_would_fail(cut_connection):
    for _task in range(2):
        with pytest.raises(OperationalError):
            Site.objects.count()


def test_a_working_connection_is_kept(transactional_db):
    before = Site.objects.count(), connection.connection

    task_prerun.send(sender=None)

    assert (Site.objects.count(), connection.connection) == before


def test_a_broker_is_waited_for_without_end():
    assert app.conf.broker_connection_max_retries is None
    assert app.conf.broker_connection_retry_on_startup is True


def test_a_worker_hands_over_between_its_threads_sooner(monkeypatch):
    intervals = []
    monkeypatch.setattr(sys, "setswitchinterval", intervals.append)

    hand_over_sooner()

    assert intervals == [0.001]


def test_worker_logs_as_the_settings_say(monkeypatch):
    handler = logging.StreamHandler()
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])

    Logging(app).setup_logging_subsystem(loglevel="INFO")

    assert logging.getLogger().handlers == [handler]
