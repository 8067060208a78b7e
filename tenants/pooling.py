"""Refusing a transaction pooler: it hands one site's search path to the next site's statement."""

from collections.abc import Callable
from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured

from tenants.side_connection import conninfo

Connect = Callable[[], Any]


def refuse_transaction_pooler() -> None:
    """Raise ImproperlyConfigured when a pooler shares server connections between transactions.

    Called when a process starts. A database that is down is nothing to judge by.
    """
    try:
        pooled = shares_backends(lambda: psycopg.connect(conninfo(), autocommit=True))
    except psycopg.OperationalError:
        return
    if pooled:
        raise ImproperlyConfigured(
            "DATABASE_URL leads to a transaction pooler, through which sites would write into each "
            "other's schemas. Use session pooling or no pooler."
        )


def shares_backends(connect: Connect) -> bool:
    """Whether a connection that is idle between transactions lends its backend to another one."""
    with connect() as one, connect() as other:
        one.execute("SET search_path TO omnichat_pooling_probe")
        (first,) = one.execute("SELECT pg_backend_pid()").fetchone()
        second, path = other.execute(
            "SELECT pg_backend_pid(), current_setting('search_path')"
        ).fetchone()
        one.execute("RESET search_path")
    return bool(first == second or "omnichat_pooling_probe" in path)
