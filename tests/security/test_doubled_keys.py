"""JSON that says the same key twice: one reading for the check, the record and the meaning.

Parsers differ in which of the two they take. All of ours take the last, so that nothing is signed,
told apart or looked up by the one and done by the other.
"""

import hmac
import json
from hashlib import sha256
from time import time

import jwt
import pytest

from channels.models import WebhookSecret
from conversations import inbox
from conversations.models import Conversation, InboxEntry, Message
from tenants.context import tenant_context
from tests.channels.infobip.payloads import SENDERS, items
from tests.factories import ConversationFactory, SenderFactory
from tests.jira_bridge import forge
from tests.jira_bridge.conftest import call, installation, jira, keys  # noqa: F401 - fixtures
from tests.security.hostile import doubled
from tests.security.test_hostile_webhook import post

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "secret-of-doubled-keys"
MESSAGE = items("sms_inbound")[0]
SAID_FIRST = {**MESSAGE, "messageId": "d-first", "text": "said first of the two"}
SAID_LAST = {**MESSAGE, "messageId": "d-last", "text": "said last of the two"}


@pytest.fixture
def address(acme):
    for number, channel in SENDERS.items():
        SenderFactory(channel=channel, number=number)
    WebhookSecret.objects.create(kind="hmac", secret=SECRET)
    return f"/hooks/infobip/{acme.inbound_keys.latest('pk').key}/"


def push(address, body):
    """Post a body, signed as it is."""
    signature = hmac.new(SECRET.encode(), body, sha256).hexdigest()
    status, _said = post(address, body, HTTP_X_HUB_SIGNATURE=signature)
    return status


def texts_kept(acme):
    with tenant_context(acme):
        inbox.drain()
        assert not InboxEntry.objects.exclude(state="done").exists()
        return list(Message.objects.values_list("text", flat=True))


@pytest.mark.parametrize("wrapped", [True, False])
def test_message_is_what_it_says_last(acme, address, wrapped):
    item = doubled(SAID_FIRST, SAID_LAST)
    body = b'{"results": [' + item + b"]}" if wrapped else item

    assert push(address, body) == 200
    assert push(address, body) == 200

    assert texts_kept(acme) == ["said last of the two"]


def test_doubled_message_is_the_same_as_one_that_says_the_last_alone(acme, address):
    plain = json.dumps({"results": [SAID_LAST]}).encode()

    assert push(address, b'{"results": [' + doubled(SAID_FIRST, SAID_LAST) + b"]}") == 200
    assert push(address, plain) == 200

    assert texts_kept(acme) == ["said last of the two"]


def test_last_list_of_results_counts(acme, address):
    body = doubled({"results": [SAID_FIRST]}, {"results": [SAID_LAST]})

    assert push(address, body) == 200

    assert texts_kept(acme) == ["said last of the two"]


def test_signature_is_of_both(acme, address):
    body = doubled({"results": [SAID_FIRST]}, {"results": [SAID_LAST]})
    of_the_last = json.dumps({"results": [SAID_LAST]}).encode()
    signature = hmac.new(SECRET.encode(), of_the_last, sha256).hexdigest()

    assert post(address, body, HTTP_X_HUB_SIGNATURE=signature)[0] == 401
    assert texts_kept(acme) == []


@pytest.mark.parametrize(("first", "last", "ours"), [("1", "10101", True), ("10101", "1", False)])
def test_event_is_kept_and_understood_by_the_issue_it_names_last(
    call,  # noqa: F811
    installation,  # noqa: F811
    settings,
    acme,
    first,
    last,
    ours,
):
    event = {**forge.payload("event_resolved"), "timestamp": str(int(time() * 1000))}
    with tenant_context(acme):
        ConversationFactory(issue_id="10101")
    named = [{"issue": {**event["issue"], "id": issue_id}} for issue_id in (first, last)]
    body = doubled(event, *named)

    assert call("events", forge.claims(settings), body=body).status_code == 204

    with tenant_context(acme):
        assert [bytes(entry.body) for entry in InboxEntry.objects.all()] == [body] * ours
        inbox.drain()
        assert Conversation.objects.filter(end_reason="resolved").count() == ours


@pytest.mark.parametrize(("last", "status"), [("ours", 204), ("another", 401)])
def test_claim_that_is_checked_is_the_one_that_counts(call, settings, last, status):  # noqa: F811
    """Only Atlassian could sign such a token; that a reader takes the other one is all it takes."""
    ours, another = ({"aud": each} for each in (settings.FORGE_APP_ID, "ari:another"))
    claims = doubled(forge.claims(settings), another, ours if last == "ours" else another)
    token = jwt.api_jws.encode(
        claims, forge.private_key(), "RS256", headers={"kid": forge.KEY_ID, "typ": "JWT"}
    )

    assert call("tick", token=token).status_code == status
