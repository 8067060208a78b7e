"""How often somebody may do what costs us: counted in windows of a fixed length, by all processes.

In the site's own table beside failed log-ins, with keyed hashes as there. Not for machines that
prove who they are: what a provider or Forge itself brings is always taken.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db import connection
from django.utils import timezone

from logins.attempts import keyed

COUNT = """
INSERT INTO logins_attempts AS known (key, failures, since)
VALUES (%(key)s, %(weight)s, %(now)s)
ON CONFLICT (key) DO UPDATE SET
  failures = %(weight)s + CASE WHEN known.since <= %(over)s THEN 0
                               ELSE LEAST(known.failures, %(most)s) END,
  since = CASE WHEN known.since <= %(over)s THEN %(now)s ELSE known.since END
RETURNING failures, since
"""


@dataclass(frozen=True)
class Limit:
    """So much of a kind in so long; longer than attempts are remembered is no window."""

    kind: str
    most: int
    window: timedelta


def spend(limit: Limit, who: str, *, weight: int = 1) -> int:
    """Count something before it is done; returns the seconds to wait, 0 when it may be done."""
    now = timezone.now()
    given: dict[str, str | int | datetime] = {
        "key": keyed(limit.kind, who),
        "weight": weight,
        "most": limit.most,
        "now": now,
        "over": now - limit.window,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT, given)
        spent, since = cursor.fetchone()
    if spent <= limit.most:
        return 0
    left: timedelta = since + limit.window - now
    return max(1, ceil(left.total_seconds()))
