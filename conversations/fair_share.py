"""How many threads of this process work for one site at once: a busy site slows no other.

A site has some of a worker's threads and never all, and gives each back after a while: what is left
goes to the end of the row, behind what other sites are waiting for.
"""

from collections.abc import Callable
from threading import Lock
from time import monotonic

SLICE_SECONDS = 1.0


class FairShare:
    """Counts the threads that do one kind of work, by site."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._lock = Lock()
        self._working: dict[str, int] = {}
        self._turned_away: set[str] = set()

    def work(
        self, schema_name: str, step: Callable[[], bool], *, put_off: Callable[[], None]
    ) -> None:
        """Take steps for a site until one finds nothing to do, or time is up and `put_off` called.

        Returns at once when enough threads do so already; one of them then looks once more, since
        it may have looked before there was what this call was made for.
        """
        ends_at = monotonic() + SLICE_SECONDS
        while self._enter(schema_name):
            try:
                while step():
                    if monotonic() >= ends_at:
                        put_off()
                        return
            finally:
                looks_again = self._leave(schema_name)
            if not looks_again:
                return

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
