"""A replica of the database, where there is one: for long questions that may be a minute behind."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

from tenants.context import current_schema

ALIAS = "replica"
TOO_OLD = timedelta(minutes=1)
# One that does not answer may take seconds to say so, and is asked for each report.
LEFT_ALONE_SECONDS = 30.0
# Every process beats each ten seconds: by the newest beat that has arrived the rest is as old.
NEWEST = "SELECT max(beaten_at) FROM public.tenants_pulse"

logger = logging.getLogger(__name__)

_left_alone_until: dict[str, float] = {}


def in_use() -> bool:
    return ALIAS in connections.settings


@contextmanager
def reading() -> Iterator[str]:
    """Give the database to read from, in the current schema: the replica's alias if it keeps up.

    Else our own. What is written by the caller may not be in it yet.
    """
    if not in_use() or monotonic() < _left_alone_until.get(ALIAS, 0.0):
        yield DEFAULT_DB_ALIAS
        return
    age = behind()
    if age is None or age > TOO_OLD:
        yield DEFAULT_DB_ALIAS
        return
    replica: Any = connections[ALIAS]
    replica.set_schema(current_schema())
    try:
        yield ALIAS
    finally:
        replica.set_schema_to_public()


def behind() -> timedelta | None:
    """How far the replica is behind; None when it does not answer, or no process was ever heard."""
    here = _newest(DEFAULT_DB_ALIAS)
    try:
        there = _newest(ALIAS)
    except DatabaseError as failure:
        leave_alone(failure)
        return None
    return max(here - there, timedelta()) if here and there else None


def leave_alone(failure: DatabaseError) -> None:
    """Ask the replica nothing for a while: it has failed."""
    _left_alone_until[ALIAS] = monotonic() + LEFT_ALONE_SECONDS
    connections[ALIAS].close()
    logger.warning("replica_failed", extra={"failure": type(failure).__name__})


def _newest(alias: str) -> datetime | None:
    with connections[alias].cursor() as cursor:
        cursor.execute(NEWEST)
        (newest,) = cursor.fetchone()
    return newest if isinstance(newest, datetime) else None
