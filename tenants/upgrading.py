"""A release over many sites: of those in the same state one is migrated, and the others replay it.

Whoever is interrupted starts again: one question finds what is left. Old code serves meanwhile,
and so does new code beside a site that is behind: migrations are written for both.
"""

import logging
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache, partial
from queue import SimpleQueue
from time import sleep
from typing import Any, TypeVar

import psycopg
from django.db import OperationalError
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import ngettext
from psycopg import errors, sql

from tenants import site_events
from tenants.context import public_context
from tenants.migrating import LOCK, UNLOCK, migrate
from tenants.models import Site, SiteFigures
from tenants.replaying import Applied, NotAsExpected, Replay, record
from tenants.side_connection import conninfo

# A migration that waits for a table has everybody behind it wait as well: it gives way soon, and
# comes back until whoever is at the table must have ended.
LOCK_SECONDS = 2
ROUNDS = 20
PAUSE_SECONDS = 3.0
SCHEMAS_AT_ONCE = 100
TELL_EVERY = 50

logger = logging.getLogger(__name__)
Database = psycopg.Connection[Any]
Result = TypeVar("Result")


class Busy(Exception):
    """Somebody else migrates the site, or is at its tables: its turn comes again."""


@dataclass
class Upgrade:
    """Brings all sites that are behind up to date, `parallel` at once; for one use."""

    parallel: int
    tell: Callable[[str], object]
    done: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    _busy: set[str] = field(default_factory=set)
    _lanes: SimpleQueue[Database] = field(default_factory=SimpleQueue)

    def run(self) -> None:
        """Do it; `failed` then names the schemas that are still behind, with the reason of each.

        Raises psycopg.OperationalError when the database is lost.
        """
        with public_context(), ExitStack() as connections:
            for _number in range(self.parallel):
                self._lanes.put(connections.enter_context(_connect()))
            self._round()
            for _again in range(ROUNDS):
                if not self._busy:
                    break
                said = ngettext(
                    "%(count)d site is busy, and is tried again.",
                    "%(count)d sites are busy, and are tried again.",
                    len(self._busy),
                )
                self.tell(said % {"count": len(self._busy)})
                sleep(PAUSE_SECONDS)
                self._round()
            for schema_name in self._busy:
                self._fail(schema_name, Busy())
            _show_as_done(self.failed)

    def _round(self) -> None:
        self._busy.clear()
        with _connect() as database:
            found = states(database)
        behind = [names for applied, names in found.items() if known_migrations() - applied]
        groups = [[name for name in names if name not in self.failed] for names in behind]
        if count := sum(map(len, groups)):
            said = ngettext("%(count)d site is behind.", "%(count)d sites are behind.", count)
            self.tell(said % {"count": count})
        for names in groups:
            self._migrate_alike(names)

    def _migrate_alike(self, schema_names: list[str]) -> None:
        """Migrate schemas of one state: the first that can be, then the others as it was done."""
        replay: Replay | None = None
        rest = iter(schema_names)
        for schema_name in rest:
            replay, failure = _tried(partial(record, schema_name, partial(_migrate, schema_name)))
            if self._settle(schema_name, failure):
                break
        others = list(rest)
        with ThreadPoolExecutor(self.parallel) as threads:
            tries = threads.map(partial(self._replay, replay), others)
            for schema_name, (_nothing, failure) in zip(others, tries, strict=True):
                self._settle(schema_name, failure)

    def _replay(self, replay: Replay | None, schema_name: str) -> tuple[object, Exception | None]:
        if replay is None:
            return _tried(partial(_migrate, schema_name))
        lane = self._lanes.get()
        try:
            return _tried(partial(_replay_or_migrate, replay, lane, schema_name))
        finally:
            self._lanes.put(lane)

    def _settle(self, schema_name: str, failure: Exception | None) -> bool:
        """Note what came of a try; whether the site is migrated."""
        if failure is None:
            self.done += 1
            if self.done % TELL_EVERY == 0:
                self.tell(f"{self.done} sites are migrated.")
        elif isinstance(failure, Busy):
            self._busy.add(schema_name)
        elif isinstance(failure, psycopg.OperationalError):
            raise failure
        else:
            self._fail(schema_name, failure)
        return failure is None

    def _fail(self, schema_name: str, failure: Exception) -> None:
        self.failed[schema_name] = type(failure).__name__
        site = Site.objects.filter(schema_name=schema_name).first()
        if site is not None:  # it may have been erased meanwhile
            logger.error("site_not_migrated", extra={"site": site.pk}, exc_info=failure)
            site_events.record(site, "not migrated", problem=type(failure).__name__)


def states(database: Database) -> dict[Applied, list[str]]:
    """Return the schemas of all sites by the migrations that each has; those without one are not.

    One question for a hundred schemas.
    """
    names = [
        name
        for (name,) in database.execute(
            "SELECT schema_name FROM public.tenants_site WHERE to_regclass("
            " quote_ident(schema_name) || '.django_migrations') IS NOT NULL ORDER BY id"
        )
    ]
    found: dict[Applied, list[str]] = defaultdict(list)
    for start in range(0, len(names), SCHEMAS_AT_ONCE):
        questions = [
            sql.SQL("SELECT {}, array_agg(ARRAY[app, name]) FROM {}").format(
                name, sql.Identifier(name, "django_migrations")
            )
            for name in names[start : start + SCHEMAS_AT_ONCE]
        ]
        for name, applied in database.execute(sql.SQL(" UNION ALL ").join(questions)):
            found[frozenset(map(tuple, applied or []))].append(name)
    return found


@cache
def known_migrations() -> Applied:
    """Return the migrations that Django notes in a schema that is up to date."""
    return frozenset(MigrationLoader(None).graph.nodes)


def _tried(act: Callable[[], Result]) -> tuple[Result | None, Exception | None]:
    """Return what came of it, or what stood in the way."""
    try:
        return act(), None
    except Exception as failure:  # noqa: BLE001 - a site that fails stops no other
        return None, failure


def _migrate(schema_name: str) -> None:
    """Migrate a schema as Django does it. Raises Busy."""
    try:
        if not migrate(schema_name, lock_seconds=LOCK_SECONDS):
            raise Busy
    except OperationalError as failure:
        if isinstance(failure.__cause__, errors.LockNotAvailable | errors.DeadlockDetected):
            raise Busy from failure
        raise


def _replay_or_migrate(replay: Replay, database: Database, schema_name: str) -> None:
    """Replay what was done to another schema, or migrate where that cannot be. Raises Busy."""
    if database.execute(LOCK, [schema_name]).fetchone() != (True,):
        raise Busy
    try:
        replay.run(database, schema_name)
    except (errors.LockNotAvailable, errors.DeadlockDetected) as failure:
        raise Busy from failure
    except (NotAsExpected, psycopg.Error) as failure:
        if database.closed:
            raise
        logger.info("migration_not_replayed", extra={"reason": type(failure).__name__})
    else:
        return
    finally:
        if not database.closed:
            database.execute(UNLOCK, [schema_name])
    _migrate(schema_name)


def _show_as_done(failed: dict[str, str]) -> None:
    """Let operators see it before the sites are counted again."""
    behind = SiteFigures.objects.filter(missing_migrations__gt=0)
    behind.exclude(site__schema_name__in=failed).update(missing_migrations=0)


def _connect() -> Database:
    database = psycopg.connect(conninfo(), autocommit=True)
    database.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'; SET statement_timeout = 0")
    return database
