"""Where a file is fetched from: the provider, where it leads, and nowhere else; the key stays."""

import pytest

from channels import downloads
from conversations.models import OutboxEntry
from tests.channels.media_hosts import PATH, drain, expected, picture, row
from tests.loopback import Neighbour

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("account")]


@pytest.fixture(autouse=True)
def _quick(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(downloads, "SILENT_SECONDS", 0.3)


@pytest.fixture
def cdn():
    with Neighbour() as neighbour:
        yield neighbour


def test_cdn_gets_no_key(infobip, cdn):
    attachment = expected(infobip)
    infobip.answer(302, "", path=PATH, headers={"Location": f"{cdn.url}/cached?a=1&b=%2F"})
    cdn.answer(200, picture(), path="/cached")

    drain()

    assert row(attachment).state == "stored"
    assert cdn.paths == ["/cached?a=1&b=%2F"]
    assert "authorization" not in cdn.requests[0].headers
    assert cdn.requests[0].headers["host"] == cdn.host


def test_provider_that_leads_to_itself_gets_the_key_if_it_asks(infobip):
    attachment = expected(infobip)
    infobip.answer(302, "", path=PATH, headers={"Location": "/moved"})
    infobip.answer(401, "", path="/moved")
    infobip.answer(200, picture(), path="/moved")

    drain()

    assert row(attachment).state == "stored"
    keys = [request.headers.get("authorization") for request in infobip.requests]
    assert keys == ["App tests-key", None, "App tests-key"]


def test_three_redirects_are_followed_and_no_fourth(infobip):
    attachments = [expected(infobip, "/three"), expected(infobip, "/four")]
    for path, hops in (("/three", 3), ("/four", 4)):
        again = {"Location": f"{infobip.url}{path}"}
        infobip.answer(302, "", path=path, headers=again, times=hops)
        infobip.answer(200, picture(), path=path)

    drain()

    assert [row(each).state for each in attachments] == ["stored", "refused"]
    assert row(attachments[1]).problem == "forbidden-address"


@pytest.mark.parametrize(
    "place",
    [
        "http://10.1.2.3/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:10.1.2.3]/",
        "http://user@127.0.0.1/",
        "http://[",
        "http://a..b/",
        "http://127.0.0.1:99999/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
    ],
)
def test_redirect_to_where_nothing_may_go_is_refused(infobip, place):
    attachment = expected(infobip)
    infobip.answer(302, "", path=PATH, headers={"Location": place})

    drain()

    assert (row(attachment).state, row(attachment).problem) == ("refused", "forbidden-address")
    assert len(infobip.requests) == 1


def test_only_named_hosts_of_the_cdn_are_followed_where_settings_name_some(infobip, cdn, settings):
    settings.MEDIA_CDN_HOSTS = ["cdn.example.com"]
    attachment = expected(infobip)
    infobip.answer(302, "", path=PATH, headers={"Location": f"{cdn.url}/cached"})

    drain()

    assert row(attachment).problem == "forbidden-address"
    assert cdn.requests == []


def test_file_at_another_host_is_never_asked_for(cdn):
    attachment = expected(cdn)

    drain()

    assert (row(attachment).state, row(attachment).problem) == ("refused", "forbidden-address")
    assert cdn.requests == []


def test_file_at_a_host_that_settings_name_is_asked_for_without_the_key(cdn, settings):
    settings.MEDIA_CDN_HOSTS = ["127.0.0.1"]
    attachment = expected(cdn)
    cdn.answer(401, "", path=PATH)
    cdn.answer(200, picture(), path=PATH)

    drain()
    assert row(attachment).problem == ""
    drain()

    assert row(attachment).state == "stored"
    assert [request.headers.get("authorization") for request in cdn.requests] == [None, None]


def test_byte_after_byte_has_an_end(infobip, monkeypatch):
    monkeypatch.setattr(downloads, "ALL_SECONDS", 0.5)
    monkeypatch.setattr(downloads, "SILENT_SECONDS", 5)
    attachment = expected(infobip)
    infobip.drip(path=PATH)

    drain()

    assert row(attachment).state == "pending"
    assert OutboxEntry.objects.get(topic="file.fetch").last_error
