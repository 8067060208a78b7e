"""What migrating one site's schema did, so that schemas of the same state replay it.

The statements are those of Django's own schema editor while it migrates the first site. Collected
without being run, as by `sqlmigrate`, they would lack the constraints that later migrations of
the plan find by name in the database.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import psycopg
from django.db import connection as django_connection
from django.db import router
from django.db.migrations import Migration, RenameModel, SeparateDatabaseAndState
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from tenants.context import schema_context

connection: Any = django_connection  # the backend is ours
Applied = frozenset[tuple[str, str]]

RECORD = "INSERT INTO django_migrations (app, name, applied) VALUES ({app}, {name}, now())"
# What Django makes once all is migrated: by natural keys, since numbers differ between sites.
CONTENT_TYPES = """
    INSERT INTO django_content_type (app_label, model)
    SELECT * FROM unnest(%s::text[], %s::text[]) ON CONFLICT DO NOTHING
"""
PERMISSIONS = """
    INSERT INTO auth_permission (name, codename, content_type_id)
    SELECT new.name, new.codename, kind.id
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[])
        AS new (app_label, model, codename, name)
    JOIN django_content_type AS kind USING (app_label, model)
    ON CONFLICT DO NOTHING
"""


class NotAsExpected(Exception):
    """The schema is not in the state from which the statements lead on."""


@dataclass
class Replay:
    """Statements of each migration, in order, and what stands in the tables of kinds after it."""

    applied: Applied
    steps: list[tuple[Migration, list[str]]] = field(default_factory=list)
    content_types: list[tuple[str, str]] = field(default_factory=list)
    permissions: list[tuple[str, str, str, str]] = field(default_factory=list)

    def run(self, database: psycopg.Connection[Any], schema_name: str) -> None:
        """Do to a schema what was done to the first, each migration in a transaction of its own.

        Raises NotAsExpected where other migrations are applied, and psycopg.Error; what was
        committed until then stays, as with any migration.
        """
        path = sql.SQL("SET search_path TO {}, public").format(sql.Identifier(schema_name))
        database.execute(path)
        if applied_in(database) != self.applied:
            raise NotAsExpected
        for migration, statements in self.steps:
            row = sql.SQL(RECORD).format(app=migration.app_label, name=migration.name)
            # On its own line: a statement may end in a comment.
            script = "\n;\n".join([*statements, row.as_string(database)])
            with database.transaction():
                database.execute(script.encode())
        with database.transaction():
            database.execute(CONTENT_TYPES, columns(self.content_types, 2))
            database.execute(PERMISSIONS, columns(self.permissions, 4))


def record(
    schema_name: str, migrate: Callable[[], object], target: tuple[str, str] | None = None
) -> Replay | None:
    """Call `migrate`, which migrates the schema up to `target`, or by all that there is.

    None when others cannot replay what it did.
    """
    with schema_context(schema_name):
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan([target] if target else executor.loader.graph.leaf_nodes())
        replayable = bool(plan) and all(_is_replayable(migration) for migration, _backwards in plan)
        applied: Applied = frozenset(executor.loader.applied_migrations)
    with _editors_recorded() as scripts:
        migrate()
    order = _order_run(executor, {migration for migration, _backwards in plan})
    text = "\n".join(statement for script in scripts for statement in script)
    if not replayable or len(scripts) != len(order) or schema_name in text:
        return None
    replay = Replay(applied, list(zip(order, scripts, strict=True)))
    with schema_context(schema_name), connection.cursor() as cursor:
        cursor.execute("SELECT app_label, model FROM django_content_type ORDER BY id")
        replay.content_types = cursor.fetchall()
        cursor.execute(
            "SELECT app_label, model, codename, name FROM auth_permission JOIN django_content_type"
            " AS kind ON kind.id = content_type_id ORDER BY auth_permission.id"
        )
        replay.permissions = cursor.fetchall()
    return replay


def applied_in(database: psycopg.Connection[Any]) -> Applied:
    """Return which migrations the schema of this search path has."""
    return frozenset(database.execute("SELECT app, name FROM django_migrations").fetchall())


def columns(rows: list[tuple[str, ...]] | list[Any], width: int) -> list[list[str]]:
    """Return rows as the arrays that `unnest` takes."""
    return [[row[number] for row in rows] for number in range(width)]


def _is_replayable(migration: Migration) -> bool:
    if not router.allow_migrate(connection.alias, migration.app_label):
        return True  # nothing of it is done in a site's schema
    return migration.atomic and all(map(_is_sql_alone, migration.operations))


def _is_sql_alone(operation: Any) -> bool:
    if isinstance(operation, SeparateDatabaseAndState):
        return all(map(_is_sql_alone, operation.database_operations))
    # Django has a renamed model's content type follow it, by an operation that is not SQL.
    return operation.reduces_to_sql and not isinstance(operation, RenameModel)


def _order_run(executor: MigrationExecutor, planned: set[Migration]) -> list[Migration]:
    """Return the planned migrations in the order in which Django runs them."""
    whole = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
    return [migration for migration, _backwards in whole if migration in planned]


@contextmanager
def _editors_recorded() -> Iterator[list[list[str]]]:
    """Keep the statements of each schema editor that is used meanwhile, in order."""
    scripts: list[list[str]] = []
    plain = connection.SchemaEditorClass

    class RecordingEditor(plain):  # type: ignore[misc, valid-type]
        def __enter__(self) -> Any:
            self.script: list[str] = []
            scripts.append(self.script)
            return super().__enter__()

        def execute(self, statement: Any, params: Any = ()) -> None:
            text = str(statement)
            if params is not None:
                text = cast("str", connection.ops.compose_sql(text, params))
            self.script.append(text.rstrip().rstrip(";"))
            super().execute(text, None)

    connection.SchemaEditorClass = RecordingEditor
    try:
        yield scripts
    finally:
        connection.SchemaEditorClass = plain
