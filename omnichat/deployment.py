"""What a deployment needs around it, tried out: stores, schemas, files, clock. Changes nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
from celery import current_app
from django.core.checks import WARNING, run_checks
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils.translation import ngettext

from tenants import replica, upgrading
from tenants.context import public_context
from tenants.pooling import refuse_transaction_pooler
from tenants.side_connection import conninfo

OLDEST = 16  # PostgreSQL's
NAMED = 5  # schemas, of many that are behind
CLOCKS_APART = 5  # seconds; tokens of Atlassian's end by ours, outbox and marks by the database's


@dataclass(frozen=True)
class Finding:
    """`problem` is empty where all is well; then `found` says what there is."""

    about: str
    found: str = ""
    problem: str = ""


def examine() -> Iterator[Finding]:
    """Try one thing after the other, and say what came of it."""
    tries: tuple[tuple[str, Callable[[], str]], ...] = (
        ("settings", _settings),
        ("database", _database),
        ("connections", _connections),
        ("replica", _replica),
        ("schemas", _schemas),
        ("clock", _clock),
        ("broker", _broker),
        ("files", _files),
    )
    with public_context():
        for about, look in tries:
            try:
                yield Finding(about, found=look())
            except Unfit as refusal:
                yield Finding(about, problem=str(refusal))
            except Exception as failure:  # noqa: BLE001 - whatever it is, it is what is asked for
                yield Finding(about, problem=_in_a_line(failure))


class Unfit(Exception):
    """Something answers, and is not as it must be."""


def _settings() -> str:
    """What is malformed or missing has ended the process before."""
    said = [each for each in run_checks(include_deployment_checks=True) if not each.is_silenced()]
    if wrong := [f"{each.msg} ({each.id})" for each in said if each.level >= WARNING]:
        raise Unfit(" ".join(wrong))
    return "complete"


def _database() -> str:
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        (version,) = cursor.fetchone()
    if version < OLDEST:
        raise Unfit(f"PostgreSQL {version} is too old: {OLDEST} or newer is needed.")
    return f"PostgreSQL {version}"


def _connections() -> str:
    connection.ensure_connection()  # nobody is refused by a database that is away
    refuse_transaction_pooler()
    return "each keeps its session"


def _replica() -> str:
    if not replica.in_use():
        return "none"
    age = replica.behind()
    if age is None:
        raise Unfit("It does not answer, or no process was heard of yet.")
    if age > replica.TOO_OLD:
        raise Unfit(f"It is {age.total_seconds():.0f} s behind: see whether it receives.")
    return "keeps up"


def _schemas() -> str:
    known = upgrading.known_migrations()
    with psycopg.connect(conninfo(), autocommit=True) as database:
        if database.execute("SELECT to_regclass('public.django_migrations')").fetchone() == (None,):
            raise Unfit("There are none yet: run manage.py upgrade_sites.")
        public = database.execute("SELECT app, name FROM public.django_migrations").fetchall()
        sites = upgrading.states(database).items()
    behind = ["public"] if known - set(public) else []
    behind += [name for applied, names in sites if known - applied for name in names]
    if behind:
        named = ", ".join(behind[:NAMED])
        more = ", ..." if len(behind) > NAMED else ""
        said = ngettext(
            "%(count)d schema lacks migrations (%(named)s): run manage.py upgrade_sites.",
            "%(count)d schemas lack migrations (%(named)s): run manage.py upgrade_sites.",
            len(behind),
        )
        raise Unfit(said % {"count": len(behind), "named": named + more})
    return "up to date"


def _clock() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (there,) = cursor.fetchone()
    apart = abs((datetime.now(UTC) - there).total_seconds())
    if apart > CLOCKS_APART:
        raise Unfit(f"This machine's clock and the database's are {apart:.0f} s apart.")
    return "as the database's"


def _broker() -> str:
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=5)
        return str(broker.transport.driver_name)


def _files() -> str:
    name = default_storage.save(f"check-{uuid4()}", ContentFile(b"OmniChat"))
    try:
        with default_storage.open(name) as file:
            if file.read() != b"OmniChat":
                raise Unfit("What was written could not be read again.")
    finally:
        default_storage.delete(name)
    return "written, read and removed"


def _in_a_line(failure: Exception) -> str:
    return f"{type(failure).__name__}: {' '.join(str(failure).split())}"
