"""Attempts to send in a period: what became of them, why they failed, what they cost."""

from dataclasses import dataclass

from conversations.reports.asking import Asking, Scope

ATTEMPTS = """
SELECT s.sender_id, s.channel, s.state, s.failure, s.by_fallback, count(*), sum(s.parts)::bigint,
    count(*) FILTER (WHERE s.parts > 0)
FROM conversations_send AS s
WHERE s.created_at >= %(since)s AND s.created_at < %(until)s
    AND {sends}
GROUP BY 1, 2, 3, 4, 5
"""


@dataclass(frozen=True)
class Attempts:
    """Those that are alike; `measured` is how many of them are known to have parts."""

    sender_id: int
    channel: str
    state: str
    failure: str
    by_fallback: bool
    count: int
    parts: int
    measured: int


def attempts(asking: Asking, scope: Scope) -> list[Attempts]:
    return [Attempts(*row) for row in asking.rows(ATTEMPTS, scope)]
