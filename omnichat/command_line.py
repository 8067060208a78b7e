"""`manage.py`, ending in words instead of a traceback where the database is out of reach."""

import sys

import psycopg
from django.core.management import execute_from_command_line
from django.db import InterfaceError, OperationalError

# A server that goes down ends its sessions with these; what has no code is the line itself.
GOES_DOWN = ("57P01", "57P02", "57P03")


def run(arguments: list[str]) -> None:
    """Run a command; `--traceback` shows where the database was missed."""
    try:
        execute_from_command_line(arguments)
    except (OperationalError, InterfaceError, psycopg.OperationalError) as failure:
        if "--traceback" in arguments or not _is_out_of_reach(failure):
            raise
        sys.exit(
            f"The database is out of reach: {' '.join(str(failure).split())}\n"
            "See that it runs, and that DATABASE_URL names its host, database, user and password;"
            " then start again."
        )


def _is_out_of_reach(failure: Exception) -> bool:
    """Whether it is not a statement that was refused, as by a lock that was waited for in vain."""
    cause = failure if isinstance(failure, psycopg.Error) else failure.__cause__
    state = cause.sqlstate if isinstance(cause, psycopg.Error) else None
    return state is None or state in GOES_DOWN
