"""Infobip's blocklist and our own knowledge come to agree, whichever of the two is told first."""

import pytest
import requests

from channels import blocklist
from channels.models import Pace
from conversations import outbox
from conversations.models import Address, OutboxEntry
from tenants.context import tenant_context
from tests.flows.conftest import KEY, SENDERS

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER = "385991903327"
PATH = "/platform/1/blocklists"
HEADERS = {"Authorization": f"App {KEY}"}


@pytest.fixture
def blocked(world, monkeypatch):
    """A customer of ours whom Infobip has blocked without telling us."""
    monkeypatch.setattr(blocklist, "BETWEEN_QUESTIONS", 0)
    world._post(f"{world.infobip}/_sandbox/limits", {"enforced": False})
    world.customer_writes("sms", "Hello")
    world.fault("infobip", "blocklist", "lost")
    entry = {"destinations": [{"to": NUMBER}], "sender": SENDERS["sms"], "channel": "SMS"}
    requests.post(
        f"{world.infobip}{PATH}", json={"blocklist": [entry]}, headers=HEADERS, timeout=10
    ).raise_for_status()
    return world


def listed(world):
    answer = requests.get(f"{world.infobip}{PATH}", headers=HEADERS, timeout=10)
    return [row["destination"] for row in answer.json()["results"]]


def check(world):
    with tenant_context(world.site):
        outbox.promise_once(blocklist.TOPIC)
    world.work()


def unfinished():
    """Return what is still promised about the list: Jira's clock may tick meanwhile."""
    ours = OutboxEntry.objects.filter(topic__startswith="blocklist.").exclude(state="done")
    return list(ours)


def opted_out():
    return Address.objects.get().opted_out_at is not None


def test_customer_blocked_at_infobip_is_opted_out_and_by_start_released(blocked):
    check(blocked)
    assert (opted_out(), listed(blocked)) == (True, [NUMBER])
    Pace.objects.all().delete()

    blocked.customer_writes("sms", "START")

    assert (opted_out(), listed(blocked)) == (False, [])
    assert unfinished() == []


def test_list_is_asked_again_after_the_release_and_agrees(blocked):
    blocked.customer_writes("sms", "START")
    Pace.objects.all().delete()

    check(blocked)

    assert (opted_out(), listed(blocked)) == (False, [])
