"""Claiming costs the same however many entries the outbox has settled, or has behind others."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations.claims import claim
from conversations.models import OutboxEntry

pytestmark = pytest.mark.django_db


def analyze():
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE conversations_outboxentry")


def search_of_a_claim():
    """Claim twice; returns how PostgreSQL has searched for the second one."""
    with CaptureQueriesContext(connection) as asked:
        claim()
        (statement,) = [each["sql"] for each in asked if "SKIP LOCKED" in each["sql"]]
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE) {statement}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
    return plan.split("CTE next")[1].split("CTE Scan on next")[0]


@pytest.mark.parametrize("settled", [0, 5000])
def test_the_next_entry_is_found_among_the_pending_alone(settled):
    done = {"topic": "t", "group": "g", "subject": "1", "state": OutboxEntry.State.DONE}
    OutboxEntry.objects.bulk_create([OutboxEntry(**done) for _entry in range(settled)])
    waiting = [OutboxEntry(topic="t", group=str(n), subject="2") for n in range(100)]
    OutboxEntry.objects.bulk_create(waiting)
    if settled:
        analyze()

    search = search_of_a_claim()

    assert "Seq Scan" not in search
    assert "outboxentry_pkey" not in search


def test_a_rush_that_the_statistics_know_nothing_of_is_not_compared_and_sorted():
    few = [OutboxEntry(topic="t", group=f"few-{n}", subject="1") for n in range(4)]
    OutboxEntry.objects.bulk_create(few)
    analyze()
    rush = [OutboxEntry(topic="t", group=f"rush-{n % 20}", subject="2") for n in range(2000)]
    OutboxEntry.objects.bulk_create(rush)

    search = search_of_a_claim()

    assert "Sort" not in search
    assert "using outbox_pending" in search


def test_those_behind_one_in_hand_are_not_compared_with_it_one_by_one():
    OutboxEntry.objects.bulk_create(
        OutboxEntry(topic="test", group="one", subject=str(number)) for number in range(100)
    )

    search = search_of_a_claim()

    assert "hashed SubPlan" in search
    assert "never executed" in search
