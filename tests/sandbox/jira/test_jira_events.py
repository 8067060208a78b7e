"""What the sandbox's Forge tells the app: events, ticks, and the coming and going of sites."""

import asyncio
import json

import pytest

from sandbox.jira import installation
from sandbox.jira.identity import FIT_SECONDS

SETUP = """
import json, os, sys
assert os.environ["INFOBIP_API_KEY"] == "sandbox-key-acme"
answer = {"site": sys.argv[3], "webhook_url": "http://app.test/hooks/x/", "console_url": "c"}
print(json.dumps(answer))
print('{"event": "a log line"}')
"""


def move(web, to, key="SUP-101"):
    return web.post(f"/_sandbox/requests/{key}/transition", json={"to": to})


@pytest.fixture(autouse=True)
def _request(open_request):
    open_request()


def test_a_transition_tells_both_statuses_and_the_changelog(web, events):
    move(web, "Resolved")

    (event,) = events()
    assert event["eventType"] == "avi:jira:updated:issue"
    assert event["issue"]["fields"]["status"]["statusCategory"]["key"] == "done"
    assert [item["toString"] for item in event["changelog"]["items"]] == ["Resolved", "Done"]
    names = [status["name"] for status in event["associatedStatuses"]]
    assert names == ["Waiting for support", "Resolved"]


def test_events_leave_in_order(web, events):
    for status in ("In progress", "Resolved", "To do"):
        move(web, status)

    reached = [event["changelog"]["items"][0]["toString"] for event in events()]
    assert reached == ["In progress", "Resolved", "Waiting for support"]


def test_an_unknown_status_changes_nothing(web, events):
    assert move(web, "Sleeping").status_code == 400
    assert events() == []


def test_a_deleted_request_is_gone_and_told(web, events):
    web.post("/_sandbox/requests/SUP-101/delete")

    assert [event["eventType"] for event in events()] == ["avi:jira:deleted:issue"]
    assert web.get("/_sandbox/requests").json() == {"requests": []}


def test_an_event_is_signed_for_the_app_and_brings_its_token(web, events, product, claims_of, jira):
    move(web, "Resolved")
    events()

    request = next(each for each in product.requests if each.url.path.endswith("/events"))
    claims = claims_of(request)
    site = jira.sites.get("demo")
    assert claims["app"]["installationId"] == site.installation_id
    assert claims["app"]["installation"]["contexts"][0]["cloudId"] == site.cloud_id
    assert claims["exp"] - claims["iat"] == FIT_SECONDS
    assert "context" not in claims
    token = request.headers["x-forge-oauth-system"]
    assert jira.identity.check_api_token(token).cloud_id == site.cloud_id


def test_an_event_that_was_not_taken_comes_again_with_the_reason(web, events, product):
    product.statuses = [500, 401, 0]
    move(web, "Resolved")

    reasons = [event.get("retryContext", {}).get("retryReason") for event in events()]
    assert reasons == [
        None,
        "INVALID_REMOTE_INVOCATION_ERROR",
        "INVALID_FORGE_INVOCATION_TOKEN",
        "TIMEOUT_ERROR",
    ]


def test_an_event_is_given_up_after_four_retries(web, events, product):
    product.statuses = [500] * 9
    move(web, "Resolved")

    assert len(events()) == 5


def test_an_installed_site_ticks(web, product, site):
    async def first_tick():
        async with asyncio.timeout(5):
            while not product.bodies("tick"):
                await asyncio.sleep(0)

    web.portal.call(first_tick)

    (tick,) = product.bodies("tick")
    assert tick["context"] == {"cloudId": site.cloud_id, "moduleKey": "tick"}


def test_installing_sets_the_site_up_and_opens_its_account(web, product, monkeypatch, tmp_path):
    accounts = []

    async def open_account(config, site, webhook_url):
        accounts.append((site.slug, site.senders["sms"], webhook_url))

    monkeypatch.setattr(installation, "_open_infobip_account", open_account)
    monkeypatch.setattr(installation, "PROJECT", tmp_path)
    (tmp_path / "manage.py").write_text(SETUP)

    answer = web.post("/_sandbox/install", json={"site": "acme"}).json()

    assert answer == {"site": "acme", "webhook_url": "http://app.test/hooks/x/", "console_url": "c"}
    assert product.bodies("lifecycle")[0]["eventType"] == "avi:forge:installed:app"
    assert accounts == [("acme", "385951007004", "http://app.test/hooks/x/")]


def test_a_set_up_that_fails_says_why(web, monkeypatch, tmp_path):
    monkeypatch.setattr(installation, "PROJECT", tmp_path)
    (tmp_path / "manage.py").write_text("raise SystemExit('no database')")

    answer = web.post("/_sandbox/install", json={"site": "acme"})

    assert answer.status_code == 502
    assert "no database" in answer.json()["error"]


def test_an_app_that_takes_no_site_is_a_bad_gateway(web, product):
    product.statuses = [500] * 9

    answer = web.post("/_sandbox/install", json={"site": "acme"})

    assert answer.status_code == 502
    assert len(product.bodies("lifecycle")) == 5


def test_a_site_that_leaves_says_good_bye_and_loses_its_access(web, product, api, events):
    answer = web.post("/_sandbox/uninstall", json={"site": "demo"})

    assert answer.json() == {"site": "demo", "app_status": 200}
    assert product.bodies("bye")[0]["context"]["moduleKey"] == "bye"
    assert api.get("api/3/myself").status_code == 401
    move(web, "Resolved")
    assert events() == []


def test_sites_keep_their_requests_apart(web, open_request):
    web.post("/_sandbox/sites", json={"site": "acme"})

    theirs = open_request("Theirs", site="acme")

    assert theirs["key"] == "SUP-101"
    assert theirs["url"].endswith("/browse/SUP-101?site=acme")
    every = web.get("/_sandbox/requests?site=all").json()["requests"]
    assert [(each["site"], each["summary"]) for each in every] == [
        ("demo", "Printer"),
        ("acme", "Theirs"),
    ]


def test_setup_is_told_what_the_site_is(config, jira):
    jira.sites.register("acme")

    arguments = installation.setup_arguments(config, jira.sites.get("acme"))

    assert json.dumps(arguments).count("--") == 10
    assert arguments[:2] == ["--slug", "acme"]
