"""After a lost answer the request is looked for before another one is opened."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.models import OutboxEntry
from tenants.models import Installation
from tests.factories import ConversationFactory
from tests.jira_bridge import forge
from tests.jira_bridge.opening import (
    REQUEST,
    SEARCH,
    answer_search,
    asked,
    drain,
    entry,
    found,
    opening,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("installation", "defaults")]


def lose_the_answer(jira, time_machine):
    """Let Jira take the request without our getting to know."""
    time_machine.move_to("2026-11-22T12:00:00Z", tick=False)
    Installation.objects.update(system_token_expires_at=timezone.now() + timedelta(hours=2))
    jira.hang_up(path=REQUEST)
    drain()


def test_lost_answer_is_found_and_adopted(jira, time_machine):
    conversation = opening()
    lose_the_answer(jira, time_machine)
    answer_search(jira, found("10199", text="Another"), found("10107"))

    drain()

    conversation.refresh_from_db()
    assert (conversation.issue_id, conversation.state) == ("10107", "active")
    assert len(asked(jira, REQUEST)) == 1
    assert asked(jira, SEARCH)[0]["jql"] == (
        'project = "SUP" AND reporter = "app-bot" AND created >= -2m ORDER BY created ASC'
    )


def test_request_of_another_conversation_is_not_adopted(jira, time_machine):
    conversation = opening()
    ConversationFactory(issue_id="10107")
    lose_the_answer(jira, time_machine)
    answer_search(jira, found("10107"), found("10108"))

    drain()

    conversation.refresh_from_db()
    assert conversation.issue_id == "10108"


@pytest.mark.parametrize(
    "other",
    [
        found("10107", text="Where is my parcel"),
        found("10107", summary="SMS request from 38599190332"),
        {"id": "10107", "key": "SUP-107", "fields": None},
        {"id": "10107", "key": "SUP-107", "fields": {"summary": None, "description": None}},
    ],
)
def test_other_request_is_not_adopted(jira, time_machine, other):
    conversation = opening()
    lose_the_answer(jira, time_machine)
    answer_search(jira, other)

    drain()

    conversation.refresh_from_db()
    assert conversation.issue_id == ""
    assert entry().started_at is not None


def test_within_the_index_lag_it_looks_and_does_not_open(jira, time_machine):
    opening()
    lose_the_answer(jira, time_machine)
    time_machine.shift(29)
    answer_search(jira)

    drain()

    assert len(asked(jira, REQUEST)) == 1
    assert entry().run_after - timezone.now() == timedelta(seconds=3)


def test_after_the_index_lag_it_opens_another(jira, time_machine):
    conversation = opening()
    lose_the_answer(jira, time_machine)
    time_machine.shift(31)
    answer_search(jira)
    jira.answer(201, forge.payload("request_created"), path=REQUEST)

    drain()

    conversation.refresh_from_db()
    assert conversation.issue_id == "10107"
    assert len(asked(jira, REQUEST)) == 2


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_failed_search_leaves_it_unknown(jira, time_machine, status):
    opening()
    lose_the_answer(jira, time_machine)
    time_machine.shift(60)
    jira.answer(status, path=f"{forge.ACME}/rest/api/3/myself")

    drain()

    assert len(asked(jira, REQUEST)) == 1
    assert (entry().state, entry().started_at is not None) == ("pending", True)


@pytest.mark.parametrize("gone", ["token", "defaults"])
def test_what_is_missing_meanwhile_leaves_it_unknown(jira, time_machine, defaults, gone):
    opening()
    lose_the_answer(jira, time_machine)
    time_machine.shift(60)
    if gone == "token":
        Installation.objects.update(system_token="")
    else:
        defaults.delete()

    drain()

    assert (entry().state, entry().started_at is not None) == ("pending", True)


def test_last_error_holds_no_text_and_no_number(jira, time_machine):
    opening()
    lose_the_answer(jira, time_machine)

    assert entry().last_error == "Jira did not answer."
    assert "385991903327" not in json.dumps(list(OutboxEntry.objects.values()), default=str)
