"""A status comes by event, by the panel's own look and by asking, and ends the same."""

import pytest
import requests

from conversations import outbox
from conversations.models import Conversation
from jira_bridge import missed_events
from tenants.context import tenant_context

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def key(world):
    """A customer's request in Jira, as its key."""
    world.customer_writes("sms", "Hello")
    (request,) = world.requests()
    return request["key"]


def move_unheard(world, key, status):
    """Move a request; its event is lost on the way."""
    world.fault("jira", "events", "lost")
    told = {"site": "acme", "to": status}
    answer = requests.post(
        f"{world.jira}/_sandbox/requests/{key}/transition", json=told, timeout=20
    )
    answer.raise_for_status()


def tell_page(world, key):
    """Have Jira tell an open page that the request has changed."""
    call = {"path": "/forge/v1/ui/changed", "method": "POST", "body": {}}
    told = {"site": "acme", "issue": key, "as": "ana", "call": call}
    answer = requests.post(f"{world.jira}/forge/invoke", json=told, timeout=20)
    assert answer.json()["status"] == 204


def ask(world, key):
    """Have Jira asked as the hourly tick does; the site's first token has had it asked just now."""
    with tenant_context(world.site):
        missed_events.catch_up()
        outbox.hasten(missed_events.TOPIC)
    world.work()


def found(world):
    with tenant_context(world.site):
        conversation = Conversation.objects.get()
    return conversation.state, conversation.end_reason, conversation.issue_status


def test_by_event(world, key):
    world.resolve(key, "Resolved")
    assert found(world) == ("ended", "resolved", "Resolved")

    world.resolve(key, "In progress")
    assert found(world) == ("active", "", "In progress")


@pytest.mark.parametrize("learn", [lambda world, key: world.open_panel(key), tell_page, ask])
def test_without_event(world, key, learn):
    move_unheard(world, key, "Resolved")
    assert found(world)[0] == "active"

    learn(world, key)

    assert found(world) == ("ended", "resolved", "Resolved")


@pytest.mark.parametrize("kind", ["wrapped", "duplicate", "bare_status"])
def test_by_an_odd_event(world, key, kind):
    world.fault("jira", "events", kind)

    world.resolve(key, "Resolved")

    assert found(world) == ("ended", "resolved", "Resolved")


def test_message_after_a_resolve_that_nobody_told_us_of_gets_a_request(world, key):
    move_unheard(world, key, "Resolved")
    world.customer_writes("sms", "Are you still there?")
    assert len(world.requests()) == 1

    ask(world, key)

    described = {request["key"]: request["description"] for request in world.requests()}
    assert described.pop(key) == "Hello"
    assert list(described.values()) == ["Are you still there?"]
