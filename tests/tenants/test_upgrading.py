"""A release over many sites: one is migrated, the others replay it, to the same end."""

import io
from contextlib import contextmanager

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations import (
    Migration,
    RenameModel,
    RunPython,
    RunSQL,
    SeparateDatabaseAndState,
)
from django.db.migrations.loader import MigrationLoader

from tenants import replaying, upgrading
from tenants.context import enter_public, public_context
from tenants.models import Site, SiteEvent, SiteFigures
from tenants.provisioning import provision
from tenants.side_connection import conninfo
from tests.tenants.catalogs import assert_same

pytestmark = pytest.mark.django_db(transaction=True)

SITES = ("site_hooli", "site_initech", "site_umbrella")
# Each migration after these is tried by itself.
OLD = {"conversations": "0010", "channels": "0001", "jira_bridge": "0001", "logins": "0002"}


@pytest.fixture
def behind(db, monkeypatch):
    """Three sites as they were before the newest release."""
    monkeypatch.setattr(upgrading, "PAUSE_SECONDS", 0)
    enter_public()
    for schema_name in SITES:
        slug = schema_name.removeprefix("site_")
        site = Site.objects.create(
            slug=slug, cloud_id=slug, url="https://i.example", schema_name=schema_name
        )
        provision(site)
        call_command("migrate_schemas", "channels", "0002", schema_name=schema_name, verbosity=0)
        enter_public()
    yield SITES
    with public_context():
        run(f"DROP SCHEMA {', '.join(SITES)} CASCADE")
        Site.objects.filter(schema_name__in=SITES).delete()


def upgrade(*options):
    said = io.StringIO()
    call_command("upgrade_sites", *options, stdout=said)
    return said.getvalue()


def run(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def left_behind():
    with psycopg.connect(conninfo()) as database:
        found = upgrading.states(database)
    known = upgrading.known_migrations()
    return {name for applied, names in found.items() if known - applied for name in names}


@contextmanager
def other(statement):
    """Another session that has run a statement and has not ended."""
    with psycopg.connect(conninfo()) as database:
        database.execute(statement)
        yield database


@pytest.fixture
def replayed(monkeypatch):
    """The schemas that did not go the plain way."""
    names = []
    run = replaying.Replay.run

    def noted(replay, database, schema_name):
        run(replay, database, schema_name)
        names.append(schema_name)

    monkeypatch.setattr(replaying.Replay, "run", noted)
    return names


def test_sites_behind_are_brought_up_to_date(behind, replayed):
    assert left_behind() == set(behind)

    said = upgrade()

    assert left_behind() == set()
    assert sorted(replayed) == ["site_initech", "site_umbrella"]
    assert "3 sites are behind." in said
    assert "3 sites migrated in" in said
    for schema_name in behind:
        assert_same(schema_name, "site_acme")


def test_one_site_is_one_in_words(behind):
    upgrade()
    call_command("migrate_schemas", "channels", "0002", schema_name=behind[0], verbosity=0)
    enter_public()

    said = upgrade()

    assert "1 site is behind.\n1 site migrated in" in said


def test_second_upgrade_has_nothing_to_do(behind, replayed):
    upgrade()
    del replayed[:]

    said = upgrade()

    assert "0 sites migrated" in said
    assert "behind" not in said
    assert replayed == []


def test_figures_say_at_once_that_no_site_is_behind(behind):
    site = Site.objects.get(schema_name="site_hooli")
    SiteFigures.objects.create(site=site, missing_migrations=2)

    upgrade()

    assert SiteFigures.objects.get(site=site).missing_migrations == 0


def test_site_that_fails_stops_no_other_and_is_named(behind):
    # As if somebody had been at it by hand.
    run("ALTER TABLE site_initech.channels_provideraccount ADD COLUMN pulls_inbox bool")
    site = Site.objects.get(schema_name="site_initech")
    SiteFigures.objects.create(site=site, missing_migrations=2)

    with pytest.raises(CommandError, match=r"^Still behind: site_initech \(ProgrammingError\)"):
        upgrade()

    assert left_behind() == {"site_initech"}
    event = SiteEvent.objects.get(cloud_id="initech")
    assert (event.action, event.detail) == ("not migrated", {"problem": "ProgrammingError"})
    assert SiteFigures.objects.get(site=site).missing_migrations == 2


def test_busy_table_holds_up_no_other_site(behind, monkeypatch):
    monkeypatch.setattr(upgrading, "LOCK_SECONDS", 1)
    monkeypatch.setattr(upgrading, "ROUNDS", 1)

    with (
        other("LOCK TABLE site_umbrella.channels_provideraccount IN ACCESS SHARE MODE"),
        pytest.raises(CommandError, match=r"^Still behind: site_umbrella \(Busy\)"),
    ):
        upgrade()

    assert left_behind() == {"site_umbrella"}
    upgrade()
    assert left_behind() == set()


def test_site_that_somebody_else_migrates_is_left_to_them(behind, monkeypatch):
    monkeypatch.setattr(upgrading, "ROUNDS", 1)

    with (
        other("SELECT pg_advisory_lock(hashtext('migrate'), hashtext('site_umbrella'))"),
        pytest.raises(CommandError, match="site_umbrella"),
    ):
        upgrade()

    assert left_behind() == {"site_umbrella"}


def test_schema_in_which_a_constraint_has_another_name_is_migrated_plainly(behind, monkeypatch):
    """What was replayed of another schema does not fit, and leaves nothing behind."""
    run = replaying.Replay.run

    def misfits(replay, database, schema_name):
        replay.steps[-1][1].append("ALTER TABLE channels_sender DROP CONSTRAINT of_another_name")
        run(replay, database, schema_name)

    monkeypatch.setattr(replaying.Replay, "run", misfits)

    upgrade()

    assert left_behind() == set()
    assert_same("site_umbrella", "site_acme")


def test_statement_that_ends_in_a_comment_swallows_none_after_it(behind, monkeypatch):
    """Its migration would count as done, or the whole be refused."""
    run = replaying.Replay.run

    def commented(replay, database, schema_name):
        for _migration, statements in replay.steps:
            statements += ["SELECT 1 -- as somebody wrote it", "SELECT 2"]
        run(replay, database, schema_name)
        replayed.append(schema_name)

    replayed = []
    monkeypatch.setattr(replaying.Replay, "run", commented)

    upgrade("--parallel", "1")

    assert replayed == ["site_initech", "site_umbrella"]
    assert left_behind() == set()


def test_what_is_more_than_sql_is_not_replayed(behind, replayed, monkeypatch):
    monkeypatch.setattr(replaying, "_is_sql_alone", lambda operation: False)

    upgrade("--parallel", "1")

    assert replayed == []
    assert left_behind() == set()


class OneOperation(Migration):
    def __init__(self, *operations, atomic=True):
        super().__init__("0001_one", "conversations")
        self.operations, self.atomic = list(operations), atomic


PYTHON = RunPython(RunPython.noop)
SQL = RunSQL("SELECT 1")


@pytest.mark.parametrize(
    ("migration", "replayable"),
    [
        (OneOperation(SQL), True),
        (OneOperation(SQL, PYTHON), False),
        (OneOperation(RenameModel("Old", "New")), False),
        (OneOperation(SeparateDatabaseAndState([SQL], [PYTHON])), True),
        (OneOperation(SeparateDatabaseAndState([PYTHON])), False),
        (OneOperation(SQL, atomic=False), False),
    ],
)
def test_what_others_can_replay_is_sql_in_a_transaction(migration, replayable):
    assert replaying._is_replayable(migration) is replayable


def test_schema_in_another_state_replays_nothing(inside_acme):
    replay = replaying.Replay(applied=frozenset())

    with psycopg.connect(conninfo()) as database, pytest.raises(replaying.NotAsExpected):
        replay.run(database, "site_acme")


def test_lost_database_ends_the_upgrade(behind, monkeypatch):
    def lose(replay, database, schema_name):
        database.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(replaying.Replay, "run", lose)

    with pytest.raises(psycopg.OperationalError):
        upgrade("--parallel", "1")

    assert left_behind() == {"site_initech", "site_umbrella"}
    assert SiteEvent.objects.filter(action="not migrated").exists() is False


def test_site_without_a_schema_is_passed_over(db):
    enter_public()
    site = Site.objects.create(
        slug="early", cloud_id="early", url="https://i.example", schema_name="site_early"
    )

    assert "0 sites migrated" in upgrade()

    site.delete()


def test_every_migration_replayed_equals_the_same_run_plainly(db):
    enter_public()
    schemas = ("site_plainly", "site_by_replay")
    run("CREATE SCHEMA site_plainly; CREATE SCHEMA site_by_replay")
    for schema_name in schemas:
        for label, name in OLD.items():
            migrate_to(schema_name, label, name)

    tried = sum(step(*schemas, label, name) for label, name in later_migrations())

    assert tried >= 16
    assert_same(*schemas)
    run("DROP SCHEMA site_plainly CASCADE; DROP SCHEMA site_by_replay CASCADE")


def step(plain, replayed, label, name):
    """Migrate one schema plainly, replay it in the other, and compare them."""
    replay = replaying.record(plain, lambda: migrate_to(plain, label, name), (label, name))
    if replay is None:
        return 0
    with psycopg.connect(conninfo(), autocommit=True) as database:
        replay.run(database, replayed)
    assert_same(plain, replayed)
    return 1


def later_migrations():
    """The site apps' migrations after the old state, in an order in which they can be run."""
    loader = MigrationLoader(None)
    order = {}
    for leaf in loader.graph.leaf_nodes():
        order |= dict.fromkeys(loader.graph.forwards_plan(leaf))
    return [key for key in order if key[1][:4] > OLD.get(key[0], "9999")]


def migrate_to(schema_name, label, name):
    call_command("migrate_schemas", label, name, schema_name=schema_name, verbosity=0)
    enter_public()
