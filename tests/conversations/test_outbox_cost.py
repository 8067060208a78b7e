"""Claiming costs the same however many entries the outbox has settled."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.claims import claim
from conversations.models import OutboxEntry

pytestmark = pytest.mark.django_db


def analyze():
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE conversations_outboxentry")


@pytest.mark.parametrize("settled", [0, 5000])
def test_the_next_entry_is_found_among_the_pending_alone(settled):
    done = {"topic": "t", "group": "g", "subject": "1", "state": OutboxEntry.State.DONE}
    OutboxEntry.objects.bulk_create([OutboxEntry(**done) for _entry in range(settled)])
    waiting = [OutboxEntry(topic="t", group=str(n), subject="2") for n in range(100)]
    OutboxEntry.objects.bulk_create(waiting)
    if settled:
        analyze()

    plan = OutboxEntry.objects.next_in_line(timezone.now())[:1].explain()

    assert "Seq Scan" not in plan
    assert "outboxentry_pkey" not in plan


def test_a_rush_that_the_statistics_know_nothing_of_is_not_compared_and_sorted():
    few = [OutboxEntry(topic="t", group=f"few-{n}", subject="1") for n in range(4)]
    OutboxEntry.objects.bulk_create(few)
    analyze()
    rush = [OutboxEntry(topic="t", group=f"rush-{n % 20}", subject="2") for n in range(2000)]
    OutboxEntry.objects.bulk_create(rush)

    with CaptureQueriesContext(connection) as asked:
        assert claim().group == "few-0"
        (search,) = [each["sql"] for each in asked if "SKIP LOCKED" in each["sql"]]
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE) {search}")
            plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "Sort" not in plan
    assert "using outbox_pending" in plan
