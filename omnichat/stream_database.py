"""Where the stream finds the database, and how it connects: without Django's connection."""

from typing import Any

import psycopg
from django.conf import settings

# A socket's folder comes as an option: a URL has no other place for a path.
DATABASE_OPTIONS = {
    *("host", "sslmode", "sslrootcert", "sslcert", "sslkey", "passfile", "service"),
    "target_session_attrs",  # of several hosts: where nothing is written, nobody is notified
    "tcp_user_timeout",
}
# A server that is gone without a word must be noticed: by who listens, before panels grow stale,
# and by the heart, before the process seems to be silent.
KEEPALIVES = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}


def database_address() -> str:
    """Return the address of the database for psycopg, without Django's connection."""
    database = settings.DATABASES["default"]
    named = {
        "host": database.get("HOST"),
        "port": database.get("PORT"),
        "dbname": database["NAME"],
        "user": database.get("USER"),
        "password": database.get("PASSWORD"),
    }
    options = {
        name: value
        for name, value in database.get("OPTIONS", {}).items()
        if name in DATABASE_OPTIONS
    }
    given = {name: value for name, value in named.items() if value}
    return psycopg.conninfo.make_conninfo("", **(KEEPALIVES | given | options))


async def connect(conninfo: str) -> psycopg.AsyncConnection[Any]:
    return await psycopg.AsyncConnection.connect(
        conninfo,
        autocommit=True,
        connect_timeout=5,
        application_name="omnichat-stream",
    )
