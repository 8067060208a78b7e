"""Files of equal content share one stored file, and none is taken from another."""

from io import BytesIO
from unittest.mock import Mock

import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from conversations import files, outbox
from conversations.models import Attachment, OutboxEntry
from tenants.context import schema_context
from tests.conversations.concurrency import together
from tests.conversations.stored_files import picture, store
from tests.factories import MessageFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def names_in(folder):
    try:
        inner, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return []
    deeper = [name for each in inner for name in names_in(f"{folder}/{each}")]
    return [f"{folder}/{name}" for name in names] + deeper


def put_by_a_process_that_dies(content):
    """Leave the block of a file that is being stored by no way at all."""
    storing = files.put(BytesIO(content), files.examine(BytesIO(content)))
    storing.__enter__()
    return storing  # whoever keeps it keeps it from ending


def keep_promises():
    OutboxEntry.objects.update(run_after=timezone.now())
    outbox.drain()


def release(attachment):
    with transaction.atomic():
        files.release(attachment)


def test_file_lies_in_the_sites_folder():
    with schema_context("site_globex"):
        attachment = store()

    assert attachment.file.name.startswith("site_globex/attachments/")
    assert attachment.thumbnail.name.startswith("site_globex/thumbnails/")
    assert names_in("site_acme") == []


def test_equal_files_share_one():
    one, other = store(name="one.png"), store(name="other.png")

    assert one.file.name == other.file.name
    assert one.thumbnail.name == other.thumbnail.name
    assert len(names_in("site_acme")) == 2


def test_equal_files_of_two_sites_do_not():
    one = store()
    with schema_context("site_globex"):
        other = store()

    assert one.file.name != other.file.name


def test_file_goes_with_its_last_row():
    one, other = store(), store()

    release(one)
    assert other.file.read() == picture()
    release(other)

    assert names_in("site_acme") == []
    assert not Attachment.objects.exclude(file="").exists()


def test_file_that_the_storage_did_not_remove_is_removed_later(monkeypatch):
    attachment = store()
    with monkeypatch.context() as patched:
        patched.setattr(type(default_storage._wrapped), "delete", Mock(side_effect=OSError))
        release(attachment)
    assert len(names_in("site_acme")) == 2

    OutboxEntry.objects.update(run_after=timezone.now())
    outbox.drain()

    assert names_in("site_acme") == []
    assert set(OutboxEntry.objects.values_list("topic", "state")) == {("file.remove", "done")}


def test_file_stays_when_the_removal_is_undone():
    attachment = store()

    with transaction.atomic():
        files.release(attachment)
        transaction.set_rollback(True)

    assert len(names_in("site_acme")) == 2


def test_file_that_no_row_takes_is_removed():
    content = BytesIO(picture())

    with files.put(content, files.examine(content)) as held:
        assert default_storage.exists(held.file.name)

    assert names_in("site_acme") == []


@pytest.mark.parametrize("_round", range(5))
def test_two_that_store_and_one_that_removes_leave_the_file(_round):
    old, message = store(), MessageFactory()

    together(lambda: store(message=message), lambda: release(old), lambda: store(message=message))

    (name,) = set(message.attachments.values_list("file", flat=True))
    assert default_storage.open(name).read() == picture()
    assert len(names_in("site_acme")) == 2


def test_large_file_is_not_read_at_once(monkeypatch):
    monkeypatch.setattr(files, "PIECE", 4)

    facts = files.examine(BytesIO(b"0123456789"))

    assert (facts.size, facts.content_type) == (10, "text/plain")
    assert facts.sha256 == "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882"


def test_a_file_whose_process_died_before_a_row_took_it_is_removed():
    dead = put_by_a_process_that_dies(picture())
    stored = len(names_in("site_acme"))

    keep_promises()

    assert (stored, names_in("site_acme")) == (2, [])
    assert dead


def test_a_file_whose_process_died_after_a_row_took_it_stays():
    content = picture()
    dead = put_by_a_process_that_dies(content)
    attachment = Attachment(message=MessageFactory(), name="photo.png", state="stored")
    with transaction.atomic():
        held = Attachment(file=names_in("site_acme/attachments")[0])
        held.thumbnail.name = names_in("site_acme/thumbnails")[0]
        files.place(attachment, held, files.examine(BytesIO(content)))
        attachment.save()

    keep_promises()

    assert sorted(names_in("site_acme")) == sorted(
        [attachment.file.name, attachment.thumbnail.name]
    )
    assert dead


def test_a_file_that_was_stored_leaves_no_promise_behind():
    store()

    assert OutboxEntry.objects.count() == 0
