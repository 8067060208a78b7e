"""Leafing through long lists: by where the reader stands, not by numbers of pages."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations.admin.audit_events import AuditEventAdmin
from conversations.admin.paging import Keyset
from conversations.models import AuditEvent
from tests.consoles import owners_client

pytestmark = pytest.mark.django_db

LIST = "/admin/conversations/auditevent/?"
KEYSET = Keyset("-occurred_at", "-id")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def short_pages(monkeypatch):
    monkeypatch.setattr(AuditEventAdmin, "list_per_page", 3)


def test_older_goes_on_where_the_page_ends():
    events(range(8))

    first = page(LIST)
    second = page(first.older_url)
    third = page(second.older_url)

    assert [numbers(each) for each in (first, second, third)] == [[7, 6, 5], [4, 3, 2], [1, 0]]
    assert third.older_url == ""


def test_newer_leads_back_and_newest_to_the_top():
    events(range(10))
    third = page(page(page(LIST).older_url).older_url)

    assert numbers(page(third.newer_url)) == [6, 5, 4]
    assert numbers(page(third.newest_url)) == [9, 8, 7]
    assert page(third.newest_url).newest_url == ""


def test_last_step_back_fills_the_first_page():
    events(range(4))
    second_newest = page(LIST).result_list[1]

    back = page(f"{LIST}&newer={KEYSET.cursor_of(second_newest)}")

    assert numbers(back) == [3, 2, 1]
    assert back.newest_url == ""


def test_rows_that_arrive_meanwhile_shift_nothing():
    events(range(6))
    first = page(LIST)
    events([6, 7])

    assert numbers(page(first.older_url)) == [2, 1, 0]


def test_equal_times_are_told_apart_by_their_ids():
    AuditEvent.objects.bulk_create(
        AuditEvent(actor_kind="system", action=str(number), occurred_at=NOON) for number in range(5)
    )
    first = page(LIST)

    assert numbers(first) + numbers(page(first.older_url)) == [4, 3, 2, 1, 0]


def test_no_page_is_counted_or_skipped_over():
    events(range(9))
    second = page(LIST).older_url

    with CaptureQueriesContext(connection) as queries:
        page(second)

    asked = [query["sql"] for query in queries if 'FROM "conversations_auditevent"' in query["sql"]]
    assert all("COUNT(" not in sql and "OFFSET" not in sql for sql in asked)
    assert any("LIMIT 4" in sql for sql in asked)


@pytest.mark.parametrize("side", ["older", "newer"])
@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%00",
        "é",
        "W10",  # []
        "e30",  # {}
        "WzEsMl0",  # [1, 2]
        "WyIyMDI2LTExLTIwIiwgIngiXQ",  # ["2026-11-20", "x"]
        "WyIyMDI2LTExLTIwVDEyOjAwOjAwIiwgIjEiXQ",  # ["2026-11-20T12:00:00", "1"]
        "W" * 20_000,
    ],
)
def test_hostile_cursor_is_the_first_page(side, cursor):
    events(range(4))

    assert numbers(page(f"{LIST}&{side}={cursor}")) == [3, 2, 1]


@pytest.mark.parametrize(
    "written",
    [
        ("0001-01-01T00:00:00+14:00", "1"),
        ("9999-12-31T23:59:59-14:00", "1"),
        ("2026-11-20T12:00:00+00:00", "9" * 60),
        ("2026-11-20T12:00:00+00:00", "-1"),
    ],
)
def test_place_out_of_this_world_breaks_nothing(written):
    events(range(2))
    row = AuditEvent(pk=written[1])
    row.occurred_at = written[0]

    assert owners_client().get(f"{LIST}&older={KEYSET.cursor_of(row)}").status_code == 200


def test_chunks_hold_all_rows_once_and_in_order():
    events(range(7))

    chunks = list(KEYSET.chunks(AuditEvent.objects.all(), 3))

    assert [len(chunk) for chunk in chunks] == [3, 3, 1]
    assert [int(event.action) for chunk in chunks for event in chunk] == [6, 5, 4, 3, 2, 1, 0]


def test_keyset_may_go_upwards():
    events(range(3))
    upwards = Keyset("id")
    second = AuditEvent.objects.get(action="1")

    rows = AuditEvent.objects.all()
    assert [row.action for row in upwards.following(rows, [second.pk])] == ["2"]
    assert [row.action for row in upwards.preceding(rows, [second.pk])] == ["0"]


def events(numbers):
    AuditEvent.objects.bulk_create(
        AuditEvent(
            actor_kind="system", action=str(number), occurred_at=NOON + timedelta(minutes=number)
        )
        for number in numbers
    )


def page(address):
    address = address if address.startswith("/") else f"/admin/conversations/auditevent/{address}"
    return owners_client().get(address).context["cl"]


def numbers(changelist):
    return [int(event.action) for event in changelist.result_list]
