"""What leaves to operators' other systems: places, names and ids, and nothing that people wrote."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PRIVATE = ["Moja-tajna-poruka", "385991903327", "inbound-key-5f2", "bearer-token-9c1"]
# In a process of their own: what the libraries have laid hold of they keep.
BEGIN = """
import logging, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
from django.conf import settings
from django.urls import path
text, number, key, token = sys.argv[1:]

def fails(request, where):
    local = text
    raise ValueError(f"{text} {number} {key} {token}")

urlpatterns = [path("hooks/<where>/", fails), path("media/<where>/", fails, name="media")]
settings.PUBLIC_SCHEMA_URLCONF = "__main__"

def ask(application, under):
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": f"/{under}/{key}/", "RAW_URI": f"/{under}/{key}/",
        "QUERY_STRING": f"text={text}", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80",
        "HTTP_HOST": "127.0.0.1", "HTTP_AUTHORIZATION": f"Bearer {token}",
        "HTTP_COOKIE": f"session={token}", "HTTP_USER_AGENT": text, "wsgi.url_scheme": "http",
        "HTTP_TRACEPARENT": f"00-{'a1' * 16}-{'b2' * 8}-01",
        "wsgi.input": sys.stdin.buffer, "CONTENT_TYPE": "text/plain", "REMOTE_ADDR": number,
    }
    b"".join(application(environ, lambda *answer: None))

from celery import shared_task
@shared_task(name="tests.fails")
def fail(told):
    raise ValueError(told)
"""
RECORD = """
from sentry_sdk.transport import Transport
class Recording(Transport):
    def capture_envelope(self, envelope):
        print(envelope.serialize().decode())
settings.SENTRY_DSN = "https://public@sentry.example/1"
from omnichat import error_reports
"""
REPORTS = f"""
{RECORD}
error_reports.begin("web", transport=Recording())
from django.core.wsgi import get_wsgi_application
ask(get_wsgi_application(), "hooks")
fail.apply((number,))
logging.getLogger("x").info(text)
logging.getLogger("x").error("No route for %s", number)
logging.getLogger("x").error("Said: " + text)
logging.getLogger("x").error("audit_chain_broken", extra={{"said": text}})
"""
DEFECTS = f"""
{RECORD}
from unittest.mock import Mock, patch
from conversations import inbox, outbox
from conversations.models import InboxEntry, OutboxEntry
from conversations.outbox_metrics import lines_about

def handle(told):
    words = f"{{text}} {{number}}"
    try:
        raise KeyError(token)
    except KeyError as cause:
        raise ValueError(words) from cause

error_reports.begin("worker", transport=Recording())
settings.OUTBOX_HANDLERS = settings.INBOX_HANDLERS = {{"any": "__main__.handle"}}
promised = OutboxEntry(pk=7, topic="any", subject="9", attempts=1)
came = InboxEntry(pk=8, source="any", body=text.encode())
with patch.object(outbox, "_try_again"), lines_about(promised):
    outbox._keep(promised)
nothing = Mock(side_effect=ValueError(text))
with (
    patch.object(inbox, "_settle"),
    patch.object(inbox.transaction, "atomic", nothing),
    patch.object(InboxEntry.objects, "get", return_value=came),
):
    inbox._take_in(8)
"""
TRACES = """
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
settings.OTEL_EXPORTER_OTLP_ENDPOINT, settings.TRACES_PERCENT = "http://127.0.0.1:9", 100
from omnichat import traces
spans = InMemorySpanExporter()
provider = traces.begin("web", spans)
import requests
from django.core.wsgi import get_wsgi_application
from django.db import connection
ask(traces.traced(get_wsgi_application()), "media")
ask(traces.traced(get_wsgi_application()), "hooks")
from omnichat.webhook_front import WebhookFront
ask(traces.traced(WebhookFront(get_wsgi_application())), "hooks/infobip")
fail.apply((number,))
with connection.cursor() as cursor:
    cursor.execute(f"SELECT %s /* {number} */", [text])
try:
    requests.get(f"http://127.0.0.1:9/{key}?{text}", headers={"Authorization": token})
except requests.RequestException:
    pass
provider.force_flush()
for span in spans.get_finished_spans():
    print(span.to_json())
"""


def left(program):
    """Run the program with something private everywhere, and return what a system was sent."""
    ended = subprocess.run(  # noqa: S603 - our own lines
        [sys.executable, "-c", BEGIN + program, *PRIVATE],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"SANDBOX": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    return ended.stdout


def test_error_reports_have_type_place_and_nothing_private():
    sent = left(REPORTS)

    assert [each for each in PRIVATE if each in sent] == []
    assert sent.count('"type":"ValueError"') == 2
    assert '"function":"fails"' in sent
    assert "audit_chain_broken" in sent
    assert '"process":"web"' in sent


def test_defects_of_what_comes_and_leaves_are_reported_with_nothing_private():
    sent = left(DEFECTS)

    assert [each for each in PRIVATE if each in sent] == []
    assert sent.count('"level":"error"') == 2
    assert '"message":"outbox_handler_failed"' in sent
    assert '"message":"inbox_item_failed"' in sent
    assert '"type":"KeyError"' in sent
    assert '"function":"handle"' in sent
    assert '"entry":"7"' in sent
    assert '"topic":"any"' in sent


def test_traces_have_routes_and_names_and_nothing_private():
    sent = left(TRACES)

    assert [each for each in PRIVATE if each in sent] == []
    assert '"name": "media media"' in sent
    assert '"name": "webhook webhook"' in sent
    assert '"name": " "' not in sent
    assert '"name": "SELECT"' in sent
    assert '"name": "run/tests.fails"' in sent
    assert '"name": "GET"' in sent
    assert '"exception.type": "ValueError"' in sent


def test_a_stranger_does_not_decide_what_is_traced():
    assert '"name": "media media"' not in left(TRACES.replace(", 100", ", 0"))


@pytest.mark.parametrize("library", ["sentry_sdk", "opentelemetry"])
def test_without_an_address_nothing_of_them_is_imported(library):
    program = f"""
from omnichat import observing
import omnichat.wsgi
observing.begin("worker")
print([name for name in sys.modules if name.startswith("{library}")])
"""

    assert left(program).splitlines()[-1] == "[]"
