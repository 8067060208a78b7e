"""The audit log as a file: exactly what is filtered, harmless, and recorded."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from conversations import audit
from conversations.admin import audit_exports
from conversations.admin.audit_words import what
from conversations.models import AuditEvent, AutoReplySettings
from tenants.context import public_context, tenant_context
from tests.consoles import owners_client

pytestmark = pytest.mark.django_db

EXPORT = "/admin/conversations/auditevent/export/"


def test_csv_holds_what_is_filtered_newest_first():
    record("message.sent", channel="sms")
    record("message.failed", channel="sms")
    record("message.sent", channel="whatsapp")

    rows = csv_rows(channel="sms")

    assert [row["Action"] for row in rows] == ["message.failed", "message.sent"]
    assert rows[0]["What"] == "Message not delivered"


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_csv_is_a_formula(beginning):
    audit.record(f"{beginning}1+1", actor_kind=audit.Actor.ADMIN, actor=f"{beginning}cmd")

    row = csv_rows()[0]

    assert row["Account"] == f"'{beginning}cmd"
    assert row["Action"] == f"'{beginning}1+1"


def test_json_lines_hold_what_was_recorded():
    record("message.sent", channel="sms", parts=3)
    event = AuditEvent.objects.get()

    line = json.loads(exported("json"))

    assert line["id"] == event.pk
    assert line["detail"] == {"parts": 3}
    assert line["occurred_at"] == event.occurred_at.isoformat()


def test_export_is_recorded_with_filters_and_without_what_was_searched():
    record("message.sent", channel="sms")

    exported("csv", channel="sms", q="+385 99 190 3327")

    event = AuditEvent.objects.get(action="audit.exported")
    assert event.actor == "ana"
    assert event.detail["filters"] == {"channel": "sms", "searched": "yes"}
    assert "385" not in json.dumps(event.detail)


def test_long_log_is_read_in_chunks_and_whole(monkeypatch):
    monkeypatch.setattr(audit_exports, "CHUNK", 3)
    for _ in range(10):
        record("message.sent")

    with CaptureQueriesContext(connection) as queries:
        lines = exported("json").splitlines()

    reads = [query["sql"] for query in queries if "LIMIT 3" in query["sql"]]
    assert len(lines) == 10
    assert len(reads) == 5


def test_page_of_the_list_does_not_matter():
    for _ in range(3):
        record("message.sent")

    assert len(csv_rows(older="WyJ4Il0", p="2")) == 3


def test_export_is_read_in_the_sites_schema(globex):
    record("message.sent")
    with tenant_context(globex):
        record("message.read")
    response = owners_client().get(f"{EXPORT}json/")

    with public_context():
        lines = b"".join(response.streaming_content).decode().splitlines()

    assert [json.loads(line)["action"] for line in lines] == ["message.sent"]


def test_rows_are_written_in_the_readers_time_zone():
    AutoReplySettings.objects.create(time_zone="Asia/Tokyo")
    AuditEvent.objects.create(
        action="message.sent", actor_kind="jira", occurred_at=datetime(2026, 11, 20, 20, tzinfo=UTC)
    )

    assert csv_rows()[0]["Time (JST)"] == "2026-11-21 05:00:00.000"


def test_rows_are_written_in_the_readers_language():
    record("message.sent")
    client = owners_client(HTTP_ACCEPT_LANGUAGE="de")

    exported = b"".join(client.get(f"{EXPORT}csv/").streaming_content).decode()

    with translation.override("de"):
        assert f'"{what(AuditEvent.objects.get(action="message.sent"))}"' in exported


def test_unknown_form_is_refused():
    assert owners_client().get(f"{EXPORT}pdf/").status_code == 403


def test_get_alone_exports():
    assert owners_client().post(f"{EXPORT}csv/").status_code == 405


def record(action, **facts):
    audit.record(action, actor_kind=audit.Actor.SYSTEM, **facts)


def exported(form, **query):
    response = owners_client().get(f"{EXPORT}{form}/", query)
    return b"".join(response.streaming_content).decode()


def csv_rows(**query):
    return list(csv.DictReader(io.StringIO(exported("csv", **query).removeprefix("\ufeff"))))
