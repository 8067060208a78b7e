"""The web process's own way to the webhook, in front of Django: the same answers for less."""

import logging
from io import BytesIO
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from channels.webhook_address import current_reports_url
from conversations.models import InboxEntry
from omnichat import webhook_front
from omnichat.webhook_front import WebhookFront
from tenants.context import PUBLIC_SCHEMA, current_schema, tenant_context
from tenants.side_connection import conninfo
from tests.channels.infobip.payloads import body
from tests.figures import counted

# As a server calls it: in no test's transaction, the connection living on between requests.
pytestmark = pytest.mark.django_db(transaction=True)

REQUEST_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
HEADERS = [("Content-Length", "0"), ("X-Request-ID", REQUEST_ID)]
DJANGOS = ("299 From Django", [], b"")


@pytest.fixture
def address(acme):
    yield f"/hooks/infobip/{acme.inbound_keys.latest('pk').key}/"
    with tenant_context(acme):
        InboxEntry.objects.all().delete()


def django(environ, start_response):
    start_response(DJANGOS[0], DJANGOS[1])
    return []


def post(address, content=b"{}", **environ):
    """Return status line, headers and body of the answer."""
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": address,
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_X_REQUEST_ID": REQUEST_ID,
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.input": BytesIO(content),
    } | environ
    answer = []
    parts = WebhookFront(django)(environ, lambda status, headers: answer.extend((status, headers)))
    return (*answer, b"".join(parts))


def kept(site):
    with tenant_context(site):
        return InboxEntry.objects.count()


def test_message_is_kept_and_the_status_is_all_that_is_said(acme, address):
    answer = post(address, body("sms_inbound"))

    assert answer == ("200 OK", HEADERS, b"")
    assert kept(acme) == 1


def test_address_of_reports_keeps_reports(acme, address):
    with tenant_context(acme):
        path = urlsplit(current_reports_url()).path

    assert post(path, body("sms_inbound"))[0] == "200 OK"
    with tenant_context(acme):
        assert InboxEntry.objects.get().source == "infobip-reports"


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({"CONTENT_LENGTH": str(9 * 1024 * 1024)}, "413 Request Entity Too Large"),
        ({"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}, "411 Length Required"),
        ({"CONTENT_LENGTH": "-1"}, "411 Length Required"),
        ({"CONTENT_LENGTH": "3"}, "400 Bad Request"),
        ({"HTTP_CONTENT_ENCODING": "br"}, "415 Unsupported Media Type"),
    ],
)
def test_body_that_cannot_be_read_is_refused(acme, address, environ, status):
    assert post(address, **environ) == (status, HEADERS, b"")
    assert kept(acme) == 0


def test_request_is_counted_with_those_that_django_answers(address):
    labels = {"kind": "webhook", "route": "webhook", "status": "4xx"}
    before = counted("omnichat_requests_total", **labels)

    post("/hooks/infobip/no-such-key/")

    assert counted("omnichat_requests_total", **labels) == before + 1


def test_wrong_key_and_wrong_proof_are_not_found(address):
    assert post("/hooks/infobip/no-such-key/")[0] == "404 Not Found"
    assert post(f"{address}reports/no-such-proof/")[0] == "404 Not Found"


@pytest.mark.parametrize(
    "environ",
    [
        {"REQUEST_METHOD": "GET"},
        {"HTTP_HOST": "acme.localhost"},
        {"HTTP_HOST": ""},
        {"PATH_INFO": "/hooks/infobip/a%00/"},
        {"PATH_INFO": "/hooks/infobip/kÃ©y/"},
        {"PATH_INFO": "/hooks/infobip/key/\n"},
        {"PATH_INFO": "/hooks/other/key/"},
        {"PATH_INFO": "/healthz"},
    ],
)
def test_everything_else_is_djangos(address, environ):
    assert post(address, **environ) == DJANGOS


def test_broken_connection_is_opened_again_at_the_next_request(acme, address):
    post(address)
    with psycopg.connect(conninfo()) as beside:
        beside.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])

    assert post(address, body("sms_inbound"))[0] == "503 Service Unavailable"
    assert post(address, body("sms_inbound"))[0] == "200 OK"


def test_site_that_the_thread_was_in_before_is_left(acme, globex, address):
    with tenant_context(globex):
        assert post(address, body("sms_inbound"))[0] == "200 OK"
        assert current_schema() == PUBLIC_SCHEMA

    assert (kept(acme), kept(globex)) == (1, 0)


def test_defect_is_logged_without_words_and_comes_again(address, monkeypatch, caplog):
    def fail(*arguments):
        raise RuntimeError("385991903327")

    monkeypatch.setattr(webhook_front, "receive", fail)
    with caplog.at_level(logging.ERROR):
        answer = post(address)

    assert answer[0] == "500 Internal Server Error"
    assert [record.getMessage() for record in caplog.records] == ["webhook_failed"]
