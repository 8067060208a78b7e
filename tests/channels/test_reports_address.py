"""The address of a single message's reports: open without a signature, to reports only."""

import json

import pytest

from channels import webhook_records
from channels.models import WebhookSecret
from channels.webhook_address import current_reports_url, replace_webhook_url
from conversations import inbox
from conversations.contracts import SendState
from conversations.models import InboxEntry, Message, Send
from tenants.context import tenant_context
from tests.factories import SenderFactory, SendFactory

pytestmark = pytest.mark.django_db

MESSAGE = {"messageId": "m-1", "from": "385991903327", "to": "385951006719", "text": "Hello"}


@pytest.fixture
def address(acme):
    WebhookSecret.objects.create(kind="hmac", secret="secret-of-the-tests")
    return current_reports_url().removeprefix("http://127.0.0.1:8000")


def report(send):
    status = {"groupId": 3, "groupName": "DELIVERED", "id": 5, "name": "DELIVERED_TO_HANDSET"}
    return {"messageId": str(send.pk), "status": status, "doneAt": "2026-11-20T09:31:00.000+0000"}


def post(client, address, *items):
    body = json.dumps({"results": items})
    return client.post(address, body, content_type="application/json").status_code


def drain(site):
    with tenant_context(site):
        inbox.drain()
        return list(InboxEntry.objects.order_by("pk").values_list("source", "state", "reason"))


def told(site, model):
    with tenant_context(site):
        return list(model.objects.all())


def test_report_without_a_signature_is_believed(client, acme, address):
    send = SendFactory()

    assert post(client, address, report(send)) == 200
    assert drain(acme) == [("infobip-reports", "done", "")]
    assert [send.state for send in told(acme, Send)] == [SendState.DELIVERED]


def test_report_does_not_prove_that_messages_arrive(client, address, monkeypatch):
    noted = []
    monkeypatch.setattr(webhook_records._calls, "add", noted.append)

    post(client, address, report(SendFactory()))

    assert noted == []


def test_message_at_the_address_of_reports_opens_nothing(client, acme, address):
    SenderFactory()

    assert post(client, address, MESSAGE) == 200
    reason = "Only delivery reports are understood at this address."
    assert drain(acme) == [("infobip-reports", "quarantined", reason)]
    assert told(acme, Message) == []


def test_message_at_the_address_of_reports_keeps_no_signed_one_out(client, acme, address):
    SenderFactory()
    WebhookSecret.objects.all().delete()

    post(client, address, MESSAGE)
    post(client, f"/hooks/infobip/{acme.inbound_keys.get().key}/", MESSAGE)

    assert [(source, state) for source, state, _reason in drain(acme)] == [
        ("infobip-reports", "quarantined"),
        ("infobip", "done"),
    ]


@pytest.mark.parametrize("proof", ["wrong", "", "%00", "a:b", "ключ"])
def test_address_that_is_not_ours_is_not_found(client, acme, proof):
    key = acme.inbound_keys.get().key

    assert post(client, f"/hooks/infobip/{key}/reports/{proof}/", MESSAGE) == 404


def test_one_sites_proof_opens_no_other(client, acme, globex, address):
    proof = address.rstrip("/").rpartition("/")[2]
    key = globex.inbound_keys.get().key

    assert post(client, f"/hooks/infobip/{key}/reports/{proof}/", MESSAGE) == 404


def test_address_lives_on_while_its_key_retires(client, acme, address):
    send = SendFactory()
    replace_webhook_url()

    assert current_reports_url().endswith(address) is False
    assert post(client, address, report(send)) == 200


def test_address_survives_a_new_secret_key(client, acme, address, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret-key-of-the-tests-0123456789-0123456789"

    assert post(client, address, report(SendFactory())) == 200
