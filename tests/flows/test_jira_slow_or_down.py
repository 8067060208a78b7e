"""Jira slow and Jira down: one request for each conversation, in order, and no message lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import requests
import time_machine

from conversations.models import Conversation, Message, OutboxEntry
from tests.conversations.concurrency import together
from tests.flows.conftest import SENDERS

pytestmark = pytest.mark.django_db(transaction=True)

OPENING = "*/rest/servicedeskapi/request"


def write(world, text, number="385991903327"):
    """Have a customer write, and nobody work on it yet."""
    answer = requests.post(
        f"{world.infobip}/_sandbox/inbound",
        json={"channel": "sms", "from": number, "to": SENDERS["sms"], "text": text},
        timeout=20,
    )
    assert answer.json()["status"] == 200


def test_twenty_first_messages_at_once_open_one_request_though_jira_takes_its_time(world):
    slow = {"route": OPENING, "kind": "slow", "times": 1, "seconds": 5}
    requests.post(f"{world.jira}/_sandbox/faults", json=slow, timeout=20).raise_for_status()
    with ThreadPoolExecutor(20) as phones:
        list(phones.map(lambda number: write(world, f"Message {number}"), range(20)))

    together(*[world.work] * 4)
    world.work()

    (request,) = world.requests()
    assert Conversation.objects.get().issue_key == request["key"]
    assert Message.objects.count() == 20


def test_hour_without_jira_loses_nothing_and_keeps_the_order(world):
    world.fault("jira", OPENING, "500", times=1000)
    now = datetime.now(UTC)
    customers = [f"38599190{number}" for number in range(3301, 3306)]
    for minute, customer in enumerate(customers):
        with time_machine.travel(now + timedelta(minutes=10 * minute)):
            write(world, "Hello", customer)
            world.work()
    write(world, "Are you there?", customers[0])
    requests.delete(f"{world.jira}/_sandbox/faults", timeout=20)

    for second in range(3600, 4600, 10):
        with time_machine.travel(now + timedelta(seconds=second)):
            world.work()

    opened = [request["summary"] for request in reversed(world.requests())]
    assert sorted(opened) == [f"SMS request from {customer}" for customer in customers]
    assert Message.objects.count() == 6
    assert not OutboxEntry.objects.pending().exists()
