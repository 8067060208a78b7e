"""Writing a site's archive while it goes on: one snapshot of the database, then the files."""

import io
import json
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from typing import IO, Any

import psycopg
from django.core.files.storage import default_storage
from psycopg import sql

from omnichat.archives.contents import (
    DATES,
    FILES,
    MANIFEST,
    NOT_KEPT,
    PUBLIC,
    SUMS,
    TABLES,
    Manifest,
    Sums,
)
from tenants.models import Site
from tenants.side_connection import conninfo

# A site's rows of the public schema, each by what names the site; parents before their children.
PUBLIC_ROWS = {
    "tenants_site": "id = %(id)s",
    "tenants_domain": "tenant_id = %(id)s",
    "tenants_installation": "site_id = %(id)s",
    "tenants_inboundkey": "site_id = %(id)s",
    "tenants_siteevent": "cloud_id = %(cloud_id)s",
    "tenants_audithead": "schema_name = %(schema_name)s",
}
TABLE_NAMES = "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY tablename"
SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = %s"
LAST_TRANSACTION = """
SELECT greatest((SELECT max(transaction_id) FROM {}), (SELECT max(until_transaction) FROM {}), 0)
"""


def export(site: Site, target: IO[bytes]) -> Sums:
    """Write a site's archive to `target`; returns what is in it.

    The rows are those of one moment. Files are read after them: a file is never changed, and one
    that is removed meanwhile by retention or erasure is left out. Nothing of the site waits.
    """
    archive = _Archive(target)
    # Of its own: the product's connections end a transaction after half a minute.
    with psycopg.connect(conninfo()) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        cursor = connection.cursor()
        cursor.execute(f"SET datestyle = {DATES}")
        archive.add(MANIFEST, io.BytesIO(_manifest(cursor, site).to_json()))
        with TemporaryFile() as rows:
            for line in _public_rows(cursor, site):
                rows.write(line)
            archive.add(PUBLIC, rows)
        for table in _tables(cursor, site.schema_name):
            with TemporaryFile() as rows:
                archive.sums.rows[table] = _copy_out(cursor, site.schema_name, table, rows)
                archive.add(TABLES + table, rows)
    for name in _stored_files(site.schema_name):
        try:
            with default_storage.open(name) as stored, TemporaryFile() as content:
                for chunk in stored.chunks():
                    content.write(chunk)
                archive.add(FILES + name, content)
        except FileNotFoundError:
            continue
    return archive.close()


class _Archive:
    """A tar file that is written from front to end, and the sums of its members."""

    def __init__(self, target: IO[bytes]) -> None:
        self.sums = Sums()
        self._tar = tarfile.open(fileobj=target, mode="w|gz")  # noqa: SIM115 - closed by `close`

    def add(self, name: str, content: IO[bytes]) -> None:
        member = tarfile.TarInfo(name)
        member.size = content.seek(0, io.SEEK_END)
        member.mode = 0o600
        content.seek(0)
        digest = sha256()
        while chunk := content.read(1 << 20):
            digest.update(chunk)
        self.sums.sha256[name] = digest.hexdigest()
        content.seek(0)
        self._tar.addfile(member, content)

    def close(self) -> Sums:
        self.add(SUMS, io.BytesIO(self.sums.to_json()))
        self._tar.close()
        return self.sums


def _manifest(cursor: psycopg.Cursor[Any], site: Site) -> Manifest:
    schema = site.schema_name
    names = ("conversations_auditevent", "conversations_auditseal")
    question = sql.SQL(LAST_TRANSACTION).format(*(sql.Identifier(schema, name) for name in names))
    (last_transaction,) = _row(cursor.execute(question))
    applied = sql.SQL("SELECT app, name FROM {} ORDER BY app, name").format(
        sql.Identifier(schema, "django_migrations")
    )
    migrations = [list(row) for row in cursor.execute(applied)]
    sequences = dict(cursor.execute(SEQUENCES, (schema,)).fetchall())
    return Manifest(
        slug=site.slug,
        cloud_id=site.cloud_id,
        schema_name=schema,
        migrations=migrations,
        last_transaction=last_transaction,
        sequences=sequences,
        exported_at=datetime.now(UTC).isoformat(),
    )


def _public_rows(cursor: psycopg.Cursor[Any], site: Site) -> Iterator[bytes]:
    facts = {"id": site.pk, "cloud_id": site.cloud_id, "schema_name": site.schema_name}
    for table, condition in PUBLIC_ROWS.items():
        rows = cursor.execute(
            sql.SQL("SELECT to_jsonb(found) FROM {} AS found WHERE ").format(
                sql.Identifier("public", table)
            )
            + sql.SQL(condition),
            facts,
        )
        for (row,) in rows:
            yield json.dumps({"table": table, "row": row}).encode() + b"\n"


def _tables(cursor: psycopg.Cursor[Any], schema_name: str) -> list[str]:
    found = cursor.execute(TABLE_NAMES, (schema_name,)).fetchall()
    return [name for (name,) in found if name not in NOT_KEPT]


def _copy_out(cursor: psycopg.Cursor[Any], schema_name: str, table: str, target: IO[bytes]) -> int:
    columns = sql.SQL(", ").join(map(sql.Identifier, _columns(cursor, schema_name, table)))
    target.write(json.dumps(_columns(cursor, schema_name, table)).encode() + b"\n")
    question = sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(schema_name, table), columns)
    with cursor.copy(question) as copy:
        for chunk in copy:
            target.write(chunk)
    return cursor.rowcount


def _columns(cursor: psycopg.Cursor[Any], schema_name: str, table: str) -> list[str]:
    found = cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = %s"
        " AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
        (schema_name, table),
    )
    return [name for (name,) in found]


def _stored_files(folder: str) -> Iterator[str]:
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return  # no message has had one yet
    for name in sorted(names):
        yield str(PurePosixPath(folder, name))
    for name in sorted(folders):
        yield from _stored_files(str(PurePosixPath(folder, name)))


def _row(cursor: psycopg.Cursor[Any]) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = cursor.fetchone()
    if row is None:
        raise LookupError("No row was found.")
    return row
