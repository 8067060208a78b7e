"""Points an hour, bursts and writes to one issue: what is charged, and when Jira says 429."""

from datetime import UTC, datetime

import pytest
import time_machine

TWENTY_TO = datetime(2030, 5, 6, 9, 40, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(web):
    """Stand still at twenty to ten; the site's tokens outlive the hour."""
    with time_machine.travel(TWENTY_TO, tick=False) as traveller:
        yield traveller


def spent(web):
    return web.get("/_sandbox/limits").json()["spent"].get("demo", 0)


@pytest.mark.parametrize(
    ("path", "points"),
    [
        ("servicedeskapi/servicedesk", 3),
        ("servicedeskapi/servicedesk/1", 2),
        ("servicedeskapi/servicedesk/1/requesttype", 6),
        ("api/3/issue/SUP-101", 2),
        ("api/3/issue/SUP-999", 1),
        ("api/3/myself", 3),
        ("api/3/mypermissions?permissions=ADMINISTER", 3),
        ("api/3/user/search?query=a", 3),
    ],
)
def test_reading_costs_a_point_and_one_for_each_thing(api, web, open_request, path, points):
    open_request()

    api.get(path)

    assert spent(web) == points


def test_writing_costs_a_point(api, web, open_request):
    key = open_request()["key"]

    api.put(f"api/3/issue/{key}/properties/omnichat", json={})

    assert spent(web) == 1


def test_an_answer_says_what_is_left(api):
    answer = api.get("api/3/myself")

    assert answer.headers["x-ratelimit-limit"] == "65000"
    assert answer.headers["x-ratelimit-remaining"] == "64997"
    assert answer.headers["x-ratelimit-nearlimit"] == "false"
    assert "ratelimit-reason" not in answer.headers


def test_points_used_up_stop_every_site_until_the_hour_is_over(api, web, clock):
    web.post("/_sandbox/limits", json={"points_per_hour": 3})
    assert api.get("api/3/myself").headers["x-ratelimit-nearlimit"] == "true"

    refused = api.get("servicedeskapi/servicedesk")

    assert refused.status_code == 429
    assert refused.headers["ratelimit-reason"] == "jira-quota-global-based"
    assert refused.headers["retry-after"] == "1200"
    assert refused.headers["x-ratelimit-reset"] == "2030-05-06T10:00:00Z"
    assert refused.headers["ratelimit-policy"] == '"global-app-quota";q=3;w=3600'
    assert refused.headers["ratelimit"] == '"global-app-quota";r=0;t=1200'
    clock.shift(1200)
    assert api.get("api/3/myself").status_code == 200


def test_a_sites_own_points_stop_that_site(api, web, jira):
    other = jira.sites.install("acme")
    token = jira.identity.mint_api_token(other, jira.people.all(other)[0].account_id)
    web.post("/_sandbox/limits", json={"site_points_per_hour": 3})
    api.get("api/3/myself")

    refused = api.get("api/3/myself")
    elsewhere = api.get(
        f"http://testserver/ex/jira/{other.cloud_id}/rest/api/3/myself",
        headers={"authorization": f"Bearer {token}"},
    )

    assert refused.headers["ratelimit-reason"] == "jira-quota-tenant-based"
    assert elsewhere.status_code == 200


def test_limits_are_forgotten(api, web):
    web.post("/_sandbox/limits", json={"points_per_hour": 0})
    assert api.get("api/3/myself").status_code == 429

    shown = web.delete("/_sandbox/limits").json()

    assert (shown["points_per_hour"], shown["remaining"]) == (65_000, 65_000)
    assert api.get("api/3/myself").status_code == 200


def test_too_many_calls_in_a_second_are_refused(api, clock):
    answers = [api.get("api/3/status") for _ in range(101)]

    assert {answer.status_code for answer in answers[:100]} == {200}
    assert answers[100].status_code == 429
    assert answers[100].headers["ratelimit-reason"] == "jira-burst-based"
    assert answers[100].headers["retry-after"] == "1"
    assert api.get("api/3/myself").status_code == 200
    clock.shift(1)
    assert api.get("api/3/status").status_code == 200


def test_too_many_writes_to_one_issue_are_refused(api, open_request, clock):
    one, other = open_request()["id"], open_request()["key"]
    for _ in range(20):
        assert api.put(f"api/3/issue/{one}/properties/p", json={}).is_success

    refused = api.put("api/3/issue/SUP-101/properties/p", json={})

    assert refused.headers["ratelimit-reason"] == "jira-per-issue-on-write"
    assert api.put(f"api/3/issue/{other}/properties/p", json={}).is_success
    clock.shift(2)
    assert api.put(f"api/3/issue/{one}/properties/p", json={}).is_success


def test_a_steady_stream_of_writes_is_refused_too(api, open_request, clock):
    key = open_request()["key"]
    for _ in range(100):
        assert api.put(f"api/3/issue/{key}/properties/p", json={}).is_success
        clock.shift(0.2)

    assert api.put(f"api/3/issue/{key}/properties/p", json={}).status_code == 429


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("429_quota", "jira-quota-global-based"),
        ("429_site_quota", "jira-quota-tenant-based"),
        ("429", "jira-burst-based"),
    ],
)
def test_a_429_can_be_asked_for(api, web, kind, reason):
    web.post("/_sandbox/faults", json={"route": "/rest/api/3/myself", "kind": kind})

    answer = api.get("api/3/myself")

    assert answer.status_code == 429
    assert answer.headers["ratelimit-reason"] == reason
    assert api.get("api/3/myself").status_code == 200
