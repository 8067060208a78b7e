"""What Jira lets the app ask in an hour: counted for all sites, and stopped when it is used up."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from conversations.errors import TemporaryFailure
from jira_bridge import budget
from jira_bridge.budget import QuotaUsedUp
from jira_bridge.client import JiraClient
from jira_bridge.http import RefusedByJira
from tenants.context import tenant_context
from tenants.models import CallQuota, Installation
from tests.conversations.concurrency import together

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 22, 12, 20, tzinfo=UTC)


@pytest.fixture
def app(installation):
    return JiraClient(
        installation.api_base_url, installation.system_token, installation=installation
    )


def points():
    return CallQuota.objects.get().points


def test_points_of_all_sites_are_counted_together(acme, globex):
    for site in (acme, globex):
        with tenant_context(site):
            budget.spend(3)

    assert points() == 6


def test_each_hour_begins_anew():
    with time_machine.travel(NOON, tick=False):
        budget.spend(3)
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        budget.spend(2)

    assert points() == 2


def test_own_limit_stops_calls_until_the_hour_ends(settings):
    settings.JIRA_POINTS_PER_HOUR = 4

    with time_machine.travel(NOON, tick=False):
        budget.spend(4)
        with pytest.raises(QuotaUsedUp) as caught:
            budget.spend(1)

    assert str(caught.value) == "Jira's limit is reached until 13:00 UTC."
    assert caught.value.retry_after == 40 * 60


def test_spare_calls_leave_a_share_to_the_others(settings):
    settings.JIRA_POINTS_PER_HOUR = 10
    budget.spend(8)

    with pytest.raises(QuotaUsedUp):
        budget.spend(1, spare=True)
    budget.spend(1)


def test_call_that_is_not_made_costs_nothing(settings):
    settings.JIRA_POINTS_PER_HOUR = 10
    budget.spend(8)

    for _ in range(5):
        with pytest.raises(QuotaUsedUp):
            budget.spend(1, spare=True)
    budget.spend(2)

    assert points() == 10


@pytest.mark.django_db(transaction=True)
def test_many_workers_spend_no_more_than_there_is(settings):
    settings.JIRA_POINTS_PER_HOUR = 50

    def spend_ten():
        return [_is_allowed() for _ in range(10)]

    try:
        allowed = together(*[spend_ten] * 8)
        assert (sum(map(sum, allowed)), points()) == (50, 50)
    finally:
        CallQuota.objects.all().delete()


def _is_allowed():
    try:
        budget.spend(1)
    except QuotaUsedUp:
        return False
    return True


def test_answer_costs_what_it_holds(jira, app):
    jira.answer(200, {"issues": [{"id": "1"}, {"id": "2"}], "isLast": True})

    app.search("project = SUP", fields=["status"])

    assert points() == 1 + 2


def test_quota_of_the_app_stops_every_site_before_it_asks(jira, app, globex):
    jira.answer(429, headers={"RateLimit-Reason": "jira-quota-global-based", "Retry-After": "1800"})
    with pytest.raises(QuotaUsedUp):
        app.own_account()

    with tenant_context(globex), pytest.raises(QuotaUsedUp):
        JiraClient(jira.url, "token of globex").own_account()

    assert len(jira.requests) == 1
    assert timedelta(minutes=29) < budget.held_until() - datetime.now(UTC) <= timedelta(minutes=30)


def test_calls_go_on_when_the_quota_begins_anew(jira, app):
    with time_machine.travel(NOON, tick=False):
        budget.hold_everyone(60)
    jira.answer(200, {"accountId": "1"})

    with time_machine.travel(NOON + timedelta(seconds=61), tick=False):
        assert app.own_account() == {"accountId": "1"}
        assert budget.held_until() is None


def test_quota_of_one_site_leaves_the_others_alone(jira, app, globex):
    jira.answer(429, headers={"RateLimit-Reason": "jira-quota-tenant-based", "Retry-After": "60"})
    jira.answer(200, {"accountId": "1"})
    with pytest.raises(QuotaUsedUp):
        app.own_account()

    with tenant_context(globex):
        JiraClient(jira.url, "token of globex").own_account()
    with pytest.raises(QuotaUsedUp):
        app.own_account()

    assert len(jira.requests) == 2
    assert Installation.objects.get().held_until is not None


@pytest.mark.parametrize("name", ["Beta-RateLimit-Reason", "ratelimit-reason"])
def test_reason_is_read_in_its_other_spellings(jira, app, name):
    jira.answer(429, headers={name: "jira-quota-global-based"})

    with pytest.raises(QuotaUsedUp):
        app.own_account()


@pytest.mark.parametrize("reason", ["jira-burst-based", "jira-per-issue-on-write", "", "new"])
def test_other_limits_put_off_this_call_only(jira, app, reason):
    jira.answer(429, headers={"RateLimit-Reason": reason, "Retry-After": "2"})

    with pytest.raises(TemporaryFailure) as caught:
        app.own_account()

    assert type(caught.value) is TemporaryFailure
    assert budget.held_until() is None


def test_refusal_is_remembered_until_jira_takes_a_call_again(jira, app):
    jira.answer(401)
    jira.answer(200, {"accountId": "1"})
    with pytest.raises(RefusedByJira):
        app.own_account()
    assert Installation.objects.get().refused_at is not None

    app.own_account()

    assert Installation.objects.get().refused_at is None
