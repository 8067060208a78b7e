"""A handler under which the database connection breaks: the promise is not held till the lease."""

import pytest
from django.db import connection
from django.utils import timezone

from conversations import outbox
from conversations.models import OutboxEntry

pytestmark = pytest.mark.django_db(transaction=True)


def break_the_connection(_promise):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def test_promise_whose_connection_broke_is_given_back_at_once(settings):
    settings.OUTBOX_HANDLERS = {"test.topic": f"{__name__}.break_the_connection"}
    outbox.promise("test.topic", group="one", subject="1")

    outbox.drain()

    entry = OutboxEntry.objects.get()
    assert (entry.claim, entry.last_error) == (None, "OperationalError")
    assert entry.started_at is not None
    assert (entry.run_after - timezone.now()).total_seconds() < 2
