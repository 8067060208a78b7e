"""Attempts to send in a period: what became of them, why they failed, what they cost."""

from dataclasses import dataclass

from conversations.reports.asking import Asking, Scope

ATTEMPTS = """
SELECT s.sender_id, s.channel, s.state, s.failure, s.by_fallback, count(*), sum(s.parts)::bigint,
    count(*) FILTER (WHERE s.parts > 0)
FROM conversations_send AS s
WHERE s.created_at >= %(since)s AND s.created_at < %(until)s
    AND (%(channel)s = '' OR s.channel = %(channel)s)
    AND (%(sender)s = 0 OR s.sender_id = %(sender)s)
    AND (%(project)s = '' AND %(agent)s = '' OR s.message_id IN (
        SELECT m.id FROM conversations_message AS m
        WHERE (%(agent)s = '' OR m.author = %(agent)s)
            AND (%(project)s = '' OR m.conversation_id IN (
                SELECT id FROM conversations_conversation
                WHERE split_part(issue_key, '-', 1) = %(project)s))))
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
