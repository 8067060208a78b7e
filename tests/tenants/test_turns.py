"""Each site's turn comes once an hour, and not with everybody else's."""

import pytest
from django.db import connection

from tenants import turns

pytestmark = pytest.mark.django_db

HOUR = 3600


@pytest.fixture(autouse=True)
def real_turns(inside_acme, monkeypatch):
    monkeypatch.undo()


@pytest.fixture
def many_sites(monkeypatch):
    names = [f"site_{number:04}" for number in range(1000)]
    monkeypatch.setattr(turns, "active_sites", lambda: names)
    return names


def started_ago(seconds, name="visit"):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO public.tenants_pulse (name, kind, since, beaten_at) VALUES (%(name)s,"
            " 'turns', now(), clock_timestamp() - make_interval(secs => %(ago)s))"
            " ON CONFLICT (name) DO UPDATE SET beaten_at = excluded.beaten_at",
            {"name": name, "ago": seconds},
        )


def test_about_a_sixtieth_of_the_sites_has_its_turn_each_minute(many_sites):
    started_ago(60)

    assert 3 <= len(list(turns.sites_in_turn("visit"))) <= 40


def test_every_site_has_one_turn_in_an_hour(many_sites, monkeypatch):
    monkeypatch.setattr(turns, "LONGEST_GAP", HOUR)
    started_ago(HOUR)

    assert sorted(turns.sites_in_turn("visit")) == many_sites


def test_turn_is_not_given_twice(many_sites, monkeypatch):
    monkeypatch.setattr(turns, "LONGEST_GAP", HOUR)
    started_ago(HOUR - 60)
    list(turns.sites_in_turn("visit"))

    assert list(turns.sites_in_turn("visit")) == []


def test_after_an_outage_the_sites_do_not_come_at_once(many_sites):
    started_ago(6 * HOUR)

    assert len(list(turns.sites_in_turn("visit"))) <= 150


def test_first_start_is_like_any_other(many_sites):
    assert len(list(turns.sites_in_turn("never done before"))) <= 40


def test_turn_of_one_thing_is_not_that_of_another(many_sites):
    started_ago(60, "one")
    started_ago(60, "other")

    assert set(turns.sites_in_turn("one")) == set(turns.sites_in_turn("other"))


def test_start_that_takes_long_hands_out_no_more(many_sites, monkeypatch):
    monkeypatch.setattr(turns, "SECONDS_AT_ONCE", -1.0)
    started_ago(60)

    assert list(turns.sites_in_turn("visit")) == []


@pytest.mark.django_db(transaction=True)
def test_server_forgets_the_tables_of_the_sites_that_were_visited(many_sites):
    connection.ensure_connection()

    list(turns.sites_in_turn("visit"))

    assert connection.connection is None


def test_moments_lie_all_over_the_hour(many_sites):
    minutes = [turns.moment_of(name) // 60 for name in many_sites]

    assert len(set(minutes)) == 60
    assert max(minutes.count(minute) for minute in range(60)) < 45
