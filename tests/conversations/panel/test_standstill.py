"""A panel says that background work stands still, from the last round that it did."""

from datetime import UTC

import pytest
from django.db import connection

from conversations.panel.banners import State, delays
from tests.factories import ConversationFactory

pytestmark = pytest.mark.django_db


def last_round(*, seconds_ago):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO public.tenants_pulse (name, kind, since, beaten_at) VALUES"
            " ('sweep', 'sweep', now(), clock_timestamp() - make_interval(secs => %s))",
            (seconds_ago,),
        )


def titles():
    return [banner.title for banner in delays(State.ACTIVE, ConversationFactory(), UTC)]


def test_standstill_is_said(acme):
    last_round(seconds_ago=50)

    assert titles() == ["OmniChat stands still"]


def test_nothing_is_said_while_rounds_are_done(acme):
    last_round(seconds_ago=10)

    assert titles() == []


def test_nothing_is_said_before_the_first_round(acme):
    assert titles() == []
