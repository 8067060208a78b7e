"""How often an account may ask: the published limits, as buckets that fill up again."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sandbox.infobip.envelopes import Refused

TOO_MANY = 429
SECOND, MINUTE, HOUR = 1, 60, 3600


@dataclass(frozen=True)
class Rate:
    """`burst` requests at once, and as many again in every `per` seconds."""

    burst: int
    per: float

    @property
    def refill(self) -> float:
        return self.burst / self.per


RATES = {
    "media": Rate(15, SECOND),
    "media delete": Rate(30, MINUTE),
    "read": Rate(10, SECOND),
    "quality": Rate(10, SECOND),
    "numbers": Rate(2, 2 * SECOND),
    "blocklist": Rate(1, SECOND),
    "logs": Rate(120, MINUTE),
    "validate": Rate(10, SECOND),
    "templates of the account": Rate(15, SECOND),
    "templates POST": Rate(1000, HOUR),
    "templates PATCH": Rate(100, HOUR),
    "templates DELETE": Rate(200, HOUR),
}


class Limits:
    """What is left of each bucket; forgotten when the process ends."""

    def __init__(self) -> None:
        self.enforced = True
        self._left: dict[tuple[str, str], tuple[float, float]] = {}

    def take(self, site: str, name: str) -> None:
        """Count a request of the site's account; refuse it when its bucket is empty."""
        rate, at = RATES[name], time.monotonic()
        left, since = self._left.get((site, name), (float(rate.burst), at))
        left = min(rate.burst, left + (at - since) * rate.refill)
        if left < 1 and self.enforced:
            raise Refused(TOO_MANY)
        self._left[site, name] = (max(left - 1, 0.0), at)

    def forget(self) -> None:
        self._left.clear()
