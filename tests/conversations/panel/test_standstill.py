"""A panel says that background work stands still, from the last round that it did."""

from datetime import UTC, timedelta

import pytest
from django.utils import timezone

from conversations import outbox
from conversations.models import InboxEntry, OutboxEntry
from conversations.panel.banners import State, delays
from tests.factories import ConversationFactory
from tests.pulses import heard

pytestmark = pytest.mark.django_db


def titles():
    return [banner.title for banner in delays(State.ACTIVE, ConversationFactory(), UTC)]


def test_standstill_is_said(acme):
    heard("sweep", seconds_ago=50)

    assert titles() == ["OmniChat stands still"]


def test_nothing_is_said_while_rounds_are_done(acme):
    heard("sweep", seconds_ago=10)

    assert titles() == []


def test_nothing_is_said_before_the_first_round(acme):
    assert titles() == []


@pytest.fixture
def without_beat(acme):
    """Beat is dead, a worker lives: wake-ups go past beat."""
    heard("sweep", seconds_ago=60)
    heard("beat", seconds_ago=60)
    heard("worker", seconds_ago=5)


def test_nothing_is_said_without_beat_while_nothing_waits(without_beat):
    outbox.promise("message.deliver", group="g", subject=1)

    assert titles() == []


def test_what_waits_without_beat_is_said(without_beat):
    outbox.promise("message.deliver", group="g", subject=1)
    OutboxEntry.objects.update(run_after=timezone.now() - timedelta(minutes=1))

    assert titles() == ["OmniChat stands still"]


def test_messages_that_came_and_wait_without_beat_are_said(without_beat):
    before = timezone.now() - timedelta(minutes=1)
    InboxEntry.objects.create(source="x", dedupe_key="1", body=b"{}", received_at=before)

    assert titles() == ["OmniChat stands still"]


def test_without_beat_and_worker_it_stands_still(acme):
    for kind in ("sweep", "beat", "worker"):
        heard(kind, seconds_ago=60)

    assert titles() == ["OmniChat stands still"]
