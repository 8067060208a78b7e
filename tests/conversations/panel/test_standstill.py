"""A panel says that background work stands still, from the last round that it did."""

from datetime import UTC

import pytest

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
