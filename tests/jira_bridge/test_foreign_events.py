"""Events of requests that are none of ours: Jira tells of all, and we keep what concerns us."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from conversations import outbox
from tests.factories import ConversationFactory
from tests.jira_bridge import forge
from tests.jira_bridge.telling import kept

pytestmark = pytest.mark.django_db


@pytest.fixture
def tell(call):
    """Have Forge tell of a change that happened just now; the issue was made `ago`."""

    def send(kind="avi:jira:updated:issue", *, ago=timedelta(0), **changes):
        event = forge.payload("event_resolved")
        event |= {"eventType": kind, "timestamp": str(int(timezone.now().timestamp() * 1000))}
        event["issue"]["fields"]["created"] = (timezone.now() - ago).isoformat()
        assert call("events", body=json.dumps(event | changes).encode()).status_code == 204

    return send


@pytest.mark.parametrize("kind", ["avi:jira:updated:issue", "avi:jira:deleted:issue"])
def test_event_of_somebody_elses_request_is_not_kept(tell, acme, kind):
    tell(kind)

    assert kept(acme) == []


def test_event_of_our_request_is_kept(tell, acme):
    ConversationFactory(issue_id=forge.payload("event_resolved")["issue"]["id"])

    tell()

    assert kept(acme) == [("jira", "new", "")]


def test_event_is_kept_while_a_request_of_ours_is_being_opened(tell, acme):
    outbox.promise("request.open", group="request:1", subject=1)

    tell()

    assert kept(acme) == [("jira", "new", "")]


@pytest.mark.parametrize("made", ["9999-12-31T23:59:59.999+0000", "0001-01-01T00:00:00.000+1400"])
def test_issue_from_the_ends_of_time_is_judged_by_its_event(tell, acme, made):
    outbox.promise("request.open", group="request:1", subject=1)
    issue = forge.payload("event_resolved")["issue"]
    issue["fields"]["created"] = made

    tell(issue=issue)

    assert kept(acme) == [("jira", "new", "")]


def test_older_issue_is_not_the_one_that_is_being_opened(tell, acme):
    outbox.promise("request.open", group="request:1", subject=1)

    tell(ago=timedelta(hours=1))

    assert kept(acme) == []


def test_event_that_tells_of_a_gap_is_kept_whose_ever_it_is(tell, acme):
    tell(retryContext={"retryCount": 1, "retryReason": "TIMEOUT_ERROR"})

    assert kept(acme) == [("jira", "new", "")]


def test_event_that_names_no_issue_is_kept_for_people_to_look_at(tell, acme):
    tell(issue={})

    assert kept(acme) == [("jira", "new", "")]
