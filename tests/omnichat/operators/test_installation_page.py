"""Operators see which processes are heard from, since when one is silent, and what to do."""

import re
from datetime import timedelta

import pytest

from tenants import replica
from tests.pulses import heard

pytestmark = pytest.mark.django_db
PAGE = "/operator/installation/"


def test_processes_that_are_heard(console):
    for kind in ("worker", "beat", "stream", "sweep"):
        heard(kind, seconds_ago=3)

    page = console.get(PAGE).content.decode()

    assert page.count("Works") == 4
    assert "worker host-a 7" in page
    assert "Start a worker" not in page


def test_a_silent_worker_is_told_with_what_to_do(console):
    heard("worker", seconds_ago=300)

    page = console.get(PAGE).content.decode()

    assert "Silent" in page
    assert "5\xa0minutes ago" in page
    assert "Start a worker" in page


def test_the_list_of_sites_leads_there(console):
    heard("worker", seconds_ago=300)
    for kind in ("beat", "stream", "sweep"):
        heard(kind, seconds_ago=3)

    page = console.get("/operator/tenants/site/").content.decode()

    assert "Not heard from: Worker." in page
    assert f'href="{PAGE}"' in page


@pytest.mark.parametrize(
    ("age", "state", "advice"),
    [
        (timedelta(seconds=3), "Works", ""),
        (timedelta(seconds=61), "Behind", "still receives"),
        (None, "Does not answer", "DATABASE_REPLICA_URL leads to it"),
    ],
)
def test_a_replica_is_told_of_where_there_is_one(console, monkeypatch, age, state, advice):
    monkeypatch.setattr(replica, "in_use", lambda: True)
    monkeypatch.setattr(replica, "behind", lambda: age)

    page = console.get(PAGE).content.decode()

    (row,) = re.findall(r"Replica for reports.*?</tr>", page, re.DOTALL)
    assert state in row
    assert advice in row
    assert ("asked of the primary" in row) is bool(advice)


def test_without_a_replica_none_is_told_of(console):
    assert "Replica" not in console.get(PAGE).content.decode()
