"""Whose turn it is: each site has a moment of its own in every hour, so that not all come at once.

What is done to every site each hour is started each minute, for the sites whose moment has come
since it was started last.
"""

from collections.abc import Iterator
from random import sample
from time import monotonic
from zlib import crc32

from django.db import connection

from tenants.context import forget_catalogs
from tenants.directory import active_sites

PERIOD = 3600  # seconds
EVERY = 60  # seconds between two starts
# After an outage of ours the sites do not come all at once: the others' turn is within the hour.
LONGEST_GAP = 5 * EVERY
# Those whose turn is cut short, any of them, have it again in an hour.
SECONDS_AT_ONCE = 45.0

# A start is a pulse of what is done, with the start before it.
START = """
    WITH last AS (
        SELECT beaten_at FROM public.tenants_pulse WHERE name = %(name)s FOR UPDATE
    )
    INSERT INTO public.tenants_pulse (name, kind, since, beaten_at)
    SELECT %(name)s, 'turns',
           coalesce((SELECT beaten_at FROM last),
                    clock_timestamp() - make_interval(secs => %(every)s)),
           clock_timestamp()
    ON CONFLICT (name) DO UPDATE SET since = excluded.since, beaten_at = excluded.beaten_at
    RETURNING extract(epoch FROM beaten_at), extract(epoch FROM beaten_at - since)
"""


def sites_in_turn(name: str) -> Iterator[str]:
    """Yield the schemas of the active sites whose turn to have `name` done has come.

    The next is handed out only while this start has not taken long.
    """
    ends_at = monotonic() + SECONDS_AT_ONCE
    with connection.cursor() as cursor:
        cursor.execute(START, {"name": name, "every": EVERY})
        now, since_last = map(float, cursor.fetchone())
    gap = min(since_last, LONGEST_GAP)
    due = [schema_name for schema_name in active_sites() if _since(schema_name, now) < gap]
    for schema_name in sample(due, len(due)):
        if monotonic() > ends_at:
            break
        yield schema_name
    forget_catalogs()


def moment_of(schema_name: str) -> int:
    """Return the second of each hour at which a site's turn comes."""
    return crc32(schema_name.encode()) % PERIOD


def _since(schema_name: str, now: float) -> float:
    """Return how many seconds ago the site's turn has come last."""
    return (now - moment_of(schema_name)) % PERIOD
