"""Stored files are handed out to signed addresses, in ranges, and can do nothing."""

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.test import Client

from conversations.models import Attachment
from conversations.panel.files import file_address
from tenants import directory
from tenants.context import enter_public, schema_context
from tenants.models import Site
from tests.conversations.stored_files import picture, store
from tests.factories import AgentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def attachment():
    return store()


def address(attachment, *, agent=None, **options):
    return file_address(agent or AgentFactory(), attachment, **options)


def get(path, **headers):
    enter_public()
    return Client().get(path, headers=headers)


def content(response):
    return b"".join(response.streaming_content)


def test_picture_is_shown(attachment):
    response = get(address(attachment))

    assert (response.status_code, content(response)) == (200, picture())
    assert response["Content-Type"] == "image/png"
    assert response["Content-Disposition"] == 'inline; filename="photo.png"'
    assert response["Content-Length"] == str(len(picture()))


def test_it_can_do_nothing_and_is_kept_by_nobody_else(attachment):
    response = get(address(attachment))

    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("default-src 'none';")
    assert response["Content-Security-Policy"].endswith("; sandbox")
    assert response["Cache-Control"] == "private, max-age=900"
    assert "Set-Cookie" not in response


def test_thumbnail_is_a_small_picture(attachment):
    response = get(address(attachment, thumbnail=True))

    assert response["Content-Type"] == "image/webp"
    assert content(response)[8:12] == b"WEBP"


@pytest.mark.parametrize(
    ("name", "body", "content_type"),
    [
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        ("a.html", b"<!DOCTYPE html><html>", "text/html"),
        ("a.xml", b"<?xml version='1.0'?><a/>", "application/xml"),
        ("a.pdf", b"%PDF-1.7\n%\xe2\xe3", "application/pdf"),
    ],
)
def test_what_can_act_is_only_downloaded(name, body, content_type):
    response = get(address(store(body, name=name)))

    assert response["Content-Type"] == content_type
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'


def test_picture_can_be_downloaded_too(attachment):
    response = get(address(attachment, download=True))

    assert response["Content-Disposition"] == 'attachment; filename="photo.png"'


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ('say "hi".png', 'inline; filename="say \\"hi\\".png"'),
        ("a\r\nSet-Cookie: b.png", 'inline; filename="aSet-Cookie: b.png"'),
        ("račun.png", "inline; filename*=utf-8''ra%C4%8Dun.png"),
        ("../../x.png", 'inline; filename="x.png"'),
    ],
)
def test_names_are_safe_in_the_header(name, header):
    assert get(address(store(name=name)))["Content-Disposition"] == header


def test_head_has_the_headers_alone(attachment):
    path = address(attachment)
    enter_public()

    response = Client().head(path)

    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Length"] == str(len(picture()))
    assert response["Accept-Ranges"] == "bytes"


def test_range_is_cut_out(attachment):
    response = get(address(attachment), Range="bytes=10-19")

    assert (response.status_code, content(response)) == (206, picture()[10:20])
    assert response["Content-Range"] == f"bytes 10-19/{len(picture())}"
    assert response["Content-Length"] == "10"


def test_range_beyond_the_end_is_refused(attachment):
    response = get(address(attachment), Range="bytes=99999-")

    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(picture())}"


@pytest.mark.parametrize(("same", "status"), [(True, 206), (False, 200)])
def test_range_of_another_file_is_the_whole_one(attachment, same, status):
    tag = f'"{attachment.sha256}"' if same else '"other"'

    response = get(address(attachment), Range="bytes=0-1", **{"If-Range": tag})

    assert response.status_code == status


def test_browser_that_has_it_gets_no_more(attachment):
    tag = get(address(attachment))["ETag"]

    assert get(address(attachment), **{"If-None-Match": tag}).status_code == 304


def test_address_stays_for_minutes_and_ends(attachment):
    with time_machine.travel("2026-11-23 10:00:30Z", tick=False):
        path = address(attachment)
    with time_machine.travel("2026-11-23 10:04:59Z", tick=False):
        assert address(attachment) == path
    with time_machine.travel("2026-11-23 10:14:59Z", tick=False):
        assert get(path).status_code == 200
    with time_machine.travel("2026-11-23 10:15:00Z", tick=False):
        assert get(path).status_code == 404


@pytest.mark.parametrize(
    "change", [lambda path: path[:-4] + "AAA/", lambda path: "/panel/files/x/"]
)
def test_forged_address_leads_nowhere(attachment, change):
    assert get(change(address(attachment))).status_code == 404


def test_ids_of_another_site_are_of_no_use(attachment):
    with schema_context("site_globex"):
        foreign = store(picture((7, 7)), id=attachment.pk + 1000)
    of_globex = AgentFactory(schema_name="site_globex")

    assert get(address(foreign)).status_code == 404
    assert get(address(attachment, agent=of_globex)).status_code == 404
    assert content(get(address(foreign, agent=of_globex))) == picture((7, 7))


@pytest.mark.parametrize("state", ["suspended", "uninstalled"])
def test_site_that_is_not_at_work_has_no_files(attachment, acme, state):
    path = address(attachment)
    Site.objects.filter(pk=acme.pk).update(state=state)
    directory.forget()

    assert get(path).status_code == 404


@pytest.mark.parametrize("state", ["pending", "failed", "refused"])
def test_file_that_is_not_here_is_not_found(attachment, state):
    Attachment.objects.update(state=state)

    assert get(address(attachment)).status_code == 404


def test_file_that_the_storage_has_lost_is_not_found(attachment):
    default_storage.delete(attachment.file.name)
    default_storage.delete(attachment.thumbnail.name)

    assert get(address(attachment)).status_code == 404
    assert get(address(attachment, thumbnail=True)).status_code == 404


def test_nothing_is_posted_there(attachment):
    path = address(attachment)
    enter_public()

    assert Client().post(path).status_code == 405
