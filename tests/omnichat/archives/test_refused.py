"""An archive that does not fit, or is not whole, leaves nothing behind."""

import gzip
import io
import json
import tarfile
from unittest.mock import Mock

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from omnichat.archives.contents import ArchiveRefused
from omnichat.archives.reading import restore
from omnichat.archives.writing import export
from tenants.context import enter_public
from tenants.models import Site
from tests.omnichat.archives import moved_site as mover

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _files(inside_acme, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "files")
    enter_public()


@pytest.fixture
def archive():
    """A site's archive; the site itself is gone."""
    target = io.BytesIO()
    with mover.moved_site() as site:
        export(site, target)
    yield target.getvalue()
    mover.erase()


def changed(archive, change):
    """Return the archive with its members as `change(name, content)` makes them."""
    target = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(archive)) as before,
        tarfile.open(fileobj=target, mode="w:gz") as after,
    ):
        for member in before:
            member.name, content = change(member.name, before.extractfile(member).read())
            member.size = len(content)
            after.addfile(member, io.BytesIO(content))
    return target.getvalue()


def refusal(archive):
    """Try it; return why not, after a look that nothing is left."""
    with pytest.raises(ArchiveRefused) as refused:
        restore(io.BytesIO(archive))
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace(%s) IS NULL", (mover.SCHEMA,))
        assert cursor.fetchone()[0] is True
    assert not Site.objects.filter(slug=mover.SLUG).exists()
    assert list(mover.files()) == []
    return str(refused.value)


def test_an_archive_that_was_cut_is_refused(archive):
    assert "cut" in refusal(archive[: len(archive) // 2])


def test_an_archive_without_its_end_is_refused(archive):
    unpacked = gzip.decompress(archive)

    assert "cut" in refusal(gzip.compress(unpacked[: unpacked.index(b"sums.json")]))


def test_a_storage_that_removes_nothing_hides_no_refusal(archive, monkeypatch):
    delete = Mock(side_effect=RuntimeError("the bucket is away"))
    with monkeypatch.context() as away:
        away.setattr(type(default_storage._wrapped), "delete", delete)

        with pytest.raises(ArchiveRefused, match="cut"):
            restore(io.BytesIO(archive[:-2000]))

    assert delete.call_count > 0


def test_a_changed_row_is_refused(archive):
    def change(name, content):
        return name, content.replace(b"Where is my parcel?", b"Where is my bicycle?")

    assert "its sums do not fit" in refusal(changed(archive, change))


@pytest.mark.parametrize("table", ["message", "of_tomorrow"])
def test_rows_that_no_table_takes_are_refused(archive, table):
    def change(name, content):
        if name != "tables/conversations_message":
            return name, content
        return f"tables/conversations_{table}", content + b"no-number\n"

    assert "cut or changed" in refusal(changed(archive, change))


@pytest.mark.parametrize("folder", ["site_acme", "site_mover/../site_acme"])
def test_a_file_outside_of_the_site_is_refused(archive, folder):
    def change(name, content):
        return name.replace("files/site_mover/", f"files/{folder}/"), content

    assert "outside of the site's folder" in refusal(changed(archive, change))


def test_a_row_of_what_is_no_sites_is_refused(archive):
    def change(name, content):
        return name, content.replace(b'"tenants_inboundkey"', b'"auth_user"')

    assert "No table auth_user belongs to a site" in refusal(changed(archive, change))


def test_another_number_of_rows_is_refused(archive):
    def change(name, content):
        if name != "sums.json":
            return name, content
        sums = json.loads(content)
        sums["rows"]["conversations_message"] += 1
        return name, json.dumps(sums).encode()

    assert "its sums do not fit" in refusal(changed(archive, change))


def test_files_that_lie_there_already_are_left(archive):
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        name = next(each for each in members.getnames() if each.startswith("files/"))[6:]
    default_storage.save(name, ContentFile(b"of somebody"))

    with pytest.raises(ArchiveRefused, match="folder site_mover of the file store is not empty"):
        restore(io.BytesIO(archive))

    assert default_storage.open(name).read() == b"of somebody"


def test_an_archive_of_another_release_is_refused(archive):
    def change(name, content):
        if name != "manifest.json":
            return name, content
        manifest = json.loads(content)
        manifest["migrations"].append(["conversations", "9999_of_tomorrow"])
        return name, json.dumps(manifest).encode()

    assert "Another release wrote it" in refusal(changed(archive, change))


def test_something_else_is_refused():
    assert "no archive" in refusal(b"hello")


def test_a_site_that_is_here_is_not_overwritten():
    with mover.moved_site() as site:
        target = io.BytesIO()
        export(site, target)
        before = mover.rows()

        with pytest.raises(ArchiveRefused, match="There is a site mover here already"):
            restore(io.BytesIO(target.getvalue()))

        assert mover.rows() == before


def test_a_site_that_is_not_there_cannot_be_exported(tmp_path):
    with pytest.raises(CommandError, match="There is no site nowhere"):
        call_command("export_site", "nowhere", str(tmp_path / "x"))

    assert list(tmp_path.glob("x*")) == []


def test_an_archive_holds_no_secret_in_clear(archive):
    unpacked = gzip.decompress(archive)

    for secret in (b"a token", b"webhook-secret-of-the-site", b"a1b2c3d4-provider-key"):
        assert secret not in unpacked
