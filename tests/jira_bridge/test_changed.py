"""Jira tells the page that the request has changed: it is read with the user's own token."""

from datetime import timedelta

import pytest

from conversations.models import OutboxEntry
from jira_bridge import page_views
from logins.rate_limits import Limit
from tenants.context import tenant_context
from tenants.models import Site
from tests.factories import ConversationFactory
from tests.jira_bridge import forge

pytestmark = pytest.mark.django_db

ISSUE = f"{forge.ACME}/rest/api/3/issue/10101"


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The time of this process in seconds, in a list of one."""
    seconds = [1000.0]
    page_views._looked_at.clear()
    monkeypatch.setattr(page_views, "monotonic", lambda: seconds[0])
    yield seconds
    page_views._looked_at.clear()


@pytest.fixture
def conversation(acme):
    return ConversationFactory(issue_id="10101")


@pytest.fixture
def tell(call, jira, settings):
    def told(**changes):
        said = forge.page_claims(settings, **{"api": jira.url, **changes})
        return call("ui/changed", said, **{"x-forge-oauth-user": "users-token"})

    return told


def state_of(conversation, site):
    with tenant_context(site):
        conversation.refresh_from_db()
    return conversation.state


def promised(site):
    with tenant_context(site):
        return list(OutboxEntry.objects.values_list("topic", flat=True))


def test_user_who_tells_again_and_again_has_nothing_read(tell, jira, conversation, monkeypatch):
    monkeypatch.setattr(page_views, "CALLS", Limit("calls", most=0, window=timedelta(minutes=1)))

    assert tell().status_code == 204
    assert jira.requests == []


def test_changed_request_is_read_as_the_user(tell, jira, acme, conversation):
    jira.answer(200, forge.payload("issue_resolved"), path=ISSUE)

    response = tell()

    assert (response.status_code, response.content) == (204, b"")
    assert state_of(conversation, acme) == "ended"
    assert [request.headers["authorization"] for request in jira.requests] == ["Bearer users-token"]


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
def test_failure_of_jira_is_not_the_pages_concern(tell, jira, acme, conversation, status):
    jira.answer(status, "<html>", path=ISSUE)

    assert tell().status_code == 204
    assert state_of(conversation, acme) == "active"


def test_request_that_is_not_ours_is_not_read(tell, jira):
    assert tell().status_code == 204
    assert jira.requests == []


@pytest.mark.parametrize("changes", [{"issue_id": ""}, {"issue_id": "1 OR 1"}])
def test_nothing_is_read_without_a_signed_issue(tell, jira, conversation, changes):
    assert tell(**changes).status_code == 204
    assert jira.requests == []


def test_nothing_is_read_for_a_site_that_is_not_active(tell, jira, acme, conversation):
    Site.objects.filter(pk=acme.pk).update(state="suspended")

    assert tell().status_code == 204
    assert jira.requests == []


def test_change_just_after_a_look_is_read_by_the_app(tell, jira, acme, conversation, clock):
    for _ in range(3):
        tell()

    assert len(jira.requests) == 1
    assert "request.refresh" in promised(acme)
    assert promised(acme).count("request.refresh") == 1


def test_next_change_is_read_two_seconds_later(tell, jira, conversation, clock):
    tell()
    clock[0] += 2

    tell()

    assert len(jira.requests) == 2


def test_looks_at_other_requests_do_not_count(tell, jira, acme, conversation):
    with tenant_context(acme):
        ConversationFactory(issue_id="20202")

    tell()
    tell(issue_id="20202")

    assert len(jira.requests) == 2


def test_bad_token_is_refused(client, keys):
    assert client.post("/forge/v1/ui/changed").status_code == 401
