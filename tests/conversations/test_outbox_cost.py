"""Claiming costs the same however many entries the outbox has settled."""

import pytest
from django.db import connection
from django.utils import timezone

from conversations.models import OutboxEntry

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("settled", [0, 5000])
def test_the_next_entry_is_found_among_the_pending_alone(settled):
    done = OutboxEntry(topic="t", group="g", subject="1", state=OutboxEntry.State.DONE)
    OutboxEntry.objects.bulk_create([done for _entry in range(settled)])
    OutboxEntry.objects.create(topic="t", group="h", subject="2")
    if settled:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE conversations_outboxentry")

    plan = OutboxEntry.objects.next_in_line(timezone.now())[:1].explain()

    assert "Index Scan using outbox_pending" in plan
    assert "outbox_group" in plan
