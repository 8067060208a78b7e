"""A large upload goes to a file, and one that is too large ends early."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import RequestFactory

from conversations import upload_limits


def files_of(size):
    file = SimpleUploadedFile("a.bin", bytes(size), "application/octet-stream")
    return RequestFactory().post("/", {"file": file}).FILES


def test_file_larger_than_a_form_may_be_lies_on_the_disk():
    file = files_of(9 * 1024 * 1024)["file"]

    assert isinstance(file, TemporaryUploadedFile)
    assert file.size == 9 * 1024 * 1024


@pytest.mark.parametrize(("size", "taken"), [(1000, ["file"]), (1001, [])])
def test_file_beyond_the_largest_is_not_taken(monkeypatch, size, taken):
    monkeypatch.setattr(upload_limits, "LARGEST_FILE", 1000)

    assert list(files_of(size)) == taken
