"""Claiming costs the same however many entries the outbox has settled."""

import pytest
from django.db import connection
from django.utils import timezone

from conversations.models import OutboxEntry

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("settled", [0, 5000])
def test_the_next_entry_is_found_among_the_pending_alone(settled):
    done = {"topic": "t", "group": "g", "subject": "1", "state": OutboxEntry.State.DONE}
    OutboxEntry.objects.bulk_create([OutboxEntry(**done) for _entry in range(settled)])
    waiting = [OutboxEntry(topic="t", group=str(n), subject="2") for n in range(100)]
    OutboxEntry.objects.bulk_create(waiting)
    if settled:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE conversations_outboxentry")

    plan = OutboxEntry.objects.next_in_line(timezone.now())[:1].explain()

    assert "Seq Scan" not in plan
    assert "outboxentry_pkey" not in plan
