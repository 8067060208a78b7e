"""The sandbox's clock: the machine's, and ahead of it by as much as somebody asked for.

Its jumps make Infobip forget a session; the product's own clock stays where it is.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.store import Store

KIND = "infobip.clock"
KEY = "ahead"


class Clock:
    """One for the process: whatever carries a time asks `now()`."""

    def __init__(self) -> None:
        self.ahead_seconds = 0.0

    def now(self) -> float:
        return time.time() + self.ahead_seconds

    def resume(self, store: Store) -> None:
        """Go on where the process that wrote this store stopped."""
        kept = store.get(KIND, KEY)
        self.ahead_seconds = float(kept["seconds"]) if kept else 0.0

    def set_ahead(self, store: Store, seconds: float) -> None:
        self.ahead_seconds = seconds
        store.put(KIND, KEY, {"seconds": seconds})


clock = Clock()


def now() -> float:
    """Seconds since 1970 by the sandbox's clock."""
    return clock.now()
