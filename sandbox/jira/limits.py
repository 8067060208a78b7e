"""How much Jira lets the app ask: points an hour, bursts, and writes to one issue."""

import time
from collections import defaultdict, deque
from datetime import UTC, datetime
from typing import Any

from sandbox.jira.errors import Refused

POINTS_PER_HOUR = 65_000
_HOUR = 3600
_NEAR = 0.2
_WRITES = ((20, 2), (100, 30))
GLOBAL, SITE = "global-app-quota", "tenant-app-quota"
_REASONS = {GLOBAL: "jira-quota-global-based", SITE: "jira-quota-tenant-based"}


class Limits:
    """Counts what every site's calls cost; the hour's points begin anew with each UTC hour."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Go back to Jira's own limits, with nothing spent."""
        self.points_per_hour = POINTS_PER_HOUR
        self.site_points_per_hour: int | None = None
        self._hour = 0
        self._spent: defaultdict[str, int] = defaultdict(int)
        self._recent: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)

    def admit(self, site: str, operation: str, burst: int) -> None:
        """Let a call in, for one point, or refuse with 429."""
        for policy, (limit, left) in self._quotas(site).items():
            if left <= 0:
                raise too_many(_REASONS[policy], policy, limit, _HOUR, _until_next_hour())
        if self._is_too_fast((site, operation), ((burst, 1),)):
            raise too_many("jira-burst-based", "tenant-burst", burst, 1, 1)
        self.charge(site, 1)

    def admit_write(self, site: str, issue_id: str) -> None:
        """Let a write to an issue in, or refuse with 429."""
        if self._is_too_fast((site, f"issue {issue_id}"), _WRITES):
            limit, window = _WRITES[0]
            raise too_many("jira-per-issue-on-write", "per-issue-write", limit, window, window)

    def charge(self, site: str, points: int) -> None:
        """Count points against the quotas of this hour."""
        hour = int(time.time()) // _HOUR
        if hour != self._hour:
            self._hour = hour
            self._spent.clear()
        self._spent[site] += points

    def headers(self, site: str) -> dict[str, str]:
        """Return what an answer says about the narrowest quota."""
        quotas = self._quotas(site)
        policy = min(quotas, key=lambda name: quotas[name][1])
        limit, left = quotas[policy]
        return _headers(policy, limit, max(0, left), _HOUR, _until_next_hour())

    def shown(self) -> dict[str, Any]:
        """Return the limits and what is left of them, for tests and demonstrations."""
        self.charge("", 0)
        spent = {site: points for site, points in self._spent.items() if points}
        return {
            "points_per_hour": self.points_per_hour,
            "site_points_per_hour": self.site_points_per_hour,
            "remaining": max(0, self.points_per_hour - sum(spent.values())),
            "spent": spent,
        }

    def _quotas(self, site: str) -> dict[str, tuple[int, int]]:
        """Return limit and rest of each quota that a site's call counts for."""
        self.charge(site, 0)
        limit = self.points_per_hour
        quotas = {GLOBAL: (limit, limit - sum(self._spent.values()))}
        if self.site_points_per_hour is not None:
            own = self.site_points_per_hour
            quotas[SITE] = (own, own - self._spent[site])
        return quotas

    def _is_too_fast(self, what: tuple[str, str], windows: tuple[tuple[int, int], ...]) -> bool:
        now, calls = time.time(), self._recent[what]
        while calls and calls[0] <= now - windows[-1][1]:
            calls.popleft()
        for limit, seconds in windows:
            if sum(1 for at in calls if at > now - seconds) >= limit:
                return True
        calls.append(now)
        return False


def too_many(reason: str, policy: str, limit: int, window: int, seconds: int) -> Refused:
    """Refuse with 429 and everything Jira says with it."""
    headers = _headers(policy, limit, 0, window, seconds)
    headers |= {"RateLimit-Reason": reason, "Retry-After": str(seconds)}
    body = {"errorMessages": ["Rate limit exceeded."], "errors": {}}
    return Refused(429, body, headers)


def burst_fault() -> Refused:
    """Refuse as after too many calls at once."""
    return too_many("jira-burst-based", "tenant-burst", 100, 1, 1)


def quota_fault(policy: str) -> Refused:
    """Refuse as when the hour's points are used up, whatever is left of them."""
    return too_many(_REASONS[policy], policy, POINTS_PER_HOUR, _HOUR, _until_next_hour())


def _headers(policy: str, limit: int, left: int, window: int, seconds: int) -> dict[str, str]:
    reset = datetime.fromtimestamp(int(time.time()) + seconds, UTC)
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset": f"{reset:%Y-%m-%dT%H:%M:%SZ}",
        "X-RateLimit-NearLimit": "true" if left < limit * _NEAR else "false",
        "RateLimit-Policy": f'"{policy}";q={limit};w={window}',
        "RateLimit": f'"{policy}";r={left};t={seconds}',
    }


def _until_next_hour() -> int:
    return _HOUR - int(time.time()) % _HOUR
