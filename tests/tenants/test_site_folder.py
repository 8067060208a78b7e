"""Files on this machine: what a full disk took of one does not stay."""

import resource
from contextlib import contextmanager

import pytest
from django.core.files.base import ContentFile

from tenants.site_folder import LocalFiles


def test_what_was_written_before_the_disk_was_full_is_removed(tmp_path):
    storage = LocalFiles(location=tmp_path)

    with room_for(1000), pytest.raises(OSError, match="File too large"):
        storage.save("plan.pdf", ContentFile(b"x" * 5000))

    assert storage.listdir("") == ([], [])


def test_file_that_is_there_already_stays(tmp_path):
    storage = LocalFiles(location=tmp_path)
    kept = storage.save("plan.pdf", ContentFile(b"kept"))

    with room_for(1000), pytest.raises(OSError, match="File too large"):
        storage.save("plan.pdf", ContentFile(b"x" * 5000))

    assert storage.listdir("") == ([], ["plan.pdf"])
    assert storage.open(kept).read() == b"kept"


@contextmanager
def room_for(size):
    """Let no file grow beyond so many bytes, as a disk that is full."""
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
