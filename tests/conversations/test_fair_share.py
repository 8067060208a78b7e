"""A busy site has some of a worker's threads, for a while: others have the rest."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from time import monotonic

import pytest

from conversations import fair_share
from conversations.fair_share import Courtesy, FairShare

PATIENCE_SECONDS = 20


def nothing():
    raise AssertionError("Nothing was to be put off.")


def test_work_goes_on_until_there_is_nothing_to_do():
    left = [1, 2, 3]

    def step():
        return bool(left) and bool(left.pop())

    FairShare(1, Courtesy()).work("site_acme", step, put_off=nothing)

    assert left == []


def test_work_is_put_off_when_its_time_is_over(monkeypatch):
    monkeypatch.setattr(fair_share, "SLICE_SECONDS", 0.0)
    steps, put_off = [], []

    FairShare(1, Courtesy()).work(
        "site_acme", lambda: bool(steps.append(1)) or True, put_off=lambda: put_off.append(1)
    )

    assert (len(steps), len(put_off)) == (1, 1)


def test_one_site_never_has_all_threads_and_another_finds_one():
    share, inside, go_on = FairShare(2, Courtesy()), Barrier(3), Event()

    def busy():
        if not go_on.is_set():
            inside.wait(PATIENCE_SECONDS)
            go_on.wait(PATIENCE_SECONDS)
        return False

    with ThreadPoolExecutor() as pool:
        working = [pool.submit(share.work, "site_acme", busy, put_off=nothing) for _ in range(2)]
        inside.wait(PATIENCE_SECONDS)
        others = []
        share.work("site_globex", lambda: bool(others.append(1)), put_off=nothing)
        turned_away = []
        share.work("site_acme", lambda: bool(turned_away.append(1)), put_off=nothing)
        go_on.set()
        for each in working:
            each.result(PATIENCE_SECONDS)

    assert (others, turned_away) == ([1], [])


def test_what_came_while_somebody_worked_is_looked_for_once_more():
    share, found = FairShare(1, Courtesy()), []
    looked, came = Event(), Event()

    def step():
        found.append(came.is_set())
        looked.set()
        came.wait(PATIENCE_SECONDS)
        return False

    with ThreadPoolExecutor() as pool:
        working = pool.submit(share.work, "site_acme", step, put_off=nothing)
        looked.wait(PATIENCE_SECONDS)
        share.work("site_acme", nothing, put_off=nothing)
        came.set()
        working.result(PATIENCE_SECONDS)

    assert found == [False, True]


def test_a_failure_gives_the_place_back():
    share, done = FairShare(1, Courtesy()), []

    def fails():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        share.work("site_acme", fails, put_off=lambda: done.append("woken"))
    share.work("site_acme", lambda: bool(done.append("worked")), put_off=nothing)

    assert done == ["woken", "worked"]


def test_a_site_whose_every_step_fails_comes_back_at_once_only_once_in_a_while(monkeypatch):
    share, woken, now = FairShare(1, Courtesy()), [], [1000.0]
    monkeypatch.setattr(fair_share, "monotonic", lambda: now[0])

    def fails():
        raise ZeroDivisionError

    def comes_back(schema_name):
        with pytest.raises(ZeroDivisionError):
            share.work(schema_name, fails, put_off=lambda: woken.append((schema_name, now[0])))

    for seconds in (0.0, 5.0, 10.0, 16.0):
        now[0] += seconds
        comes_back("site_acme")
    comes_back("site_globex")

    assert woken == [("site_acme", 1000.0), ("site_acme", 1031.0), ("site_globex", 1031.0)]


def busy(share, monkeypatch):
    """Let acme need all of its time."""
    with monkeypatch.context() as no_time:
        no_time.setattr(fair_share, "SLICE_SECONDS", 0.0)
        share.work("site_acme", lambda: True, put_off=lambda: True)


def test_a_busy_site_lets_another_go_first(monkeypatch):
    share, order = FairShare(1, courtesy := Courtesy()), []
    for patience in ("LONGEST_WAIT", "BEGINNING"):
        monkeypatch.setattr(fair_share, patience, PATIENCE_SECONDS)
    busy(share, monkeypatch)

    with ThreadPoolExecutor() as pool:
        with courtesy.first():
            later = pool.submit(
                share.work, "site_acme", lambda: bool(order.append("acme")), put_off=nothing
            )
            share.work("site_globex", lambda: bool(order.append("globex")), put_off=nothing)
        later.result(PATIENCE_SECONDS)

    assert order == ["globex", "acme"]


@pytest.mark.parametrize(
    ("longest_wait", "beginning"),
    [(0.0, PATIENCE_SECONDS), (PATIENCE_SECONDS, 0.0)],
    ids=["others without end", "a step that waits for an answer"],
)
def test_a_busy_site_goes_on_beside(monkeypatch, longest_wait, beginning):
    share, done = FairShare(1, courtesy := Courtesy()), []
    monkeypatch.setattr(fair_share, "LONGEST_WAIT", longest_wait)
    monkeypatch.setattr(fair_share, "BEGINNING", beginning)
    busy(share, monkeypatch)

    began = monotonic()
    with courtesy.first():
        share.work("site_acme", lambda: bool(done.append(1)), put_off=nothing)

    assert done == [1]
    assert monotonic() - began < PATIENCE_SECONDS


def test_a_site_whose_work_is_done_is_busy_no_more(monkeypatch):
    share = FairShare(1, Courtesy())
    busy(share, monkeypatch)

    share.work("site_acme", lambda: False, put_off=nothing)

    assert share._busy == set()


def test_a_site_that_has_little_left_is_not_busy(monkeypatch):
    monkeypatch.setattr(fair_share, "SLICE_SECONDS", 0.0)
    share = FairShare(1, Courtesy())

    share.work("site_acme", lambda: True, put_off=lambda: False)

    assert share._busy == set()
