"""What an uninstalled site has left is erased in time, with all its files, and nothing else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from conversations import files
from conversations.models import Attachment
from conversations.tasks import erase_sites
from tenants import erasure, pending_work
from tenants.context import enter_public, public_context, tenant_context
from tenants.models import Domain, InboundKey, Installation, PendingWork, Site, SiteEvent
from tenants.provisioning import is_provisioned, provision
from tests.factories import MessageFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _stored(settings, tmp_path, inside_acme):
    settings.MEDIA_ROOT = tmp_path
    enter_public()
    yield
    with public_context(), connection.cursor() as cursor:
        for site in Site.objects.filter(slug__startswith="old"):
            cursor.execute(f"DROP SCHEMA IF EXISTS {site.schema_name} CASCADE")
        Site.objects.filter(slug__startswith="old").delete()
        SiteEvent.objects.all().delete()


def old_site(slug="old", *, days=31):
    site = Site.objects.create(
        slug=slug, cloud_id=slug, url="https://x.example", schema_name=f"site_{slug}"
    )
    provision(site)
    Installation.objects.create(
        site=site, installation_id=slug, environment="PRODUCTION", removed_at=timezone.now()
    )
    site.state = Site.State.UNINSTALLED
    site.uninstalled_at = timezone.now() - timedelta(days=days)
    site.save()
    return site


def attach(site, count=1):
    with tenant_context(site):
        message = MessageFactory()
        for number in range(count):
            attachment = Attachment(message=message, name="photo.jpg")
            attachment.file.save(f"{number}.jpg", ContentFile(b"photo"))


def stored_files():
    return sum(len(names) for _folder, names in folders("."))


def folders(folder):
    if not default_storage.exists(folder):
        return
    inner, names = default_storage.listdir(folder)
    yield folder, names
    for name in inner:
        yield from folders(f"{folder}/{name}")


def test_everything_of_the_site_goes():
    site = old_site()
    attach(site)
    pending_work.mark(site.schema_name)

    assert erase_sites() == 1
    assert not is_provisioned(site)
    assert stored_files() == 0
    for model in (Installation, Domain, InboundKey):
        assert not model.objects.exclude(**{owner(model): acme_and_globex()}).exists()
    assert not PendingWork.objects.filter(schema_name="site_old").exists()
    assert not Site.objects.filter(slug="old").exists()


def owner(model):
    return "tenant__in" if model is Domain else "site__in"


def acme_and_globex():
    return Site.objects.filter(slug__in=["acme", "globex"])


def test_that_it_was_erased_stays_known():
    old_site()

    erase_sites()

    event = SiteEvent.objects.get(action="erased")
    assert (event.slug, event.cloud_id, event.detail) == ("old", "old", {})


def test_files_of_other_sites_stay(acme):
    attach(acme)
    attach(old_site())

    erase_sites()

    assert stored_files() == 1


def test_file_that_no_row_knows_goes_too():
    site = old_site()
    with tenant_context(site):
        Attachment().file.save("lost", ContentFile(b"photo"), save=False)

    assert erase_sites() == 1
    assert stored_files() == 0


def test_many_files_go_in_more_than_one_transaction(monkeypatch):
    monkeypatch.setattr(files, "AT_ONCE", 2)
    attach(old_site(), count=5)

    assert erase_sites() == 1
    assert stored_files() == 0


def test_file_that_is_missing_is_no_obstacle(tmp_path):
    attach(old_site())
    for path in tmp_path.rglob("*.jpg"):
        path.unlink()

    assert erase_sites() == 1


def test_site_is_kept_until_its_time_has_come(settings):
    site = old_site(days=29)

    assert erase_sites() == 0
    assert is_provisioned(site)

    settings.ERASE_AFTER_DAYS = 28
    assert erase_sites() == 1


def test_site_that_came_back_is_kept():
    site = old_site()
    Site.objects.filter(pk=site.pk).update(state=Site.State.ACTIVE, uninstalled_at=None)

    assert erase_sites() == 0
    assert is_provisioned(site)


def test_site_that_never_got_a_schema_goes_too():
    Site.objects.create(
        slug="old",
        cloud_id="old",
        url="https://x.example",
        schema_name="site_old",
        state=Site.State.UNINSTALLED,
        uninstalled_at=timezone.now() - timedelta(days=31),
    )

    assert erase_sites() == 1


def test_failure_of_one_site_stops_no_other(monkeypatch, caplog):
    old_site("old1")
    old_site("old2")
    drop = erasure._drop

    def fail_first(site):
        if site.slug == "old1":
            raise OSError("the storage is full")
        drop(site)

    monkeypatch.setattr(erasure, "_drop", fail_first)

    assert erase_sites() == 1
    assert list(Site.objects.filter(slug__startswith="old").values_list("slug", flat=True)) == [
        "old1"
    ]
    assert "site_not_erased" in caplog.text


def test_return_in_the_same_moment_waits_and_finds_the_site_gone():
    """The other order is `test_site_that_came_back_is_kept`: one of the two is first."""
    site = old_site()
    erasing, returning = Event(), Event()

    def hold():
        erasing.set()
        returning.wait(10)
        return False

    def come_back():
        erasing.wait(10)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '10s'")
                returning.set()
                return Site.objects.filter(pk=site.pk).update(uninstalled_at=None)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        back = pool.submit(come_back)
        assert erasure.erase_due(hold) == 1

    assert back.result(10) == 0
    assert not is_provisioned(site)


def test_return_between_two_batches_of_files_keeps_the_site():
    site = old_site()

    def come_back():
        Site.objects.filter(pk=site.pk).update(uninstalled_at=None)
        return True

    assert erasure.erase_due(come_back) == 0
    assert is_provisioned(site)
