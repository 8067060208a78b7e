"""Conversations of a period: opened and answered, ended, reopened."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar

from conversations.reports.asking import Asking, Scope

Figures = TypeVar("Figures")

# A customer's first message and the first one that a person wrote after it. An agent may have begun
# the conversation: that is no answer.
OPENED = """
WITH opened AS (
    SELECT date_trunc(%(unit)s, c.created_at AT TIME ZONE %(zone)s)::date AS bucket, c.channel,
        split_part(c.issue_key, '-', 1) AS project, answer.author, asked.at IS NOT NULL AS asked,
        c.state = 'ended' AS ended,
        extract(epoch FROM answer.at - asked.at)::float8 AS wait
    FROM conversations_conversation AS c
    LEFT JOIN LATERAL (
        SELECT occurred_at AS at FROM conversations_message AS m
        WHERE m.conversation_id = c.id AND m.direction = 'in' ORDER BY occurred_at, id LIMIT 1
    ) AS asked ON true
    LEFT JOIN LATERAL (
        SELECT occurred_at AS at, author FROM conversations_message AS m
        WHERE m.conversation_id = c.id AND m.author <> '' AND m.occurred_at >= asked.at
        ORDER BY occurred_at, id LIMIT 1
    ) AS answer ON true
    WHERE c.created_at >= %(since)s AND c.created_at < %(until)s AND {conversations}
)
SELECT GROUPING(bucket, channel, project, author), bucket, channel, project, author,
    count(*), count(*) FILTER (WHERE asked), count(wait),
    count(*) FILTER (WHERE asked AND wait IS NULL AND ended),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY wait),
    percentile_cont(0.9) WITHIN GROUP (ORDER BY wait)
FROM opened GROUP BY GROUPING SETS ((), (bucket), (channel), (project), (author))
"""
ENDED = """
WITH ended AS (
    SELECT date_trunc(%(unit)s, c.state_changed_at AT TIME ZONE %(zone)s)::date AS bucket,
        c.channel, split_part(c.issue_key, '-', 1) AS project, c.end_reason,
        CASE WHEN c.end_reason = 'resolved' THEN greatest(
            extract(epoch FROM c.state_changed_at - c.created_at)::float8, 0) END AS took
    FROM conversations_conversation AS c
    WHERE c.state = 'ended' AND c.state_changed_at >= %(since)s AND c.state_changed_at < %(until)s
        AND {conversations}
)
SELECT GROUPING(bucket, channel, project) * 2 + 1, bucket, channel, project, NULL,
    count(*) FILTER (WHERE end_reason = 'resolved'),
    count(*) FILTER (WHERE end_reason = 'opted out'),
    count(*) FILTER (WHERE end_reason = 'deleted'),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY took),
    percentile_cont(0.9) WITHIN GROUP (ORDER BY took)
FROM ended GROUP BY GROUPING SETS ((), (bucket), (channel), (project))
"""
# The row of a conversation knows its last end only; that it was reopened is known to the audit log.
REOPENED = """
SELECT date_trunc(%(unit)s, occurred_at AT TIME ZONE %(zone)s)::date, count(*)
FROM conversations_auditevent
WHERE action = 'conversation.reopened'
    AND occurred_at >= %(since)s AND occurred_at < %(until)s
    AND subject_id IN (
        SELECT c.id::text FROM conversations_conversation AS c WHERE {conversations})
GROUP BY 1
"""


@dataclass(frozen=True)
class Opened:
    """`asked` are those in which the customer wrote; seconds until a person's first answer."""

    count: int = 0
    asked: int = 0
    answered: int = 0
    ended_unanswered: int = 0
    median: float | None = None
    ninetieth: float | None = None

    @property
    def unanswered(self) -> int:
        return self.asked - self.answered


@dataclass(frozen=True)
class Ended:
    """Seconds from the opening to the end, of the resolved."""

    resolved: int = 0
    opted_out: int = 0
    deleted: int = 0
    median: float | None = None
    ninetieth: float | None = None

    @property
    def count(self) -> int:
        return self.resolved + self.opted_out + self.deleted


@dataclass(frozen=True)
class Grouped(Generic[Figures]):
    """The same figures of all, and of each."""

    total: Figures
    by_bucket: Mapping[date, Figures] = field(default_factory=dict)
    by_channel: Mapping[str, Figures] = field(default_factory=dict)
    by_project: Mapping[str, Figures] = field(default_factory=dict)
    by_agent: Mapping[str, Figures] = field(default_factory=dict)


def opened(asking: Asking, scope: Scope) -> Grouped[Opened]:
    return _grouped(asking.rows(OPENED, scope), Opened)


def ended(asking: Asking, scope: Scope) -> Grouped[Ended]:
    return _grouped(asking.rows(ENDED, scope), Ended)


def reopened(asking: Asking, scope: Scope) -> dict[date, int]:
    return dict(asking.rows(REOPENED, scope))


def _grouped(rows: Sequence[tuple[Any, ...]], figures: Callable[..., Figures]) -> Grouped[Figures]:
    """Sort rows by what they are grouped by: GROUPING has a bit for each column that is not."""
    groups: dict[int, dict[Any, Figures]] = {0b0111: {}, 0b1011: {}, 0b1101: {}, 0b1110: {}}
    total = figures()
    for by, *row in rows:
        keys, values = row[:4], row[4:]
        if by in groups:
            key = next((key for key in keys if key is not None), None)
            if key is not None:
                groups[by][key] = figures(*values)
        else:
            total = figures(*values)
    return Grouped(total, *groups.values())
