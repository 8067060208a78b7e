"""A site that is silent and out of reach is disconnected, for operators and its admin."""

import logging
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jira_bridge.tasks import watch_connections
from tenants.models import Installation, Site
from tests.conftest import SITES
from tests.jira_bridge import forge
from tests.jira_bridge.stories import actions

pytestmark = pytest.mark.django_db

HOURS_AGO = timedelta(hours=3, minutes=1)


def now(**changes):
    """Change the installation; times are given as how long ago."""
    moments = {
        name: timezone.now() - ago if isinstance(ago, timedelta) else ago
        for name, ago in changes.items()
    }
    Installation.objects.update(**moments)


def disconnected():
    return Site.objects.get(slug="acme").disconnected_since


@pytest.fixture
def lost(installation):
    """The app on acme: silent for more than three hours, and its token has ended."""
    now(heard_at=HOURS_AGO, system_token_expires_at=timedelta(minutes=1))
    return Installation.objects.get()


@pytest.mark.parametrize(
    ("changes", "is_lost"),
    [
        ({"heard_at": HOURS_AGO, "refused_at": HOURS_AGO}, True),
        ({"heard_at": HOURS_AGO, "system_token_expires_at": timedelta(0)}, True),
        ({"heard_at": HOURS_AGO, "system_token_expires_at": -timedelta(minutes=1)}, True),
        ({"heard_at": HOURS_AGO, "system_token_expires_at": None}, True),
        ({"heard_at": HOURS_AGO}, False),
        ({"heard_at": timedelta(hours=2, minutes=59), "refused_at": HOURS_AGO}, False),
        ({"system_token_expires_at": None}, False),
        ({"heard_at": HOURS_AGO, "refused_at": HOURS_AGO, "removed_at": HOURS_AGO}, False),
    ],
)
def test_lost_is_who_is_silent_and_out_of_reach(installation, changes, is_lost):
    now(**changes)

    assert watch_connections() == is_lost
    assert (disconnected() is not None) == is_lost


def test_loss_is_an_alarm_once(lost, caplog):
    with caplog.at_level(logging.ERROR):
        assert (watch_connections(), watch_connections()) == (1, 0)

    assert [(line.message, line.schema) for line in caplog.records] == [
        ("site_disconnected", "site_acme")
    ]
    assert disconnected() == lost.heard_at
    assert actions(SITES["acme"]) == ["disconnected"]


def test_call_of_forge_ends_it_at_once(lost, call):
    watch_connections()

    call("tick")

    assert disconnected() is None
    assert actions(SITES["acme"]) == ["disconnected", "reconnected"]


def test_page_does_not_end_it(lost, call, settings):
    watch_connections()

    call("ui/session", forge.page_claims(settings))

    assert disconnected() is not None


def test_site_that_is_in_reach_again(lost):
    watch_connections()
    now(system_token_expires_at=-timedelta(hours=1))

    assert watch_connections() == 1
    assert disconnected() is None
    assert actions(SITES["acme"]) == ["disconnected", "reconnected"]


def test_uninstalled_site_is_not_disconnected(lost, call):
    watch_connections()
    call("bye")

    assert watch_connections() == 0
    assert disconnected() is None


def test_nothing_changed_is_one_query(installation):
    with CaptureQueriesContext(connection) as queries:
        watch_connections()

    assert [query["sql"][:6] for query in queries if "tenants_site" in query["sql"]] == ["SELECT"]
