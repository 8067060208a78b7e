"""Jira's events: kept once as they came, and what they do to a conversation."""

import json
from datetime import UTC, datetime
from time import time

import pytest
import time_machine
from django.db import OperationalError
from django.utils import timezone

from conversations import inbox
from conversations.contracts import RequestOpened
from conversations.models import Conversation, InboxEntry, OutboxEntry
from conversations.services import lifecycle
from conversations.services.inbound import receive_message
from jira_bridge.events import item_of
from tenants.context import tenant_context
from tenants.models import Site
from tests.factories import ConversationFactory, InboundMessageFactory, SenderFactory
from tests.jira_bridge import forge

pytestmark = pytest.mark.django_db

State = Conversation.State


@pytest.fixture
def conversation(acme):
    return ConversationFactory(issue_id="10101", issue_key="SUP-101")


@pytest.fixture
def happens(call, acme):
    """Send an event as Forge would and take it in."""

    def send(event, **changes):
        body = json.dumps({**forge.payload(event), **changes}).encode()
        assert call("events", body=body).status_code == 204
        with tenant_context(acme):
            inbox.drain()

    return send


def state_of(conversation, site):
    with tenant_context(site):
        conversation.refresh_from_db()
    return conversation.state


def kept(site):
    with tenant_context(site):
        return list(InboxEntry.objects.order_by("pk").values_list("source", "state", "reason"))


def promised(site):
    with tenant_context(site):
        return list(OutboxEntry.objects.order_by("pk").values_list("topic", "group"))


def test_event_is_kept_as_it_came(call, acme):
    assert call("events", body=forge.body("event_resolved")).status_code == 204

    with tenant_context(acme):
        assert bytes(InboxEntry.objects.get().body) == forge.body("event_resolved")


def test_forges_repeats_are_kept_once(call, acme):
    event = forge.payload("event_resolved")
    context = {"retryContext": {"retryCount": 1, "retryReason": "TIMEOUT_ERROR"}}
    wrapped = {"payload": {**event, **context}}
    for body in (event, {**event, **context}, wrapped):
        call("events", body=json.dumps(body).encode())

    assert kept(acme) == [("jira", "new", "")]


def test_event_of_another_installation_is_another(acme):
    first = item_of(forge.body("event_resolved"), installation_id="one")
    second = item_of(forge.body("event_resolved"), installation_id="two")

    assert first.dedupe_key != second.dedupe_key


@pytest.mark.parametrize(
    "changes", [{"timestamp": "1"}, {"eventType": "x"}, {"issue": {"id": "2"}}, {"changelog": {}}]
)
def test_event_that_differs_is_another(changes):
    event = forge.payload("event_resolved")
    bodies = [json.dumps(event).encode(), json.dumps({**event, **changes}).encode()]

    first, second = (item_of(body, installation_id="one").dedupe_key for body in bodies)

    assert first != second


def test_bodies_without_type_are_not_taken_for_repeats():
    first, second = (item_of(body, installation_id="one") for body in (b'{"a": 1}', b'{"a": 2}'))

    assert first.dedupe_key != second.dedupe_key


@pytest.mark.parametrize("body", [b"", b"Hello", b"\xff", b"[" * 5000])
def test_body_that_is_not_json_is_quarantined(call, acme, body):
    assert call("events", body=body).status_code == 204
    assert kept(acme) == [("jira", "quarantined", "The body is not JSON.")]


@pytest.mark.parametrize("body", [b"{}", b"[]", b"7", b"null", b'{"payload": 7}'])
def test_body_without_type_is_quarantined(call, acme, body):
    call("events", body=body)

    with tenant_context(acme):
        inbox.drain()
    assert kept(acme) == [("jira", "quarantined", "The event has no type.")]


@pytest.mark.parametrize("wrap", [False, True])
def test_resolving_ends(call, acme, conversation, wrap):
    event = forge.payload("event_resolved")
    call("events", body=json.dumps({"payload": event} if wrap else event).encode())

    with tenant_context(acme):
        inbox.drain()
    assert state_of(conversation, acme) == State.ENDED
    assert (conversation.end_reason, conversation.issue_status) == ("resolved", "Resolved")


def test_category_counts_in_capitals_too(happens, acme, conversation):
    event = forge.payload("event_resolved")
    event["issue"]["fields"]["status"]["statusCategory"] = {"key": "DONE"}

    happens("event_resolved", issue=event["issue"])

    assert state_of(conversation, acme) == State.ENDED


def test_reopening_continues(happens, acme, conversation):
    happens("event_resolved")
    happens("event_reopened")

    assert state_of(conversation, acme) == State.ACTIVE
    assert (conversation.end_reason, conversation.issue_status) == ("", "Waiting for support")


def test_reopening_pauses_when_another_request_is_active(happens, acme, conversation):
    happens("event_resolved")
    with tenant_context(acme):
        other = ConversationFactory(customer=conversation.customer)

    happens("event_reopened")

    assert state_of(conversation, acme) == State.PAUSED
    assert state_of(other, acme) == State.ACTIVE


def test_deletion_ends(happens, acme, conversation):
    happens("event_deleted")

    assert state_of(conversation, acme) == State.ENDED
    assert conversation.end_reason == "deleted"


@pytest.mark.parametrize(
    ("event", "changes"),
    [
        ("event_commented", {}),
        ("event_resolved", {"selfGenerated": True}),
        ("event_resolved", {"eventType": "avi:jira:something:new"}),
    ],
)
def test_event_that_means_nothing_to_us(happens, acme, conversation, event, changes):
    happens(event, **changes)

    assert state_of(conversation, acme) == State.ACTIVE
    assert kept(acme) == [("jira", "done", "")]


@pytest.mark.parametrize(
    "status", [None, "Resolved", {}, {"name": "Resolved"}, {"statusCategory": {"key": "done"}}]
)
def test_status_that_is_not_said_is_asked_for(happens, acme, conversation, status):
    issue = forge.payload("event_resolved")["issue"]
    issue["fields"]["status"] = status

    happens("event_resolved", issue=issue)

    assert state_of(conversation, acme) == State.ACTIVE
    assert ("request.refresh", f"request:{conversation.pk}") in promised(acme)


def test_events_out_of_order_end_as_in_order(happens, acme, conversation):
    happens("event_reopened")
    happens("event_resolved")

    assert state_of(conversation, acme) == State.ACTIVE
    assert conversation.issue_status == "Waiting for support"


def test_update_without_another_status_changes_nothing(happens, acme, conversation):
    happens("event_reopened")
    version = conversation.version
    happens("event_reopened", timestamp="1795165270000", changelog={"items": []})

    state_of(conversation, acme)
    assert conversation.version == version + 1
    assert conversation.issue_status_at == datetime.fromtimestamp(1795165270, UTC)


@pytest.mark.parametrize("what", ["created", "updated", "deleted"])
@pytest.mark.parametrize("of", ["request-type", "service-desk"])
def test_changed_desks_and_types_are_checked(happens, acme, what, of):
    happens("event_commented", eventType=f"avi:jsm-entity:{what}:{of}", timestamp=None)

    assert promised(acme) == [("request-types.check", "request-types")]


@pytest.mark.parametrize("event", ["event_resolved", "event_reopened", "event_deleted"])
def test_event_of_a_request_that_is_not_ours(happens, acme, event):
    happens(event)

    assert kept(acme) == [("jira", "done", "")]


@pytest.mark.parametrize("issue", [None, 7, {}, {"id": None}, {"id": "1 OR 1"}, {"id": {"a": 1}}])
@pytest.mark.parametrize("event", ["event_resolved", "event_deleted"])
def test_event_without_an_issue_is_quarantined(happens, acme, event, issue):
    happens(event, issue=issue)

    assert kept(acme) == [("jira", "quarantined", "The event names no issue.")]


@pytest.mark.parametrize("timestamp", [None, "", "soon", "9" * 30, [], "1e3", "17951652000000"])
@pytest.mark.parametrize("event", ["event_resolved", "event_deleted"])
def test_event_without_a_time_is_quarantined(happens, acme, conversation, event, timestamp):
    happens(event, timestamp=timestamp)

    assert state_of(conversation, acme) == State.ACTIVE
    reason = "The event does not say when it happened."
    assert kept(acme) == [("jira", "quarantined", reason)]


def test_name_that_cannot_be_stored(happens, acme, conversation):
    issue = forge.payload("event_resolved")["issue"]
    issue["fields"]["status"]["name"] = "Re\x00solved\ud800" + "x" * 500

    happens("event_resolved", issue=issue)

    assert state_of(conversation, acme) == State.ENDED
    assert conversation.issue_status.startswith("Re\N{REPLACEMENT CHARACTER}solved")


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


def test_event_in_time_asks_nothing_more(happens, acme, conversation):
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


def test_event_of_one_site_changes_no_other(happens, acme, globex, conversation):
    with tenant_context(globex):
        theirs = ConversationFactory(issue_id="10101")

    happens("event_resolved")

    assert state_of(theirs, globex) == State.ACTIVE


def test_event_of_a_site_without_schema_is_asked_for_again(call, acme):
    Site.objects.filter(pk=acme.pk).update(state="installing")

    assert call("events", body=forge.body("event_resolved")).status_code == 503
    assert kept(acme) == []


def test_database_down(call, acme, monkeypatch):
    def fail(*arguments, **more):
        raise OperationalError("the server closed the connection unexpectedly")

    monkeypatch.setattr(inbox, "keep", fail)

    response = call("events", body=forge.body("event_resolved"))

    assert (response.status_code, response.json()) == (503, {"detail": "Try again."})
