"""Promises: kept once, tried again, never forgotten."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from conversations import outbox
from conversations.claims import claim
from conversations.errors import (
    NotYetItsTurn,
    PermanentFailure,
    TemporaryFailure,
    UnknownOutcome,
)
from conversations.models import OutboxEntry

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


class Neighbour:
    """A handler that answers what it is told to, and remembers what it was asked."""

    def __init__(self):
        self.asked = []
        self.answers = []

    def __call__(self, promise):
        self.asked.append(promise)
        if self.answers:
            answer = self.answers.pop(0)
            if answer:
                raise answer


neighbour = Neighbour()


@pytest.fixture(autouse=True)
def _neighbour(settings, inside_acme):
    settings.OUTBOX_HANDLERS = {"test.topic": f"{__name__}.neighbour"}
    neighbour.__init__()
    with time_machine.travel(NOW, tick=False):
        yield


def promise(group="one", subject="1", **changes):
    outbox.promise("test.topic", group=group, subject=subject, **changes)


def drain_at(seconds):
    with time_machine.travel(NOW + timedelta(seconds=seconds), tick=False):
        return outbox.drain()


def test_promise_is_kept_once():
    promise()

    outbox.drain()
    outbox.drain()

    assert [asked.subject for asked in neighbour.asked] == ["1"]
    assert OutboxEntry.objects.get().state == "done"


def test_first_try_is_certain():
    promise()

    outbox.drain()

    assert neighbour.asked[0].uncertain_since is None


def test_promise_with_a_delay_waits():
    promise(delay=timedelta(seconds=10))

    assert drain_at(9) == 0
    assert drain_at(10) == 1


def test_temporary_failure_is_tried_again_and_stays_certain():
    neighbour.answers = [TemporaryFailure("busy")]
    promise()
    outbox.drain()

    drain_at(60)

    assert [asked.uncertain_since for asked in neighbour.asked] == [None, None]
    assert OutboxEntry.objects.get().state == "done"


def test_retry_after_is_honoured():
    neighbour.answers = [TemporaryFailure("slow down", retry_after=30)]
    promise()
    outbox.drain()

    assert drain_at(29) == 0
    assert drain_at(30) == 1


def test_unknown_outcome_makes_the_next_try_uncertain():
    neighbour.answers = [UnknownOutcome("no answer")]
    promise()
    outbox.drain()

    drain_at(60)

    assert neighbour.asked[1].uncertain_since == NOW


def give_up_waiting(_promise):
    """Wait 25 s for an answer, in vain; the request may have arrived at their end."""
    raise UnknownOutcome("no answer")


def test_uncertainty_counts_from_the_end_of_a_try_that_waited_in_vain(settings):
    settings.OUTBOX_HANDLERS = {"test.topic": f"{__name__}.give_up_waiting"}
    promise()
    entry = claim()

    with time_machine.travel(NOW + timedelta(seconds=25), tick=False):
        outbox._keep(entry)

    assert OutboxEntry.objects.get().started_at == NOW + timedelta(seconds=25)


def test_handler_that_is_missing_stops_no_other_promise():
    outbox.promise("topic.of-a-newer-version", group="new", subject="1")
    promise(subject="2")

    outbox.drain()

    assert [asked.subject for asked in neighbour.asked] == ["2"]
    assert OutboxEntry.objects.get(topic="topic.of-a-newer-version").last_error == "KeyError"


def test_uncertainty_begins_with_the_first_try_that_may_have_left():
    neighbour.answers = [UnknownOutcome("no answer"), UnknownOutcome("still none")]
    promise()
    outbox.drain()
    drain_at(60)

    drain_at(120)

    assert neighbour.asked[2].uncertain_since == NOW


def test_certainty_returns_after_a_known_failure():
    neighbour.answers = [
        UnknownOutcome("no answer"),
        TemporaryFailure("was not taken", retry_after=0),
    ]
    promise()
    outbox.drain()

    drain_at(60)

    assert neighbour.asked[2].uncertain_since is None


def test_worker_that_died_leaves_an_uncertain_entry_when_its_lease_runs_out():
    promise()
    claim()

    assert drain_at(OutboxEntry.LEASE.total_seconds() - 1) == 0
    assert drain_at(OutboxEntry.LEASE.total_seconds()) == 1
    assert neighbour.asked[0].uncertain_since == NOW


def test_settling_counts_only_with_the_claim_it_was_taken_with():
    promise()
    stale = claim()
    OutboxEntry.objects.update(run_after=NOW)
    current = claim()

    outbox._keep(stale)

    entry = OutboxEntry.objects.get()
    assert (entry.state, entry.claim) == ("pending", current.claim)


def test_permanent_failure_is_dead_at_once_with_its_reason():
    neighbour.answers = [PermanentFailure("field customfield_10070 is required")]
    promise()

    outbox.drain()

    entry = OutboxEntry.objects.get()
    assert (entry.state, entry.last_error) == ("dead", "field customfield_10070 is required")


def test_defect_in_a_handler_loses_nothing():
    neighbour.answers = [ZeroDivisionError()]
    promise()

    outbox.drain()

    entry = OutboxEntry.objects.get()
    assert (entry.state, entry.last_error) == ("pending", "ZeroDivisionError")


def test_defect_in_a_handler_is_reported_with_what_was_raised(caplog):
    neighbour.answers = [ZeroDivisionError()]
    promise()

    outbox.drain()

    (line,) = [each for each in caplog.records if each.levelname == "ERROR"]
    assert (line.msg, line.exc_info[0]) == ("outbox_handler_failed", ZeroDivisionError)


def test_younger_sibling_waits_for_its_elder():
    neighbour.answers = [TemporaryFailure("busy", retry_after=30)]
    promise(subject="elder")
    promise(subject="younger")
    outbox.drain()

    assert [asked.subject for asked in neighbour.asked] == ["elder"]
    drain_at(30)
    assert [asked.subject for asked in neighbour.asked] == ["elder", "elder", "younger"]


def test_other_group_does_not_wait():
    neighbour.answers = [TemporaryFailure("busy", retry_after=30)]
    promise(group="one", subject="1")
    promise(group="two", subject="2")

    outbox.drain()

    assert [asked.subject for asked in neighbour.asked] == ["1", "2"]


def test_dead_elder_does_not_block_its_group():
    neighbour.answers = [PermanentFailure("no")]
    promise(subject="elder")
    promise(subject="younger")

    outbox.drain()

    assert [asked.subject for asked in neighbour.asked] == ["elder", "younger"]


def test_dead_entry_gets_another_life():
    neighbour.answers = [PermanentFailure("no")]
    promise()
    outbox.drain()

    assert outbox.retry(OutboxEntry.objects.all()) == 1
    outbox.drain()

    assert OutboxEntry.objects.get().state == "done"


def test_kept_promise_is_not_retried():
    promise()
    outbox.drain()

    assert outbox.retry(OutboxEntry.objects.all()) == 0


def test_try_after_a_refusal_is_certain():
    neighbour.answers = [PermanentFailure("no such request type")]
    promise()
    outbox.drain()

    outbox.revive("test.topic")
    outbox.drain()

    assert [asked.uncertain_since for asked in neighbour.asked] == [None, None]


def test_what_lacked_something_is_hastened():
    neighbour.answers = [TemporaryFailure("no token", retry_after=300)]
    promise()
    outbox.drain()

    outbox.hasten("test.topic")

    assert OutboxEntry.objects.get().run_after == timezone.now()


def test_what_waits_for_its_turn_is_not_hastened():
    neighbour.answers = [NotYetItsTurn("in a row", retry_after=40)]
    promise()
    outbox.drain()

    outbox.hasten("test.topic")

    assert OutboxEntry.objects.get().run_after == timezone.now() + timedelta(seconds=40)


@pytest.mark.parametrize(("attempt", "low", "high"), [(1, 0.7, 1.3), (3, 2.8, 5.2), (50, 210, 390)])
def test_back_off_doubles_up_to_five_minutes(attempt, low, high):
    assert all(low <= outbox.back_off(attempt, None) <= high for _ in range(100))


def test_a_younger_one_that_is_meant_for_later_holds_up_no_elder():
    promise(subject="1")
    promise(subject="2", delay=timedelta(hours=1))

    outbox.drain()

    assert [asked.subject for asked in neighbour.asked] == ["1"]
