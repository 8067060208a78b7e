"""The webhook over its real URL: what is kept, what is refused, and what it costs."""

import json
from datetime import timedelta

import psycopg
import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from prometheus_client import REGISTRY

from conversations import inbox
from conversations.models import InboxEntry, Message
from tenants import pending_work
from tenants.context import tenant_context
from tenants.directory import forget
from tenants.models import InboundKey
from tests.channels.infobip.payloads import body
from tests.factories import SenderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(acme):
    return address_of(acme)


def address_of(site):
    return f"/hooks/infobip/{site.inbound_keys.latest('pk').key}/"


def post(client, address, content, content_type="application/json"):
    return client.post(address, content, content_type=content_type)


def refused(reason):
    return REGISTRY.get_sample_value("omnichat_webhook_refused_total", {"reason": reason}) or 0


def batch(size, **changed):
    results = [
        {"messageId": f"m-{n}", "from": "385991903327", "to": "385951006719", "text": f"No. {n}"}
        for n in range(size)
    ]
    for place, item in changed.items():
        results[int(place.removeprefix("at_"))] = item
    return json.dumps({"results": results}).encode()


def states():
    return sorted(InboxEntry.objects.values_list("state", flat=True))


def test_message_is_kept_as_it_came(client, acme, address):
    response = post(client, address, body("sms_inbound"))

    assert (response.status_code, response.content) == (200, b"")
    with tenant_context(acme):
        entry = InboxEntry.objects.get()
        assert (entry.source, entry.state) == ("infobip", "new")
        assert json.loads(bytes(entry.body))["messageId"] == "918273645546372819"


def test_same_body_twice_is_one_row(client, acme, address):
    statuses = [post(client, address, body("sms_inbound")).status_code for _ in range(2)]

    assert statuses == [200, 200]
    with tenant_context(acme):
        assert InboxEntry.objects.count() == 1


@pytest.mark.parametrize("key", ["wrong", "x" * 2000, "%00", "%ED%A0%80", "ключ"])
def test_wrong_key_is_not_found_and_counted(client, acme, key):
    before = refused("key")

    response = post(client, f"/hooks/infobip/{key}/", body("sms_inbound"))

    assert (response.status_code, response.content) == (404, b"")
    assert refused("key") == before + 1
    with tenant_context(acme):
        assert InboxEntry.objects.count() == 0


@pytest.mark.parametrize("path", ["/hooks/infobip/", "/hooks/infobip//", "/hooks/other/key/"])
def test_missing_key_is_not_found(client, path):
    assert post(client, path, body("sms_inbound")).status_code == 404


def test_other_sites_key_goes_to_the_other_site(client, acme, globex):
    post(client, address_of(globex), body("sms_inbound"))

    with tenant_context(globex):
        assert InboxEntry.objects.count() == 1
    with tenant_context(acme):
        assert InboxEntry.objects.count() == 0


def test_both_keys_work_while_one_retires(client, acme, address):
    acme.inbound_keys.update(retires_at=timezone.now() + timedelta(days=1))
    InboundKey.objects.issue(acme)

    assert post(client, address, body("sms_inbound")).status_code == 200
    assert post(client, address_of(acme), body("sms_inbound")).status_code == 200


def test_retired_key_is_not_found(client, acme, address):
    acme.inbound_keys.update(retires_at=timezone.now())

    assert post(client, address, body("sms_inbound")).status_code == 404


def test_suspended_sites_key_is_not_found(client, acme, address):
    type(acme).objects.filter(pk=acme.pk).update(state="suspended")

    assert post(client, address, body("sms_inbound")).status_code == 404


@pytest.mark.parametrize("content", [b"", b"Hello", b"<xml/>", b"\xff\x00", b"[" * 5000])
def test_what_is_not_json_is_quarantined(client, acme, address, content):
    response = post(client, address, content)

    assert response.status_code == 200
    with tenant_context(acme):
        entry = InboxEntry.objects.get()
        assert (entry.state, entry.reason) == ("quarantined", "The body is not JSON.")
        assert bytes(entry.body) == content


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x", ""]
)
def test_body_is_taken_whatever_it_calls_itself(client, acme, address, content_type):
    assert post(client, address, body("sms_inbound"), content_type).status_code == 200
    with tenant_context(acme):
        assert states() == ["new"]


def test_broken_item_spoils_no_other(client, acme, address):
    broken = {"messageId": None, "from": "385991903327", "text": "Broken"}

    response = post(client, address, batch(100, at_41=broken))

    assert response.status_code == 200
    with tenant_context(acme):
        SenderFactory(number="385951006719")
        inbox.drain()
        assert states() == ["done"] * 99 + ["quarantined"]
        assert Message.objects.count() == 99
        assert InboxEntry.objects.get(state="quarantined").reason == "The message has no usable id."


@pytest.mark.parametrize("hostile", ["\x00", "\ud800", float("nan"), float("inf"), "1e999"])
@pytest.mark.parametrize("field", ["messageId", "from", "to", "text", "receivedAt", "message"])
def test_unstorable_value_is_settled_not_tried_for_ever(client, acme, address, hostile, field):
    nested = {"type": "IMAGE", "caption": hostile} if field == "message" else hostile
    item = {"messageId": "m-1", "from": "385991903327", "to": "385951006719", "text": "Hi"}

    post(client, address, json.dumps({"results": [{**item, field: nested}]}))

    with tenant_context(acme):
        SenderFactory(number="385951006719")
        assert inbox.drain() == 1
        assert states() in (["done"], ["quarantined"])


def test_lone_surrogate_is_shown_replaced_and_kept_as_it_came(client, acme, address):
    item = {"messageId": "m-1", "from": "385991903327", "to": "385951006719", "text": "a\x00\ud800"}

    post(client, address, json.dumps({"results": [item]}))

    with tenant_context(acme):
        SenderFactory(number="385951006719")
        inbox.drain()
        assert Message.objects.get().text == "a\ufffd\ufffd"
        assert json.loads(bytes(InboxEntry.objects.get().body)) == item


def test_reason_holds_no_number_and_no_text(client, acme, address):
    post(client, address, body("sms_inbound"))

    with tenant_context(acme):
        inbox.drain()
        entry = InboxEntry.objects.get()
        assert entry.state == "quarantined"
        assert entry.reason == "No sms sender has the number this was sent to."


@pytest.mark.parametrize("method", ["get", "head", "options", "put", "delete"])
def test_other_methods_are_refused(client, address, method):
    assert getattr(client, method)(address).status_code == 405


def fail(*arguments, **more):
    raise OperationalError("the server closed the connection unexpectedly")


def test_database_down_while_the_key_is_looked_up(client, address, monkeypatch):
    before = refused("database")
    forget()
    monkeypatch.setattr(connection, "execute_qualified", fail)

    response = post(client, address, body("sms_inbound"))
    monkeypatch.undo()

    assert (response.status_code, response.content) == (503, b"")
    assert refused("database") == before + 1


def test_database_down_while_items_are_kept(client, acme, address, monkeypatch):
    post(client, address, body("sms_inbound"))
    monkeypatch.setattr(connection, "execute_qualified", fail)

    response = post(client, address, body("sms_inbound_bare"))
    monkeypatch.undo()

    assert response.status_code == 503
    with tenant_context(acme):
        assert InboxEntry.objects.count() == 1


def test_database_down_while_the_site_is_marked(client, acme, address, monkeypatch):
    def refuse(*arguments, **more):
        raise psycopg.OperationalError("connection refused")

    pending_work.distrust()
    monkeypatch.setattr(psycopg, "connect", refuse)
    monkeypatch.setattr(pending_work._side_connection, "_connection", None)

    assert post(client, address, body("sms_inbound")).status_code == 503
    with tenant_context(acme):
        assert InboxEntry.objects.count() == 0


def test_key_is_in_no_log_line_of_ours(client, acme, address, monkeypatch, caplog):
    forget()
    monkeypatch.setattr(connection, "execute_qualified", fail)

    post(client, address, body("sms_inbound"))
    monkeypatch.undo()

    ours = [record for record in caplog.records if not record.name.startswith("django")]
    assert [(record.name, record.getMessage()) for record in ours] == [
        ("channels.views", "webhook_not_kept")
    ]


@pytest.mark.parametrize("size", [1, 100])
def test_remembered_key_costs_one_statement(
    client, address, statements, django_assert_num_queries, size
):
    post(client, address, body("sms_inbound"))
    statements.clear()

    with django_assert_num_queries(0):
        post(client, address, batch(size))

    assert [statement.split()[:2] for statement in statements] == [["INSERT", "INTO"]]


def test_first_message_in_a_while_costs_three(
    client, address, statements, django_assert_num_queries
):
    """Of a site that gets few messages every one is the first in a while."""
    forget()

    with django_assert_num_queries(0):
        post(client, address, body("sms_inbound"))

    firsts = [statement.split()[0] for statement in statements]
    assert firsts == ["SELECT", "SELECT", "INSERT"]
