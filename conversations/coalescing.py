"""Saying something once that many threads have to say at nearly the same moment."""

import logging
from collections.abc import Callable, Hashable
from threading import Condition, Thread
from time import sleep
from typing import Generic, TypeVar

Subject = TypeVar("Subject", bound=Hashable)

logger = logging.getLogger(__name__)


class Coalescer(Generic[Subject]):
    """Says a subject at once, and what comes within `interval` seconds once after them.

    It speaks in a thread of this process: who adds a subject does not wait. What is said is a
    hint: a failure is logged and forgotten, since a sweeper or a poll finds the work anyway. Of
    several numbers given for a subject the highest is said.
    """

    def __init__(
        self, say: Callable[[list[tuple[Subject, int]]], None], *, interval: float = 0.05
    ) -> None:
        self._say = say
        self._interval = interval
        self._waiting: dict[Subject, int] = {}
        self._changed = Condition()
        self._thread: Thread | None = None

    def add(self, subject: Subject, number: int = 0) -> None:
        """Have `subject` said soon; returns at once."""
        with self._changed:
            self._waiting[subject] = max(number, self._waiting.get(subject, 0))
            if self._thread is None or not self._thread.is_alive():
                # Started on first use: web servers fork after this module is imported.
                self._thread = Thread(target=self._run, name="coalescer", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
                subjects, self._waiting = list(self._waiting.items()), {}
            try:
                self._say(subjects)
            except Exception as failure:  # noqa: BLE001 - a hint may fail in any way
                logger.warning("hint_failed", extra={"failure": type(failure).__name__})
            sleep(self._interval)
