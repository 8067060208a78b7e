"""The Overview says since when background work stands still, and what waits."""

import pytest

from conversations import outbox
from conversations.admin.background import health, standstill_notice
from tests.pulses import heard

pytestmark = pytest.mark.django_db


def test_it_runs(acme):
    heard("sweep", seconds_ago=5)

    (background,) = health()

    assert (background.state, background.text) == ("good", "runs")


def test_it_has_not_run_yet(acme):
    (background,) = health()

    assert background.state == "unknown"


def test_it_stands_still(acme):
    heard("sweep", seconds_ago=125)
    outbox.promise("message.deliver", group="g", subject=1)

    (background,) = health()

    assert background.state == "bad"
    assert background.text == (
        "stands still: ran last 2\xa0minutes ago. Waiting: 0 in, 1 out; none is lost."
        " Tell whoever runs OmniChat"
    )


def test_without_beat_alone_it_goes_on(acme):
    heard("sweep", seconds_ago=125)
    heard("beat", seconds_ago=130)
    heard("worker", seconds_ago=5)

    (background,) = health()

    assert background.state == "bad"
    assert background.text == (
        "goes on, but what is missed or fails is not tried again: the last round was"
        " 2\xa0minutes ago. Tell whoever runs OmniChat"
    )
    assert list(standstill_notice()) == []


def test_admins_are_told_of_a_standstill(acme):
    heard("sweep", seconds_ago=125)

    (notice,) = standstill_notice()

    assert (notice.level, notice.title) == ("error", "OmniChat stands still")
    assert "Last heard: 2\xa0minutes ago." in notice.text


def test_admins_are_told_nothing_while_it_runs(acme):
    heard("sweep", seconds_ago=5)

    assert list(standstill_notice()) == []
