"""Jira's events: kept once as they came, and what they do to a conversation."""

import json
from datetime import UTC, datetime

import pytest
from django.db import OperationalError

from conversations import inbox
from conversations.models import Conversation, InboxEntry
from jira_bridge.events import item_of
from tenants.context import tenant_context
from tenants.models import Site
from tests.factories import ConversationFactory
from tests.jira_bridge import forge
from tests.jira_bridge.telling import kept, promised, state_of

pytestmark = pytest.mark.django_db

State = Conversation.State


@pytest.fixture
def conversation(acme):
    return ConversationFactory(issue_id="10101", issue_key="SUP-101")


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


@pytest.mark.parametrize(("said", "kept"), [("ITH-7", "ITH-7"), ("", "SUP-101"), (7, "SUP-101")])
def test_request_that_was_moved_has_another_key(happens, acme, conversation, said, kept):
    event = forge.payload("event_resolved")
    event["issue"]["key"] = said

    happens("event_resolved", issue=event["issue"])

    assert state_of(conversation, acme) == State.ENDED
    assert conversation.issue_key == kept


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
    assert ("request.refresh", f"refresh:{conversation.pk}") in promised(acme)


@pytest.mark.parametrize("changelog", [None, {}, {"items": [{"field": "assignee"}, 7]}])
def test_when_a_resolve_happened_that_is_only_mentioned_is_asked_for(
    happens, acme, conversation, changelog
):
    happens("event_resolved", changelog=changelog, associatedStatuses=None)

    assert state_of(conversation, acme) == State.ACTIVE
    assert ("request.refresh", f"refresh:{conversation.pk}") in promised(acme)


def test_resolve_that_we_know_costs_nothing_when_it_is_mentioned(happens, acme, conversation):
    happens("event_resolved")
    happens("event_resolved", timestamp="1795165300000", changelog=None, associatedStatuses=None)

    assert state_of(conversation, acme) == State.ENDED
    assert "request.refresh" not in dict(promised(acme))


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
