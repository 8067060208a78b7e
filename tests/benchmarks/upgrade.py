"""All sites upgraded by a small migration of a copied tree, and by none, beside the bare SQL."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from psycopg import sql

from tests.benchmarks.results import Goal, baseline
from tests.local_run import ROOT, RunFailed

PACKAGES = ("omnichat", "tenants", "logins", "conversations", "channels", "jira_bridge")
COLUMN = "bench_note"
MIGRATION = '''"""A small migration: one column and one index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "{last}")]
    operations = [
        migrations.AddField(
            "message", "{column}", models.CharField(max_length=40, default="", db_default="")
        ),
        migrations.AddIndex("message", models.Index(fields=["{column}"], name="{column}")),
    ]
'''
BARE = """
ALTER TABLE {schema}.conversations_message ADD COLUMN bench_bare varchar(40) DEFAULT '' NOT NULL;
CREATE INDEX bench_bare ON {schema}.conversations_message (bench_bare);
"""
UPGRADED = """
SELECT count(*) FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE attname = %s AND relname = 'conversations_message'
"""


def measure_upgrades(run, part, schemas):
    bare = _bare(run, schemas)
    with copied_tree() as tree:
        _upgrade(run, tree)  # what an older template or the release itself left to do
        add_migration(tree)
        upgrades = {"one": _upgrade(run, tree), "none": _upgrade(run, tree)}
    _require_upgraded(run, schemas)
    titles = {"one": "upgraded by one small migration", "none": "upgraded, and nothing to do"}
    for name, (wall, cpu) in upgrades.items():
        part.add(
            f"sites.upgrade.{name}",
            f"{len(schemas):,} sites, {titles[name]}",
            {"all": wall, "each_ms": wall / len(schemas) * 1000},
            "s",
            baseline=baseline("the same column and index by SQL alone", bare, "s"),
            ratio=wall / bare,
            goal=Goal("all", at_most=60) if name == "one" else None,
            more=f"manage.py upgrade_sites; it took {cpu:.1f} s of processor itself",
        )


@contextmanager
def copied_tree():
    """Copy what the product's commands need to another place, to be changed there."""
    folder = Path(tempfile.mkdtemp(prefix="omnichat-upgrade-"))
    try:
        for name in PACKAGES:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        shutil.copy(ROOT / "manage.py", folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def add_migration(tree):
    folder = tree / "conversations" / "migrations"
    last = max(path.stem for path in folder.glob("[0-9]*.py"))
    written = MIGRATION.format(last=last, column=COLUMN)
    (folder / f"{int(last[:4]) + 1:04d}_benchmark.py").write_text(written)


def _upgrade(run, tree):
    """Run the release's command; returns its seconds, by the clock and of the processor."""
    before, began = _children(), time.monotonic()
    finished = subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", "upgrade_sites"],
        cwd=tree,
        env=run.environment | {"PYTHONPATH": os.fspath(tree)},
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise RunFailed(f"upgrade_sites failed:\n{finished.stderr[-2000:]}")
    return time.monotonic() - began, _children() - before


def _bare(run, schemas):
    began = time.monotonic()
    with run.connect() as connection:
        for schema in schemas:
            with connection.transaction():
                connection.execute(sql.SQL(BARE).format(schema=sql.Identifier(schema)))
    return time.monotonic() - began


def _require_upgraded(run, schemas):
    with run.connect() as connection:
        (count,) = connection.execute(UPGRADED, (COLUMN,)).fetchone()
    if count != len(schemas):
        raise RunFailed(f"{count} of {len(schemas)} sites were upgraded.")


def _children():
    taken = resource.getrusage(resource.RUSAGE_CHILDREN)
    return taken.ru_utime + taken.ru_stime
