"""Putting a site's archive into this database: whole or not at all."""

import json
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from tempfile import TemporaryFile
from typing import IO, Any

import psycopg
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import DataError, IntegrityError, transaction
from django.db import connection as django_connection
from django.db.models import Q
from psycopg import sql

from omnichat.archives import clock
from omnichat.archives.contents import (
    DATES,
    FILES,
    FORMAT,
    MANIFEST,
    PUBLIC,
    SUMS,
    TABLES,
    ArchiveRefused,
    Manifest,
    Sums,
)
from omnichat.archives.promises import note_may_have_left
from omnichat.archives.writing import PUBLIC_ROWS
from tenants import site_events
from tenants.context import public_context
from tenants.migrating import site_migrations
from tenants.models import Domain, Site
from tenants.provisioning import is_provisioned, make_schema

MALFORMED = (
    *(tarfile.TarError, zlib.error, EOFError, ValueError, DataError),
    # Django does not put its own errors in the place of what COPY raises.
    *(psycopg.DataError, psycopg.IntegrityError, psycopg.ProgrammingError),
)
HISTORY = "tenants_siteevent"  # outlives its site: one that is put back here has it already

connection: Any = django_connection  # the backend is ours


def restore(source: IO[bytes]) -> Site:
    """Make the site of an archive, suspended, and return it.

    Raises ArchiveRefused when this database cannot take it, or the archive is not whole; then
    nothing is left of the try.
    """
    stored: list[str] = []
    connection.ensure_connection()
    connection.limit_transactions(0)  # a large site takes longer than any request may
    try:
        with public_context(), transaction.atomic():
            return _Restoring(_Members(source), stored).run()
    except MALFORMED as failure:
        _remove(stored)
        raise ArchiveRefused("The archive is cut or changed, or no archive at all.") from failure
    except IntegrityError as failure:
        _remove(stored)
        raise ArchiveRefused(
            "Another site here has its address, its key or its installation."
        ) from failure
    except BaseException:
        _remove(stored)
        raise
    finally:
        if connection.connection is not None:
            connection.limit_transactions(settings.TRANSACTION_SECONDS)


class _Restoring:
    def __init__(self, members: "_Members", stored: list[str]) -> None:
        self.members = members
        self.stored = stored
        self.rows: dict[str, int] = {}

    def run(self) -> Site:
        manifest = Manifest.from_json(self.members.read(MANIFEST))
        _refuse_unfit(manifest)
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL datestyle = {DATES}")
            self._take_public_rows(cursor)
            make_schema(manifest.schema_name)
            _empty(cursor, manifest.schema_name)
            for name, content in self.members.rest():
                if name.startswith(TABLES):
                    table = name.removeprefix(TABLES)
                    self.rows[table] = _copy_in(cursor, manifest.schema_name, table, content)
                elif name.startswith(FILES):
                    self._store(name.removeprefix(FILES), content, manifest.schema_name)
            self._refuse_incomplete()
            _set_sequences(cursor, manifest)
            clock.set_ahead(cursor, manifest.schema_name, manifest.last_transaction)
            exported_at = datetime.fromisoformat(manifest.exported_at)
            note_may_have_left(cursor, manifest.schema_name, exported_at)
        site = Site.objects.get(schema_name=manifest.schema_name)
        # Nothing leaves before somebody has looked: where it came from, it may be at work still.
        Site.objects.filter(pk=site.pk).update(state=Site.State.SUSPENDED)
        Domain.objects.get_or_create(
            domain=site.host.partition(":")[0], defaults={"tenant": site, "is_primary": True}
        )
        site_events.record(site, "imported", exported_at=manifest.exported_at)
        site.refresh_from_db()
        return site

    def _take_public_rows(self, cursor: Any) -> None:
        site_id: int | None = None
        for line in self.members.read(PUBLIC).splitlines():
            found = json.loads(line)
            table, row = found["table"], found["row"]
            if table not in PUBLIC_ROWS:
                raise ArchiveRefused(f"No table {table} belongs to a site.")
            row.pop("id", None)  # another database has numbers of its own
            if table == HISTORY and _is_known(cursor, row):
                continue
            for owner in {"site_id", "tenant_id"} & set(row):
                row[owner] = site_id
            inserted = _insert(cursor, table, row)
            if table == "tenants_site":
                site_id = inserted

    def _store(self, name: str, content: IO[bytes], schema_name: str) -> None:
        if not name.startswith(f"{schema_name}/") or ".." in name.split("/"):
            raise ArchiveRefused("A file in it lies outside of the site's folder.")
        if default_storage.exists(name):
            raise ArchiveRefused(f"The folder {schema_name} of the file store is not empty.")
        self.stored.append(default_storage.save(name, File(content)))

    def _refuse_incomplete(self) -> None:
        told = self.members.sums
        if told is None or told["sha256"] != self.members.found or told["rows"] != self.rows:
            raise ArchiveRefused("The archive was cut or changed: its sums do not fit.")


class _Members:
    """The members of an archive in their order, each read once; their sums are kept."""

    def __init__(self, source: IO[bytes]) -> None:
        self._tar = tarfile.open(fileobj=source, mode="r|gz")  # noqa: SIM115 - reads `source`
        self.found: dict[str, str] = {}
        self.sums: dict[str, Any] | None = None

    def read(self, name: str) -> bytes:
        """Return the next member, which has to be this one."""
        member = self._tar.next()
        content = self._tar.extractfile(member) if member else None
        if member is None or content is None or member.name != name:
            raise ArchiveRefused("This is no archive of a site.")
        text = content.read()
        self.found[name] = sha256(text).hexdigest()
        return text

    def rest(self) -> Iterator[tuple[str, IO[bytes]]]:
        while (member := self._tar.next()) is not None:
            content = self._tar.extractfile(member)
            if content is None:
                raise ArchiveRefused("This is no archive of a site.")
            if member.name == SUMS:
                self.sums = _sums(content.read())
                continue
            with TemporaryFile() as copy:
                digest = sha256()
                while chunk := content.read(1 << 20):
                    digest.update(chunk)
                    copy.write(chunk)
                copy.seek(0)
                self.found[member.name] = digest.hexdigest()
                yield member.name, copy


def _sums(text: bytes) -> dict[str, Any]:
    try:
        return asdict(Sums(**json.loads(text)))
    except (ValueError, TypeError):
        raise ArchiveRefused("This is no archive of a site.") from None


def _refuse_unfit(manifest: Manifest) -> None:
    if manifest.format != FORMAT:
        raise ArchiveRefused(f"This release reads archives of format {FORMAT} only.")
    same = Site.objects.filter(
        Q(schema_name=manifest.schema_name) | Q(cloud_id=manifest.cloud_id) | Q(slug=manifest.slug)
    )
    if same.exists() or is_provisioned(Site(schema_name=manifest.schema_name)):
        raise ArchiveRefused(
            f"There is a site {manifest.slug} here already, or another of its name or schema."
        )
    ours = site_migrations()
    theirs = {(app, name) for app, name in manifest.migrations}
    labels = {app for app, _name in ours}
    if ours != {(app, name) for app, name in theirs if app in labels}:
        raise ArchiveRefused(
            "Another release wrote it. Import it with that release, and upgrade then."
        )


def _is_known(cursor: Any, event: dict[str, Any]) -> bool:
    """Whether the history that this database has of the site holds an event."""
    history = sql.Identifier("public", HISTORY)
    cursor.execute(
        sql.SQL(
            "SELECT EXISTS (SELECT FROM {history} AS known WHERE cloud_id = %s AND to_jsonb(known)"
            " - 'id' = to_jsonb(jsonb_populate_record(NULL::{history}, %s)) - 'id')"
        ).format(history=history),
        (event["cloud_id"], json.dumps(event)),
    )
    found: bool = cursor.fetchone()[0]
    return found


def _insert(cursor: Any, table: str, row: dict[str, Any]) -> int | None:
    """Insert a row as JSON has it; returns its id if it has one."""
    cursor.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s",
        (table,),
    )
    columns = sorted({name for (name,) in cursor.fetchall()} & set(row))
    cursor.execute(
        sql.SQL(
            "INSERT INTO {table} AS made ({columns}) SELECT {columns}"
            " FROM jsonb_populate_record(NULL::{table}, %s)"
            " RETURNING (to_jsonb(made)->>'id')::bigint"
        ).format(
            table=sql.Identifier("public", table),
            columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        ),
        (json.dumps(row),),
    )
    found: int | None = cursor.fetchone()[0]
    return found


def _empty(cursor: Any, schema_name: str) -> None:
    """Remove what a new schema begins with: the archive has its own."""
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (schema_name,))
    tables = [sql.Identifier(schema_name, name) for (name,) in cursor.fetchall()]
    cursor.execute("SET LOCAL omnichat.retention = 'on'")
    cursor.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(tables)))
    cursor.execute("SET LOCAL omnichat.retention = 'off'")


def _copy_in(cursor: Any, schema_name: str, table: str, content: IO[bytes]) -> int:
    columns = sql.SQL(", ").join(map(sql.Identifier, json.loads(content.readline())))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(schema_name, table), columns
    )
    with cursor.copy(statement) as copy:
        while chunk := content.read(1 << 20):
            copy.write(chunk)
    rows: int = cursor.rowcount
    return rows


def _set_sequences(cursor: Any, manifest: Manifest) -> None:
    for name, value in manifest.sequences.items():
        if value is not None:  # else it has given no number yet
            cursor.execute(
                "SELECT setval(format('%%I.%%I', %s::text, %s::text)::regclass, %s)",
                (manifest.schema_name, name, value),
            )


def _remove(stored: list[str]) -> None:
    for name in stored:
        with suppress(Exception):  # of a disk or of a bucket: each has its own
            default_storage.delete(name)
