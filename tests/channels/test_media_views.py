"""The provider fetches our files at addresses that nobody can guess."""

import pytest
import time_machine
from django.conf import settings as django_settings
from django.test import Client

from channels.media_address import media_url
from conversations.contracts import OutgoingFile
from conversations.models import Attachment
from omnichat.logs import logging_config
from tenants import directory
from tenants.context import enter_public, schema_context
from tenants.models import Site
from tests.conversations.stored_files import picture, store

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def attachment():
    return store()


def url(attachment):
    return media_url(OutgoingFile(attachment.pk, attachment.name, attachment.content_type, 0))


def fetch(address, method="get", **headers):
    enter_public()
    path = address.removeprefix(django_settings.APP_URL)
    return getattr(Client(), method)(path, headers=headers)


def test_file_is_fetched_with_its_type(attachment):
    response = fetch(url(attachment))

    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    assert b"".join(response.streaming_content) == picture()
    assert response["Cache-Control"] == "no-store"


def test_head_and_ranges_are_answered(attachment):
    address = url(attachment)

    head = fetch(address, "head")
    part = fetch(address, Range="bytes=0-9")

    assert (head.status_code, head["Content-Length"]) == (200, str(len(picture())))
    assert (part.status_code, b"".join(part.streaming_content)) == (206, picture()[:10])


def test_each_address_is_new_and_long(attachment):
    one, other = url(attachment), url(attachment)

    assert one != other
    assert one.startswith(f"{django_settings.APP_URL}/media/")
    assert one.endswith("/file.png")
    assert len(one) < 512


def test_address_ends_after_two_hours(attachment):
    with time_machine.travel("2026-11-23 10:00Z", tick=False):
        address = url(attachment)
    with time_machine.travel("2026-11-23 11:59:59Z", tick=False):
        assert fetch(address).status_code == 200
    with time_machine.travel("2026-11-23 12:00Z", tick=False):
        assert fetch(address).status_code == 404


def test_address_of_one_site_never_shows_anothers_file(attachment):
    with schema_context("site_globex"):
        address = url(attachment)

    assert fetch(address).status_code == 404


@pytest.mark.parametrize("token", ["x", "a.b", "W10.x", "%00", "é"])
def test_guesses_lead_nowhere(attachment, token):
    assert fetch(f"/media/{token}/file.png").status_code == 404


def test_forged_token_leads_nowhere(attachment):
    assert fetch(url(attachment).replace("/file.", "AA/file.")).status_code == 404


def test_suspended_site_hands_nothing_out(attachment, acme):
    address = url(attachment)
    Site.objects.filter(pk=acme.pk).update(state="suspended")
    directory.forget()

    assert fetch(address).status_code == 404


def test_file_not_stored_is_not_found(attachment):
    Attachment.objects.update(state="failed")

    assert fetch(url(attachment)).status_code == 404


def test_no_log_line_holds_the_token(attachment, caplog):
    config = logging_config(level="INFO")["formatters"]["json"]
    formatter = config.pop("()")(**config)

    with caplog.at_level("INFO"):
        fetch(url(attachment).replace("/file.", "AA/file."))

    for record in caplog.records:
        del record.message  # which pytest's own handler has put there
    lines = [formatter.format(record) for record in caplog.records]
    assert any("request_refused" in line for line in lines)
    assert [line for line in lines if "/media/" in line] == []
