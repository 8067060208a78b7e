"""How `manage.py` ends when the database is out of reach, or refuses us."""

import os
import subprocess
import sys

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError
from psycopg.errors import LockNotAvailable

from omnichat import command_line

DOWN = "postgresql://omnichat:s3cret-word@127.0.0.1:1/omnichat"
UNKNOWN = os.environ.get("DATABASE_URL", "").replace("postgres@", "nobody:s3cret-word@")
HINT = "See that it runs, and that DATABASE_URL names its host, database, user and password; then"


@pytest.mark.parametrize(
    ("url", "command", "reason"),
    [
        (DOWN, "upgrade_sites", "Connection refused"),
        (DOWN, "check_sharding", "Connection refused"),
        pytest.param(
            UNKNOWN,
            "upgrade_sites",
            'role "nobody" does not exist',
            marks=pytest.mark.skipif("nobody" not in UNKNOWN, reason="another server's users"),
        ),
    ],
    ids=["down", "down-for-django", "refused"],
)
def test_database_out_of_reach_is_said_in_words(url, command, reason):
    ended = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "manage.py", command],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert ended.returncode == 1
    said, hint = ended.stderr.splitlines()
    assert said.startswith("The database is out of reach: ")
    assert reason in said
    assert hint == f"{HINT} start again."
    assert "s3cret-word" not in ended.stdout + ended.stderr


def ends_in(monkeypatch, failure):
    def fail(arguments):
        raise failure

    monkeypatch.setattr(command_line, "execute_from_command_line", fail)


def test_refused_statement_is_no_database_out_of_reach(monkeypatch):
    waited = OperationalError("lock timeout")
    waited.__cause__ = LockNotAvailable("lock timeout")
    ends_in(monkeypatch, waited)

    with pytest.raises(OperationalError):
        command_line.run(["manage.py", "upgrade_sites"])


def test_traceback_is_shown_to_who_asks(monkeypatch):
    ends_in(monkeypatch, psycopg.OperationalError("connection refused"))

    with pytest.raises(psycopg.OperationalError):
        command_line.run(["manage.py", "upgrade_sites", "--traceback"])
