"""What came in: kept once, understood in order, quarantined alone."""

from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest
import time_machine
from django.db import DataError, OperationalError, connection

from conversations import inbox
from conversations.errors import NotUnderstood, NotYetKnown, TemporaryFailure
from conversations.models import InboxEntry, OutboxEntry
from tenants.context import tenant_context

pytestmark = pytest.mark.django_db

LATER = timedelta(seconds=61)


class Reader:
    """A handler that fails for the bodies it is told to, and remembers what it read."""

    def __init__(self):
        self.bodies = []
        self.failures = {}

    def __call__(self, body):
        if body in self.failures:
            raise self.failures[body]
        self.bodies.append(body)


reader = Reader()


@pytest.fixture(autouse=True)
def _reader(settings, inside_acme):
    settings.INBOX_HANDLERS = {"test": f"{__name__}.reader"}
    reader.__init__()


def keep(*bodies, refused=""):
    inbox.keep("test", [inbox.Item(body.decode(), body, refused) for body in bodies])


def states():
    return list(InboxEntry.objects.order_by("pk").values_list("state", "reason"))


def test_items_are_read_in_the_order_they_came():
    keep(b"1", b"2", b"3")

    assert inbox.drain() == 3
    assert reader.bodies == [b"1", b"2", b"3"]


def test_item_kept_twice_is_read_once():
    keep(b"1")
    inbox.drain()
    keep(b"1")
    inbox.drain()

    assert reader.bodies == [b"1"]


def test_item_that_is_not_understood_is_quarantined_alone():
    reader.failures = {b"bad": NotUnderstood("The item is not an object.")}
    keep(b"1", b"bad", b"2")

    inbox.drain()

    assert reader.bodies == [b"1", b"2"]
    assert states()[1] == ("quarantined", "The item is not an object.")


def test_reason_of_a_defect_names_its_place_and_no_content():
    reader.failures = {b"bad": ValueError("secret words of a customer")}
    keep(b"bad")

    inbox.drain()

    ((state, reason),) = states()
    assert state == "quarantined"
    assert reason.startswith("ValueError in __call__:")


def test_defect_is_reported_with_what_was_raised(caplog):
    reader.failures = {b"bad": ValueError("secret words of a customer")}
    keep(b"bad")

    inbox.drain()

    (line,) = [each for each in caplog.records if each.levelname == "ERROR"]
    assert (line.msg, line.exc_info[0]) == ("inbox_item_failed", ValueError)


def test_item_refused_at_the_door_is_kept_in_quarantine():
    keep(b"<xml>", refused="The body is not JSON.")

    inbox.drain()

    assert states() == [("quarantined", "The body is not JSON.")]
    assert bytes(InboxEntry.objects.get().body) == b"<xml>"


def test_nothing_of_a_failed_item_stays_written():
    def write_and_fail(body):
        OutboxEntry.objects.create(topic="t", group="g", subject="s")
        raise NotUnderstood("No.")

    reader.__class__.__call__, original = lambda self, body: write_and_fail(body), Reader.__call__
    keep(b"1")
    inbox.drain()
    Reader.__call__ = original

    assert not OutboxEntry.objects.exists()


def test_report_of_something_unknown_waits():
    reader.failures = {b"report": NotYetKnown()}
    keep(b"report")

    assert inbox.drain() == 0
    assert states() == [("new", "waits for what it speaks of")]


def test_report_is_understood_when_its_subject_is_there():
    reader.failures = {b"report": NotYetKnown()}
    keep(b"report")
    inbox.drain()
    reader.failures = {}

    with time_machine.travel(datetime.now(UTC) + LATER):
        inbox.drain()

    assert reader.bodies == [b"report"]


def test_report_still_unknown_after_ten_minutes_is_not_ours():
    reader.failures = {b"report": NotYetKnown()}
    keep(b"report")

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
        inbox.drain()

    assert states() == [("done", "not ours")]


def test_waiting_item_lets_the_others_pass():
    reader.failures = {b"report": NotYetKnown()}
    keep(b"report", b"1")

    inbox.drain()

    assert reader.bodies == [b"1"]


def test_temporary_failure_is_tried_again():
    reader.failures = {b"1": TemporaryFailure("later")}
    keep(b"1")
    inbox.drain()
    reader.failures = {}

    with time_machine.travel(datetime.now(UTC) + LATER):
        inbox.drain()

    assert states()[0][0] == "done"


def test_quarantined_item_is_replayed():
    reader.failures = {b"1": NotUnderstood("Not yet.")}
    keep(b"1")
    inbox.drain()
    reader.failures = {}

    assert inbox.retry(InboxEntry.objects.all()) == 1
    inbox.drain()

    assert states() == [("done", "")]


def test_item_of_one_site_is_not_seen_by_the_other(globex):
    keep(b"1")

    with tenant_context(globex):
        assert inbox.drain() == 0
    assert inbox.drain() == 1


def test_keeping_a_hundred_items_is_one_statement(django_assert_num_queries, monkeypatch):
    keep(b"mark is trusted now")
    statements = Mock(side_effect=connection.execute_qualified)
    monkeypatch.setattr(connection, "execute_qualified", statements)

    with django_assert_num_queries(0):
        keep(*[str(number).encode() for number in range(100)])

    assert statements.call_count == 1


def test_value_the_database_refuses_is_quarantined_not_tried_for_ever():
    reader.failures = {b"bad": DataError("integer out of range")}
    keep(b"bad")

    inbox.drain()

    assert states()[0][0] == "quarantined"


def test_lost_database_is_tried_again():
    reader.failures = {b"1": OperationalError("the connection is gone")}
    keep(b"1")

    inbox.drain()

    assert states() == [("new", "OperationalError, will be tried again")]


def test_item_tried_for_weeks_is_still_tried_each_minute():
    reader.failures = {b"1": OperationalError("down")}
    keep(b"1")
    InboxEntry.objects.update(attempts=40_000)

    inbox.drain()

    assert InboxEntry.objects.get().due_at - datetime.now(UTC) < timedelta(seconds=61)
