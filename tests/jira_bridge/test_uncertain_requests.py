"""After a lost answer the request is looked for before another one is opened."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.contracts import RequestOpened
from conversations.models import Customer, OutboxEntry
from conversations.services.lifecycle import attach_request
from jira_bridge import customers, targets
from jira_bridge.models import RequestDefaults
from tenants.models import Installation
from tests.factories import ConversationFactory
from tests.jira_bridge import forge
from tests.jira_bridge.opening import (
    PROPERTY,
    REQUEST,
    SEARCH,
    answer_search,
    asked,
    created,
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
        'reporter = "app-bot" AND created >= -2m ORDER BY created ASC'
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


@pytest.mark.parametrize(("passed", "pause"), [(20, 3), (29, 1)])
def test_within_the_index_lag_it_looks_and_does_not_open(jira, time_machine, passed, pause):
    opening()
    lose_the_answer(jira, time_machine)
    time_machine.shift(passed)
    answer_search(jira)

    drain()

    assert len(asked(jira, REQUEST)) == 1
    assert entry().run_after - timezone.now() == timedelta(seconds=pause)


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


def test_search_looks_for_the_app_and_for_the_customer(jira, time_machine):
    conversation = opening()
    Customer.objects.update(jira_account_id="qm:77:ana")
    lose_the_answer(jira, time_machine)
    answer_search(jira, found("10107"))

    drain()

    conversation.refresh_from_db()
    assert conversation.issue_id == "10107"
    assert asked(jira, SEARCH)[0]["jql"].startswith('reporter in ("app-bot", "qm:77:ana") AND')


@pytest.mark.parametrize(
    "summary", ["385991903327 wrote", "New SMS from 385991903327", "+385 99 190 ••27"]
)
def test_summary_of_an_earlier_pattern_is_known_by_its_number(jira, time_machine, summary):
    conversation = opening()
    lose_the_answer(jira, time_machine)
    answer_search(jira, found("10107", summary=summary))

    drain()

    conversation.refresh_from_db()
    assert conversation.issue_id == "10107"


def test_exact_summary_goes_before_one_with_the_number(jira, time_machine):
    conversation = opening()
    lose_the_answer(jira, time_machine)
    answer_search(jira, found("10105", summary="385991903327 wrote"), found("10107"))

    drain()

    conversation.refresh_from_db()
    assert conversation.issue_id == "10107"


def test_another_choice_in_the_console_meanwhile_does_not_matter(jira, time_machine, defaults):
    conversation = opening()
    lose_the_answer(jira, time_machine)
    RequestDefaults.objects.update(service_desk_id="7", request_type_id="70")
    answer_search(jira, found("10107"))

    drain()

    conversation.refresh_from_db()
    assert conversation.issue_id == "10107"


def test_request_that_carries_our_property_is_not_adopted(jira, time_machine):
    conversation = opening()
    lose_the_answer(jira, time_machine)
    answer_search(jira, found("10107"), found("10108"))
    jira.answer(200, {"key": "omnichat", "value": {"conversation": "9"}}, path=PROPERTY)

    drain()

    conversation.refresh_from_db()
    assert conversation.issue_id == "10108"


@pytest.mark.parametrize(("said", "issue_id"), [("", "10107"), ("Somebody else's words", "")])
def test_type_without_a_description_is_known_by_its_summary(
    jira, time_machine, monkeypatch, said, issue_id
):
    conversation = opening()
    monkeypatch.setattr(targets, "fields_of", lambda target, summary, **other: {"summary": summary})
    lose_the_answer(jira, time_machine)
    answer_search(jira, found("10107", text=said))

    drain()

    conversation.refresh_from_db()
    assert conversation.issue_id == issue_id


def test_customers_with_the_same_text_adopt_their_own(jira, time_machine):
    first = opening(number="385991903301")
    second = opening(number="385991903302")
    jira.hang_up(path=REQUEST)
    lose_the_answer(jira, time_machine)
    issues = [
        found("10112", summary="SMS request from 385991903302"),
        found("10111", summary="SMS request from 385991903301"),
    ]
    answer_search(jira, *issues)
    answer_search(jira, *issues)

    drain()

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.issue_id, second.issue_id) == ("10111", "10112")


def test_request_that_another_has_adopted_meanwhile_makes_it_uncertain(jira):
    conversation = opening()
    ConversationFactory(issue_id="10107")
    jira.answer(201, created("10107"), path=REQUEST)

    drain()

    conversation.refresh_from_db()
    assert conversation.issue_id == ""
    assert (entry().state, entry().started_at is not None) == ("pending", True)


def test_a_try_that_was_frozen_before_it_asked_opens_no_second_request(
    jira, monkeypatch, time_machine
):
    conversation = opening()
    time_machine.move_to(timezone.now(), tick=False)

    def while_others_take_over(*_arguments, **_named):
        opened = RequestOpened(issue_id="10107", issue_key="SUP-107")
        attach_request(conversation.pk, opened)
        time_machine.shift(timedelta(minutes=1))
        return ""

    monkeypatch.setattr(customers, "reporter_for", while_others_take_over)
    drain()

    assert asked(jira, REQUEST) == []
    assert entry().state == "done"
