"""A site that is exported and imported is the site that it was, its audit chain included."""

import io
import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from channels.models import Reconciliation
from conversations import audit, audit_chain
from conversations.models import Attachment, AuditClock, Message, OutboxEntry
from omnichat.archives import clock, writing
from omnichat.archives.reading import restore
from omnichat.archives.writing import export
from omnichat.management.commands import export_site
from sandbox.postgres import throw_away_cluster
from tenants import site_events
from tenants.context import enter_public, tenant_context
from tenants.models import Installation, Site, SiteEvent
from tests.factories import ProviderAccountFactory
from tests.local_run import ROOT
from tests.omnichat.archives import moved_site as mover

pytestmark = pytest.mark.django_db(transaction=True)
LOOK = f"""
import json
from conversations import audit, audit_chain
from conversations.models import AuditClock, AuditEvent, Message
from tenants.context import schema_context
with schema_context({mover.SCHEMA!r}):
    broken = audit_chain.first_break()
    audit.record("settings.changed", actor_kind=audit.Actor.ADMIN)
    sealed = audit.seal()
    print(json.dumps({{
        "broken": broken and broken.seal, "sealed": sealed,
        "broken_later": audit_chain.first_break() and 1, "ahead": AuditClock.objects.get().ahead,
        "texts": list(Message.objects.values_list("text", flat=True)),
    }}))
"""


@pytest.fixture
def site(inside_acme, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "files")
    enter_public()
    with mover.moved_site() as site:
        yield site


def exported(site):
    archive = io.BytesIO()
    export(site, archive)
    archive.seek(0)
    return archive


def test_every_row_of_a_site_comes_back(site):
    archive, before, public = exported(site), mover.rows(), mover.public_rows()
    mover.erase()

    restore(archive)

    after, public_after = mover.rows(), mover.public_rows()
    public_after["tenants_siteevent"] = public["tenants_siteevent"]
    assert {name for name in before if before[name] != after[name]} <= mover.CHANGED
    assert public_after == public
    assert len(after["conversations_outboxentry"]) == len(before["conversations_outboxentry"])


def test_files_come_back_by_their_names(site):
    archive, names = exported(site), sorted(mover.files())
    contents = [default_storage.open(name).read() for name in names]
    mover.erase()

    restore(archive)

    assert names
    assert sorted(mover.files()) == names
    assert [default_storage.open(name).read() for name in names] == contents
    with tenant_context(Site.objects.get(slug=mover.SLUG)):
        assert Attachment.objects.get(name="photo.jpg").file.read() == b"a photo"


def test_a_file_that_is_removed_meanwhile_is_left_out(site, monkeypatch):
    found = writing._stored_files
    gone = [f"{mover.SCHEMA}/attachments/gone"]
    monkeypatch.setattr(writing, "_stored_files", lambda folder: [*gone, *found(folder)])
    names = sorted(mover.files())

    archive = exported(site)
    mover.erase()
    restore(archive)

    assert sorted(mover.files()) == names


def test_history_is_there_once_where_a_site_is_put_back(site):
    site_events.record(site, "suspended", reason="a look")
    site_events.record(site, "resumed")
    archive, [_resumed, suspended] = exported(site), SiteEvent.objects.filter(cloud_id=mover.SLUG)
    mover.erase()
    suspended.save(force_insert=True)

    restore(archive)

    told = SiteEvent.objects.filter(cloud_id=mover.SLUG).order_by("action")
    assert [event.action for event in told] == ["imported", "resumed", "suspended"]


def test_an_imported_site_is_suspended_and_its_address_is_the_same(site):
    archive, key = exported(site), mover.key_of(site)
    mover.erase()

    imported = restore(archive)

    assert imported.state == Site.State.SUSPENDED
    assert mover.key_of(imported) == key
    assert Installation.objects.get(site=imported).system_token == "a token"
    assert SiteEvent.objects.filter(cloud_id=mover.SLUG, action="imported").count() == 1


def test_what_was_about_to_leave_is_asked_for_before_it_is_sent_again(site):
    archive = exported(site)
    mover.erase()

    imported = restore(archive)

    with tenant_context(imported):
        waiting = OutboxEntry.objects.filter(state="pending")
        assert waiting.count() > 0
        assert not waiting.filter(started_at=None).exists()


def test_after_a_restore_all_that_waits_is_asked_for_first(site):
    began = timezone.now()

    call_command("ask_before_sending", stdout=(said := io.StringIO()))

    with tenant_context(site):
        waiting = OutboxEntry.objects.filter(state="pending", created_at__lt=began)
        assert f"mover: {waiting.count()}\n" in said.getvalue()
        assert not waiting.filter(started_at=None).exists()


def test_after_a_restore_what_came_in_since_is_asked_for(site):
    watched_at = timezone.now() - timedelta(minutes=30)
    with tenant_context(site):
        ProviderAccountFactory(watched_at=watched_at)
        Reconciliation.objects.update(ended_at=watched_at)

    call_command("ask_before_sending", stdout=io.StringIO())

    with tenant_context(site):
        asked = Reconciliation.objects.get(ended_at=None)
        assert (asked.cause, asked.since) == ("outage", watched_at)


def test_new_rows_get_new_numbers_after_an_import(site):
    archive = exported(site)
    with tenant_context(site):
        highest = Message.objects.order_by("-pk").first()
    mover.erase()

    imported = restore(archive)

    with tenant_context(imported):
        highest.pk = None
        highest.save(force_insert=True)
        audit.record("settings.changed", actor_kind=audit.Actor.ADMIN)
        assert audit.seal() == 2
        assert audit_chain.first_break() is None
        assert AuditClock.objects.count() == 0


def test_the_commands_say_what_they_did(site, tmp_path):
    said = io.StringIO()
    call_command("export_site", mover.SLUG, str(tmp_path / "mover.tgz"), stdout=said)
    mover.erase()

    call_command("import_site", str(tmp_path / "mover.tgz"), stdout=said)

    assert "mover: " in said.getvalue()
    assert "mover is here, suspended." in said.getvalue()
    assert (tmp_path / "mover.tgz").stat().st_mode & 0o777 == 0o600


def test_all_sites_are_exported_each_to_a_file_of_its_own(site, tmp_path):
    call_command("export_site", str(tmp_path / "all"), all=True, stdout=io.StringIO())

    names = sorted(path.name for path in (tmp_path / "all").iterdir())
    assert names == ["acme.tar.gz", "globex.tar.gz", "mover.tar.gz"]


def test_a_site_that_cannot_be_exported_leaves_the_others_their_backup(site, tmp_path, monkeypatch):
    monkeypatch.setattr(export_site, "export", fails_at("acme", export_site.export))
    said = io.StringIO()

    with pytest.raises(CommandError, match=r"^Without a new backup: acme\.$"):
        call_command("export_site", str(tmp_path), all=True, stdout=said, stderr=said)

    assert sorted(tmp_path.glob("*.tar.gz")) == [
        tmp_path / "globex.tar.gz",
        tmp_path / "mover.tar.gz",
    ]
    assert "acme: not exported, ZeroDivisionError." in said.getvalue()


def fails_at(slug, export):
    def fail(site, target):
        if site.slug == slug:
            raise ZeroDivisionError
        return export(site, target)

    return fail


def test_a_site_moves_to_a_database_that_has_counted_less(site, settings, tmp_path):
    with tenant_context(site), connection.cursor() as cursor:
        clock.set_ahead(cursor, mover.SCHEMA, 10_000_000)
        audit.record("settings.changed", actor_kind=audit.Actor.ADMIN)
        audit.seal()
    (tmp_path / "mover.tgz").write_bytes(exported(site).read())

    with throw_away_cluster() as url:
        found = _imported_there(url, tmp_path)

    assert (found["broken"], found["broken_later"]) == (None, None)
    assert found["sealed"] >= 1
    assert found["ahead"] > 5_000_000
    assert found["texts"] == ["Where is my parcel?"]


def _imported_there(url, tmp_path):
    environment = os.environ | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "FILES_DIR": str(tmp_path / "there"),
    }

    def manage(*arguments):
        return subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-W", "ignore", "manage.py", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    manage("migrate_schemas", "--shared", "-v0")
    manage("import_site", str(tmp_path / "mover.tgz"))
    return json.loads(manage("shell", "-v", "0", "-c", LOOK).splitlines()[-1])
