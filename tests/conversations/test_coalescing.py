"""Hints: the first is said at once, those that follow are said together and once."""

from queue import SimpleQueue
from threading import Event

import pytest

from conversations import coalescing
from conversations.coalescing import Coalescer


@pytest.fixture
def pause(monkeypatch):
    """Hold the speaker after what it says first, until the event is set."""
    over, reached = Event(), Event()

    def sleep(_seconds):
        reached.set()
        over.wait(5)

    monkeypatch.setattr(coalescing, "sleep", sleep)
    over.reached = reached
    yield over
    over.set()


def test_the_first_hint_is_said_at_once(pause):
    said = SimpleQueue()

    Coalescer(said.put).add("acme", 3)

    assert said.get(timeout=5) == [("acme", 3)]


def test_hints_that_follow_soon_are_said_once_with_the_highest_number(pause):
    said = SimpleQueue()
    coalescer = Coalescer(said.put)
    coalescer.add("acme", 3)
    assert pause.reached.wait(5)

    for subject, number in [("acme", 4), ("globex", 1), ("acme", 9), ("acme", 5)]:
        coalescer.add(subject, number)
    pause.set()

    assert said.get(timeout=5) == [("acme", 3)]
    assert said.get(timeout=5) == [("acme", 9), ("globex", 1)]


def test_a_hint_that_fails_does_not_silence_the_next(pause):
    said = SimpleQueue()

    def say(subjects):
        said.put(subjects)
        if subjects == [("acme", 0)]:
            raise ConnectionError

    coalescer = Coalescer(say)
    coalescer.add("acme")
    assert pause.reached.wait(5)
    coalescer.add("globex")
    pause.set()

    assert said.get(timeout=5) == [("acme", 0)]
    assert said.get(timeout=5) == [("globex", 0)]
