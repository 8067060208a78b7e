"""Whose turn it is when a worker's threads serve many sites: a busy site slows no other.

A site has some of a worker's threads and never all, and gives each back after a while: what is left
goes to the end of the row, behind what other sites are waiting for. A site that needed all of its
time and has much left is busy: before each further step it lets those go first that have little.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, Lock
from time import monotonic

SLICE_SECONDS = 1.0
# A busy site waits no longer for its turn: it goes on, if slowly, beside ever so many others.
LONGEST_WAIT = 0.1
MUCH = 50  # of what is due, at a busy site
FAILING_SECONDS = 15.0
BEGINNING = 0.05  # seconds of a step that others wait for


class Courtesy:
    """Knows who takes a first step just now, for the others to wait for.

    Of a step only the beginning counts: one that waits for a neighbour's answer needs no processor.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._began: dict[object, float] = {}

    @contextmanager
    def first(self) -> Iterator[None]:
        """Take a step that others wait for."""
        step = object()
        with self._changed:
            self._began[step] = monotonic()
        try:
            yield
        finally:
            with self._changed:
                del self._began[step]
                self._changed.notify_all()

    @contextmanager
    def last(self) -> Iterator[None]:
        """Take a step when nobody begins a first one, or after a little while."""
        until = monotonic() + LONGEST_WAIT
        with self._changed:
            while (left := min(self._counts_until(), until) - monotonic()) > 0:
                self._changed.wait(left)
        yield

    def _counts_until(self) -> float:
        return max(self._began.values(), default=0.0) + BEGINNING


class FairShare:
    """Counts the threads that do one kind of work, by site."""

    def __init__(self, at_once: int, courtesy: Courtesy) -> None:
        self._at_once = at_once
        self._courtesy = courtesy
        self._lock = Lock()
        self._working: dict[str, int] = {}
        self._turned_away: set[str] = set()
        self._busy: set[str] = set()
        self._failed_at: dict[str, float] = {}

    def work(
        self, schema_name: str, step: Callable[[], bool], *, put_off: Callable[[], bool]
    ) -> None:
        """Take steps for a site until one finds nothing to do, or time is up and `put_off` called.

        That has the rest done by another task, and says whether it is much.
        Returns at once when enough threads do so already; one of them then looks once more, since
        it may have looked before there was what this call was made for.
        """
        ends_at = monotonic() + SLICE_SECONDS
        while self._enter(schema_name):
            try:
                done = self._take_steps(schema_name, step, ends_at)
            except BaseException:
                self._leave(schema_name)
                if self._fails_first(schema_name):
                    put_off()
                raise
            looks_again = self._leave(schema_name)
            if not done:
                self._note(schema_name, busy=put_off())
            if not (done and looks_again):
                return

    def _take_steps(self, schema_name: str, step: Callable[[], bool], ends_at: float) -> bool:
        """Say whether nothing is left to do."""
        turn = self._courtesy.last if schema_name in self._busy else self._courtesy.first
        left = True
        while left:
            with turn():
                left = step()
            if left and monotonic() >= ends_at:
                break
        if not left:
            self._note(schema_name, busy=False)
        return not left

    def _note(self, schema_name: str, *, busy: bool) -> None:
        with self._lock:
            (self._busy.add if busy else self._busy.discard)(schema_name)

    def _fails_first(self, schema_name: str) -> bool:
        """Say whether a failure is the first in a while, and worth another look at once.

        A cut connection is; a site whose every step fails would come back for ever: it is left to
        the sweep.
        """
        now = monotonic()
        with self._lock:
            last, self._failed_at[schema_name] = self._failed_at.get(schema_name), now
        return last is None or now - last > FAILING_SECONDS

    def _enter(self, schema_name: str) -> bool:
        with self._lock:
            working = self._working.get(schema_name, 0)
            if working >= self._at_once:
                self._turned_away.add(schema_name)
                return False
            self._working[schema_name] = working + 1
            return True

    def _leave(self, schema_name: str) -> bool:
        """Say whether somebody was turned away meanwhile."""
        with self._lock:
            self._working[schema_name] -= 1
            if not self._working[schema_name]:
                del self._working[schema_name]
            if schema_name in self._turned_away:
                self._turned_away.discard(schema_name)
                return True
            return False


# One for all that a process does: what comes in and what leaves give way to each other.
courtesy = Courtesy()
