"""Messages of a period: what came and went, when, and who wrote it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from conversations.reports.asking import Asking, Scope

# Counted by quarters of an hour first: in every zone an hour begins with one, and a few of them are
# put into the reader's zone sooner than every message.
TRAFFIC = """
WITH quarters AS (
    SELECT date_bin('15 minutes', m.created_at, '2000-01-01Z') AS at, m.channel,
        count(*) FILTER (WHERE m.direction = 'in') AS received,
        count(*) FILTER (WHERE m.direction = 'out') AS sent
    FROM conversations_message AS m
    WHERE m.created_at >= %(since)s AND m.created_at < %(until)s AND {messages}
    GROUP BY 1, 2
), said AS (
    SELECT at AT TIME ZONE %(zone)s AS at, channel, received, sent FROM quarters
), timed AS (
    SELECT date_trunc(%(unit)s, at)::date AS bucket, extract(hour FROM at)::int AS hour,
        extract(isodow FROM at)::int AS weekday, channel, received, sent
    FROM said
)
SELECT GROUPING(bucket, hour, weekday, channel), bucket, hour, weekday, channel,
    coalesce(sum(received), 0)::bigint, coalesce(sum(sent), 0)::bigint
FROM timed GROUP BY GROUPING SETS ((), (bucket), (hour), (weekday), (channel))
"""
WRITERS = """
SELECT author, sum(messages)::bigint, count(*) FROM (
    SELECT m.author, m.conversation_id, count(*) AS messages
    FROM conversations_message AS m
    WHERE m.author <> '' AND m.created_at >= %(since)s AND m.created_at < %(until)s
        AND {messages}
    GROUP BY 1, 2
) AS written GROUP BY author
"""


@dataclass(frozen=True)
class Both:
    """Messages of customers, and ours."""

    received: int = 0
    sent: int = 0


@dataclass(frozen=True)
class Traffic:
    """Hours are those of a clock, 0 to 23; weekdays 1 to 7, Monday first."""

    total: Both = Both()
    by_bucket: Mapping[date, Both] = field(default_factory=dict)
    by_hour: Mapping[int, Both] = field(default_factory=dict)
    by_weekday: Mapping[int, Both] = field(default_factory=dict)
    by_channel: Mapping[str, Both] = field(default_factory=dict)


@dataclass(frozen=True)
class Written:
    """What one agent wrote, and in how many conversations."""

    messages: int = 0
    conversations: int = 0


def traffic(asking: Asking, scope: Scope) -> Traffic:
    groups: dict[int, dict[object, Both]] = {0b0111: {}, 0b1011: {}, 0b1101: {}, 0b1110: {}}
    total = Both()
    for by, bucket, hour, weekday, channel, received, sent in asking.rows(TRAFFIC, scope):
        if by in groups:
            key = next(key for key in (bucket, hour, weekday, channel) if key is not None)
            groups[by][key] = Both(received, sent)
        else:
            total = Both(received, sent)
    return Traffic(total, *groups.values())  # type: ignore[arg-type]


def writers(asking: Asking, scope: Scope) -> dict[str, Written]:
    """Return by account id who wrote what."""
    return {author: Written(*counts) for author, *counts in asking.rows(WRITERS, scope)}
