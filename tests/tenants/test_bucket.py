"""Files lie in an S3-compatible bucket where settings name one, each site's in its folder."""

import subprocess
import sys

import pytest
from django.db import transaction
from django.test import Client

from conversations import files
from conversations.panel.files import file_address
from tenants.context import enter_public, schema_context
from tests.bucket_server import BucketServer
from tests.conversations.stored_files import picture, store
from tests.factories import AgentFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bucket(settings):
    with BucketServer("omnichat-files") as server:
        settings.STORAGES = server.storages
        yield server


def test_file_is_stored_and_read_again(bucket):
    attachment = store()

    assert attachment.file.name.startswith("site_acme/attachments/")
    assert set(bucket.objects) == {attachment.file.name, attachment.thumbnail.name}
    with attachment.file.open() as content:
        assert content.read() == picture()


def test_panel_gets_a_range_of_it(bucket):
    path = file_address(AgentFactory(), store())
    enter_public()

    response = Client().get(path, headers={"Range": "bytes=10-19"})

    assert response.status_code == 206
    assert b"".join(response.streaming_content) == picture()[10:20]


def test_equal_files_share_one_and_the_last_takes_it_away(bucket):
    one, other = store(), store()
    assert len(bucket.objects) == 2

    for attachment in (one, other):
        with transaction.atomic():
            files.release(attachment)

    assert bucket.objects == {}


def test_site_goes_with_its_folder(bucket):
    store()
    with schema_context("site_globex"):
        kept = store()
    bucket.objects["site_acme/attachments/2026/11/lost"] = b"of a worker that died"

    for _round in range(2):
        with transaction.atomic():
            assert files.remove_some() is True
    with transaction.atomic():
        assert files.remove_some() is False

    assert set(bucket.objects) == {kept.file.name, kept.thumbnail.name}


def test_file_that_is_gone_is_not_found(bucket):
    attachment = store()
    bucket.objects.clear()
    path = file_address(AgentFactory(), attachment)
    enter_public()

    assert Client().get(path).status_code == 404


def test_environment_names_the_bucket():
    chosen = "from django.conf import settings as s; print(s.STORAGES['default']['BACKEND'])"
    command = [sys.executable, "-c", chosen]
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": "postgresql:///unused",
        "FILES_S3_BUCKET": "omnichat-files",
    }

    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603

    assert said.stdout.strip() == "tenants.bucket.BucketFiles"
