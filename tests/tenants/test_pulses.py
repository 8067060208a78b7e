"""Who is alive: hearts of processes, the round of the sweep, and silence."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations import tasks
from tenants import pulses
from tenants.context import public_context
from tenants.models import Pulse
from tenants.side_connection import conninfo
from tests.local_run import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def heart():
    heart = pulses.Heart("worker", conninfo(), every=0.01)
    heart.start()
    yield heart
    heart.stop()


def test_a_process_is_heard_again_and_again(heart):
    first = wait_until(lambda: Pulse.objects.filter(kind="worker").first())

    later = wait_until(lambda: Pulse.objects.filter(beaten_at__gt=first.beaten_at).first())

    assert (later.name, later.since) == (heart.name, first.since)
    assert pulses.silent_since("worker") is None


def test_a_process_that_has_the_name_of_one_before_is_younger():
    before = timezone.now()
    heart = pulses.Heart("worker", conninfo(), every=0.01)
    long_ago = before - timedelta(hours=1)
    Pulse.objects.create(name=heart.name, kind="worker", since=long_ago, beaten_at=long_ago)

    heart.start()
    pulse = wait_until(lambda: Pulse.objects.filter(beaten_at__gt=before).first())
    heart.stop()

    assert pulse.since >= before


def test_a_process_that_ends_as_it_should_leaves_no_pulse(heart):
    wait_until(Pulse.objects.filter(name=heart.name).exists)

    heart.stop()

    assert Pulse.objects.count() == 0


def test_a_heart_outlives_a_lost_connection(heart):
    wait_until(Pulse.objects.filter(name=heart.name).exists)

    heart._connection.close()
    Pulse.objects.all().delete()

    wait_until(Pulse.objects.filter(name=heart.name).exists)


def test_silence_is_heard_after_a_while():
    long_ago = timezone.now() - pulses.SILENT_AFTER - timedelta(seconds=1)
    Pulse.objects.create(name="beat here 1", kind="beat", since=long_ago, beaten_at=long_ago)

    assert pulses.silent_since("beat") == long_ago


def test_a_sweep_is_noted_where_a_worker_does_it():
    with public_context():
        tasks.dispatch_sweeps()

    assert Pulse.objects.get().kind == pulses.SWEEP


def test_what_was_heard_a_day_ago_is_forgotten():
    now = timezone.now()
    for name, at in (("old", now - timedelta(days=2)), ("new", now)):
        Pulse.objects.create(name=name, kind="beat", since=at, beaten_at=at)

    assert tasks.forget_pulses() == 1
    assert [pulse.name for pulse in Pulse.objects.all()] == ["new"]


def test_silence_is_remembered_for_a_moment(django_assert_num_queries):
    pulses.silent_since("beat")

    with django_assert_num_queries(0):
        assert pulses.silent_since("beat") is None
