"""Reading the status of requests in Jira: of one, and of all that changed without an event."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from django.utils import timezone

from conversations import outbox
from conversations.errors import PermanentFailure, TemporaryFailure
from conversations.models import AuditEvent, Conversation, OutboxEntry
from conversations.outbox import Promise
from conversations.services import known_requests
from jira_bridge import events, missed_events, statuses
from tenants.models import Installation
from tests.factories import ConversationFactory
from tests.jira_bridge import forge

pytestmark = pytest.mark.django_db

ISSUE = f"{forge.ACME}/rest/api/3/issue/10101"
SEARCH = f"{forge.ACME}/rest/api/3/search/jql"


@pytest.fixture
def conversation(acme):
    return ConversationFactory(issue_id="10101")


@pytest.fixture
def refresh(installation, conversation):
    return lambda: statuses.refresh_request(
        Promise("request.refresh", str(conversation.pk), 1, timezone.now())
    )


@pytest.fixture
def reconcile(installation):
    return lambda: statuses.reconcile_site(Promise("requests.reconcile", "all", 1, timezone.now()))


def issue(number=10101, status="Resolved", minute=0):
    found = forge.payload("issue_resolved")
    found["id"] = str(number)
    found["fields"]["status"]["name"] = status
    found["fields"]["updated"] = f"2026-11-20T09:{minute:02d}:00.000+0000"
    return found


def known_until():
    return Installation.objects.get().events_known_until


def minutes_asked(request):
    return int(request.json["jql"].split('"-')[1].split("m")[0])


def test_status_is_read_by_the_app(refresh, jira, conversation):
    jira.answer(200, forge.payload("issue_resolved"), path=ISSUE)

    refresh()

    conversation.refresh_from_db()
    assert (conversation.state, conversation.issue_status) == ("ended", "Resolved")
    assert conversation.issue_status_at == datetime(2026, 11, 20, 9, 20, tzinfo=UTC)
    assert jira.paths == [f"{ISSUE}?fields=status%2Cupdated%2Cstatuscategorychangedate"]


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59.999-1200", "0001-01-01T00:00:00.000+1400"])
def test_time_that_nobody_can_reckon_with_tells_nothing(refresh, jira, conversation, at):
    found = issue()
    found["fields"]["updated"] = at
    jira.answer(200, found, path=ISSUE)

    refresh()

    conversation.refresh_from_db()
    assert (conversation.state, conversation.issue_status_at) == ("active", None)


def test_request_that_jira_does_not_show_is_kept(refresh, jira, conversation):
    jira.answer(404, forge.payload("error_platform"), path=ISSUE)

    refresh()

    conversation.refresh_from_db()
    assert conversation.state == "active"
    assert timezone.now() - conversation.issue_hidden_since < timedelta(seconds=10)


def test_request_that_is_shown_again(refresh, jira, conversation):
    known_requests.take_visibility("10101", hidden=True)
    jira.answer(200, issue(), path=ISSUE)

    refresh()

    conversation.refresh_from_db()
    assert conversation.issue_hidden_since is None


@pytest.mark.parametrize(
    ("status", "failure"),
    [(403, TemporaryFailure), (500, TemporaryFailure), (400, PermanentFailure)],
)
def test_failure_says_nothing_of_the_request(refresh, jira, conversation, status, failure):
    jira.answer(status, "<html>", path=ISSUE)

    with pytest.raises(failure):
        refresh()

    conversation.refresh_from_db()
    assert (conversation.state, conversation.issue_hidden_since) == ("active", None)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"status": None},
        {"updated": "yesterday"},
        {"updated": "2026-11-20T09:00:00"},
        {"status": {"name": "Done", "statusCategory": {"key": None}}},
    ],
)
def test_half_an_answer_tells_nothing(refresh, jira, conversation, fields):
    whole = issue()["fields"] if fields else {}
    jira.answer(200, {"id": "10101", "fields": {**whole, **fields}}, path=ISSUE)

    refresh()

    conversation.refresh_from_db()
    assert (conversation.state, conversation.issue_status) == ("active", "")


def test_changed_requests_are_read_page_by_page(reconcile, jira):
    first, second = ConversationFactory(issue_id="1"), ConversationFactory(issue_id="2")
    jira.answer(200, {"issues": [issue(1), issue(77)], "nextPageToken": "next"}, path=SEARCH)
    jira.answer(200, {"issues": [issue(2, minute=5)]}, path=SEARCH)
    began = timezone.now()

    reconcile()

    ended = Conversation.objects.filter(state="ended", pk__in=[first.pk, second.pk])
    assert ended.count() == 2
    assert [request.json.get("nextPageToken") for request in jira.requests] == [None, "next"]
    assert began <= known_until() <= timezone.now()


def test_first_query_looks_back_a_while(reconcile, jira):
    jira.answer(200, {"issues": []}, path=SEARCH)

    reconcile()

    (request,) = jira.requests
    assert request.json["jql"] == (
        'issue.property[omnichat].conversation IS NOT EMPTY AND updated >= "-76m"'
        " ORDER BY updated ASC"
    )


@pytest.mark.parametrize(("away", "minutes"), [(60, 66), (60 * 24 * 30, 60 * 24 * 7 + 1)])
def test_query_goes_back_to_the_last_one(reconcile, jira, installation, away, minutes):
    Installation.objects.update(events_known_until=timezone.now() - timedelta(minutes=away))
    jira.answer(200, {"issues": []}, path=SEARCH)

    reconcile()

    assert minutes_asked(jira.requests[0]) == minutes


def test_reinstallation_goes_on_where_the_one_before_ended(reconcile, jira, acme):
    Installation.objects.create(
        site=acme,
        installation_id="before",
        environment="PRODUCTION",
        events_known_until=timezone.now() - timedelta(hours=30),
    )
    jira.answer(200, {"issues": []}, path=SEARCH)

    reconcile()

    assert minutes_asked(jira.requests[0]) == 30 * 60 + 6


def test_failure_on_the_way_keeps_what_was_read(reconcile, jira, conversation):
    jira.answer(200, {"issues": [issue()], "nextPageToken": "next"}, path=SEARCH)
    jira.answer(500, "", path=SEARCH)

    with pytest.raises(TemporaryFailure):
        reconcile()

    conversation.refresh_from_db()
    assert conversation.state == "ended"
    assert known_until() == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def test_time_known_never_goes_back(reconcile, jira, installation):
    known = timezone.now() - timedelta(minutes=1)
    Installation.objects.update(events_known_until=known)
    jira.answer(200, {"issues": [issue()], "nextPageToken": "next"}, path=SEARCH)
    jira.answer(500, "", path=SEARCH)

    with pytest.raises(TemporaryFailure):
        reconcile()

    assert known_until() == known


@pytest.mark.parametrize("answer", [{}, {"issues": None}, {"issues": [7, {}, {"id": "10101"}]}])
def test_odd_page_is_read_as_far_as_it_goes(reconcile, jira, conversation, answer):
    jira.answer(200, answer, path=SEARCH)

    reconcile()

    conversation.refresh_from_db()
    assert conversation.state == "active"


def test_both_promises_are_kept(installation, jira, conversation):
    known_requests.ask_for_status("10101")
    missed_events.catch_up()
    jira.answer(200, issue(status="Waiting"), path=ISSUE)
    jira.answer(200, {"issues": [issue(minute=30)]}, path=SEARCH)

    outbox.drain()

    conversation.refresh_from_db()
    assert conversation.issue_status == "Resolved"
    wanted = ["request.refresh", "requests.reconcile"]
    kept = OutboxEntry.objects.filter(topic__in=wanted).values_list("state", flat=True)
    assert list(kept) == ["done", "done"]


@pytest.mark.parametrize(
    ("minutes", "state", "asked"),
    [(None, "active", 1), (49, "active", 0), (51, "active", 1), (51, "suspended", 0)],
)
def test_clock_has_jira_asked_once_an_hour(installation, minutes, state, asked):
    installation.site.state = state
    if minutes:
        installation.events_known_until = timezone.now() - timedelta(minutes=minutes)

    missed_events.catch_up_if_due(installation)

    assert OutboxEntry.objects.filter(topic="requests.reconcile").count() == asked


def test_clock_that_ticks_at_all_sites_at_once_has_each_asked_at_its_own_moment(
    installation, monkeypatch
):
    monkeypatch.setattr(missed_events, "moment_of", lambda schema_name: 7 * 300 + 42)

    missed_events.catch_up_if_due(installation)

    entry = OutboxEntry.objects.get(topic="requests.reconcile")
    assert round((entry.run_after - entry.created_at).total_seconds()) == 42


@pytest.fixture
def ways(refresh, reconcile, jira):
    """All the ways on which the news of a resolve can come."""
    jira.answer(200, issue(), path=ISSUE, times=5)
    jira.answer(200, {"issues": [issue()]}, path=SEARCH, times=5)
    return {
        "event": lambda: events.take_in(forge.body("event_resolved")),
        "look": lambda: statuses.take_news("10101", issue()),
        "refresh": refresh,
        "reconciliation": reconcile,
    }


@pytest.mark.parametrize(
    "order", list(permutations(["event", "look", "refresh", "reconciliation"]))
)
def test_all_ways_in_any_order_give_the_same(ways, conversation, order):
    for way in order:
        ways[way]()

        conversation.refresh_from_db()
        assert (conversation.state, conversation.end_reason) == ("ended", "resolved")
        assert conversation.issue_status_at == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    assert AuditEvent.objects.filter(action="conversation.resolved").count() == 1
