"""Events that come too early, late or never: they wait for their request, or Jira is asked."""

import json
from time import time

import pytest
import time_machine
from django.utils import timezone

from conversations import inbox
from conversations.contracts import RequestOpened
from conversations.models import Conversation, InboxEntry, OutboxEntry
from conversations.services import lifecycle
from conversations.services.inbound import receive_message
from tenants.context import tenant_context
from tests.factories import ConversationFactory, InboundMessageFactory, SenderFactory
from tests.jira_bridge import forge
from tests.jira_bridge.telling import kept, promised, state_of

pytestmark = pytest.mark.django_db

State = Conversation.State


@pytest.fixture
def opening(acme):
    """A customer wrote; the request of the event is made for it, and not attached yet."""
    SenderFactory()
    with time_machine.travel("2026-11-20T08:59:30Z", tick=False):
        return receive_message(InboundMessageFactory()).conversation


def issue_created(text):
    issue = forge.payload("event_resolved")["issue"]
    issue["fields"]["created"] = text
    return issue


@pytest.mark.parametrize("event", ["event_resolved", "event_deleted"])
def test_event_that_overtakes_the_request_waits_for_it(happens, acme, opening, event):
    happens(event, issue=issue_created("2026-11-20T08:59:40.000+0000"))
    assert kept(acme) == [("jira", "new", "waits for what it speaks of")]

    with tenant_context(acme):
        lifecycle.attach_request(opening.pk, RequestOpened("10101", "SUP-101"))
        InboxEntry.objects.update(due_at=timezone.now())
        inbox.drain()

    assert state_of(opening, acme) == State.ENDED
    assert kept(acme) == [("jira", "done", "")]


def test_request_older_than_the_conversation_is_not_waited_for(happens, acme, opening):
    happens("event_resolved", issue=issue_created("2026-11-20T08:58:00.000+0000"))

    assert kept(acme) == [("jira", "done", "")]


def test_request_of_unknown_age_may_be_as_old_as_its_event(happens, acme, opening):
    happens("event_deleted")

    assert kept(acme) == [("jira", "new", "waits for what it speaks of")]


def test_nothing_is_waited_for_once_all_requests_are_open(happens, acme, opening):
    with tenant_context(acme):
        lifecycle.attach_request(opening.pk, RequestOpened("10102", "SUP-102"))
        OutboxEntry.objects.update(state="done")

    happens("event_resolved", issue=issue_created("2026-11-20T08:59:40.000+0000"))

    assert kept(acme) == [("jira", "done", "")]


RETRY = {"retryContext": {"retryCount": 1, "retryReason": "TIMEOUT_ERROR", "retryData": None}}


def test_event_in_time_asks_nothing_more(happens, acme):
    ConversationFactory(issue_id="10101")
    happens("event_commented", timestamp=str(int(time() * 1000)))

    assert promised(acme) == []


@pytest.mark.parametrize("kept_inside", [False, True])
def test_repeated_event_tells_that_others_may_be_lost(call, acme, kept_inside):
    event = {**forge.payload("event_commented"), "timestamp": str(int(time() * 1000))}
    body = {"payload": {**event, **RETRY}} if kept_inside else {"payload": event, **RETRY}
    call("events", body=json.dumps(body).encode())

    with tenant_context(acme):
        inbox.drain()

    assert promised(acme) == [("requests.reconcile", "requests")]


def test_late_event_tells_that_others_may_be_lost(happens, acme):
    happens("event_commented", timestamp=str(int((time() - 130) * 1000)))

    assert promised(acme) == [("requests.reconcile", "requests")]


def test_jira_is_asked_again_only_after_five_minutes(happens, acme):
    happens("event_commented")
    with tenant_context(acme):
        OutboxEntry.objects.update(state="done")
    happens("event_reopened")
    happens("event_resolved")

    with tenant_context(acme):
        first, second = OutboxEntry.objects.order_by("pk")
    assert round((second.run_after - first.created_at).total_seconds()) == 300
