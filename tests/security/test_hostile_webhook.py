"""Hostile bodies at the webhook: each is kept, each is settled, nothing of ours fails."""

import json
from io import BytesIO

import pytest
from django.test import RequestFactory
from django.test.client import ClientHandler

from channels.infobip import webhook
from conversations import inbox
from conversations.errors import NotUnderstood
from conversations.models import InboxEntry
from omnichat.webhook_front import WebhookFront
from tenants.context import tenant_context
from tests.channels.infobip.payloads import FOLDER, SENDERS, items
from tests.factories import SenderFactory
from tests.security.hostile import BODIES, BOMB, HEADERS, damaged, without

pytestmark = pytest.mark.django_db(transaction=True)

REAL = {
    f"{path.stem}-{number}": item
    for path in sorted(FOLDER.glob("*.json"))
    for number, item in enumerate(items(path.stem))
    if isinstance(item, dict)
}
EVERY = 151  # of those that are all parsed, one in so many goes the whole way


@pytest.fixture
def address(acme):
    for number, channel in SENDERS.items():
        SenderFactory(channel=channel, number=number)
    return f"/hooks/infobip/{acme.inbound_keys.latest('pk').key}/"


def post(address, content, *, content_type="application/json", **environ):
    """Post as a server does, in front of Django; returns the status and what is said."""
    asked = RequestFactory().generic("POST", address, content, content_type, **environ).environ
    answer = []
    application = WebhookFront(ClientHandler(enforce_csrf_checks=True))
    asked |= {"HTTP_HOST": "testserver", "wsgi.input": BytesIO(content)}
    parts = application(asked, lambda status, _headers: answer.append(int(status[:3])))
    return answer[0], b"".join(parts)


def kept(acme):
    with tenant_context(acme):
        return list(InboxEntry.objects.values_list("dedupe_key", flat=True))


def settled(acme):
    """Take everything in; returns the reasons that are defects of ours."""
    with tenant_context(acme):
        inbox.drain()
        left = InboxEntry.objects.filter(state="new").exclude(reason="waits for what it speaks of")
        assert not left.exists()
        put_aside = InboxEntry.objects.filter(state="quarantined")
        reasons = put_aside.values_list("reason", flat=True)
        return [reason for reason in reasons if " in " in reason and ":" in reason]


@pytest.mark.parametrize("name", BODIES)
def test_hostile_body_is_kept_and_settled(acme, address, name):
    assert post(address, BODIES[name]) == (200, b"")
    assert set(kept(acme)) == {item.dedupe_key for item in webhook.split(BODIES[name])}
    assert len(kept(acme)) > 0
    assert settled(acme) == []


def test_bad_one_of_many_spoils_no_other(acme, address):
    post(address, BODIES["many and one bad"])

    assert len(kept(acme)) == 51
    settled(acme)
    with tenant_context(acme):
        assert InboxEntry.objects.filter(state="quarantined", body=b"[]").count() == 1


@pytest.mark.parametrize("name", REAL)
def test_no_wrong_value_in_any_place_is_a_defect(name):
    """A parser says what it understood, or that it did not: nothing else comes out of it."""
    failed = []
    for path, item in [*damaged(REAL[name]), *without(REAL[name])]:
        try:
            webhook.parse(item, channel_of=SENDERS.get)
        except NotUnderstood:
            continue
        except Exception as failure:  # noqa: BLE001 - whatever it is, it is the finding
            failed.append((path, type(failure).__name__))
    assert failed == []


def test_wrong_values_go_the_whole_way(acme, address):
    every = [item for name in REAL for _path, item in damaged(REAL[name])][::EVERY]
    for number, item in enumerate(every):
        if isinstance(item.get("messageId"), str) and item["messageId"] not in {"", "\x00"}:
            item["messageId"] = f"h-{number}"

    for start in range(0, len(every), 100):
        body = json.dumps({"results": every[start : start + 100]}).encode()
        assert post(address, body)[0] == 200

    whole = webhook.split(json.dumps({"results": every}).encode())
    assert set(kept(acme)) == {item.dedupe_key for item in whole}
    assert settled(acme) == []


def test_bomb_is_not_unpacked(acme, address):
    assert post(address, BOMB, HTTP_CONTENT_ENCODING="gzip") == (413, b"")
    assert kept(acme) == []


@pytest.mark.parametrize("number", range(len(HEADERS)))
def test_no_header_breaks_it_or_loses_anything(acme, address, number):
    item = {**items("sms_inbound")[0], "messageId": f"h-{number}"}
    body = json.dumps({"results": [item]}).encode()

    status, _said = post(address, body, **HEADERS[number])

    assert status < 500
    assert len(kept(acme)) == (status == 200)
