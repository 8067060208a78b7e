"""The app's life on a site: reinstalled, upgraded, licensed or not, ticked and silent."""

import asyncio

import jwt
import pytest

from sandbox.jira import installation
from sandbox.jira.people import APP
from sandbox.jira.sites import API_TOKEN_SECONDS


@pytest.fixture(autouse=True)
def _product_sets_up_by_itself(monkeypatch):
    async def set_up(_config, site):
        return {"site": site.slug, "webhook_url": "http://app.test/hooks/x/", "console_url": "c"}

    async def open_account(_config, _site, _webhook_url):
        pass

    monkeypatch.setattr(installation, "_set_up", set_up)
    monkeypatch.setattr(installation, "_open_infobip_account", open_account)


@pytest.fixture
def steer(web):
    return lambda **wanted: web.post("/_sandbox/app", json={"site": "demo"} | wanted)


@pytest.fixture
def tick(web, product, claims_of):
    """Return a function that ticks and gives what the tick's token says of the app."""

    def ticked(slug="demo"):
        product.requests.clear()
        web.post("/_sandbox/tick", json={"site": slug})
        return claims_of(product.requests[-1])["app"]

    return ticked


def test_a_reinstall_is_another_installation_of_the_same_site(web, jira, site, tick):
    first = tick()["installationId"]

    web.post("/_sandbox/uninstall", json={"site": "demo"})
    web.post("/_sandbox/install", json={"site": "demo"})

    claim = tick()
    assert claim["installationId"] != first
    assert claim["installation"]["contexts"][0]["cloudId"] == site.cloud_id


def test_tokens_of_an_installation_end_with_it(web, api):
    assert api.get("api/3/myself").status_code == 200

    web.post("/_sandbox/uninstall", json={"site": "demo"})
    assert api.get("api/3/myself").status_code == 401
    web.post("/_sandbox/install", json={"site": "demo"})
    assert api.get("api/3/myself").status_code == 401


def test_what_is_gone_cannot_go_again(web):
    web.post("/_sandbox/uninstall", json={"site": "demo"})

    assert web.post("/_sandbox/uninstall", json={"site": "demo"}).status_code == 409
    assert web.post("/_sandbox/tick", json={"site": "demo"}).status_code == 409


def test_a_site_that_is_registered_again_stays_the_same_installation(web):
    again = web.post("/_sandbox/sites", json={"site": "demo"}).json()

    assert again == web.post("/_sandbox/sites", json={"site": "demo"}).json()


def test_another_major_version_is_told(steer, product, site, jira):
    steer(version="2.1.0")

    (told,) = product.bodies("lifecycle")
    assert told["eventType"] == "avi:forge:upgraded:app"
    assert told["app"]["version"] == "2.1.0"
    assert told["id"] == site.installation_id.rpartition("/")[2]
    assert "read:jira-work" in told["permissions"]["scopes"]


def test_a_minor_version_comes_silently(steer, product, tick):
    steer(version="1.4.0")

    assert product.bodies("lifecycle") == []
    assert tick()["appVersion"] == "1.4.0"


def test_two_sites_have_two_versions(web, steer, tick):
    web.post("/_sandbox/sites", json={"site": "acme"})

    steer(version="2.0.0")

    assert [tick("demo")["appVersion"], tick("acme")["appVersion"]] == ["2.0.0", "1.0.0"]


@pytest.mark.parametrize(("licence", "active"), [("active", True), ("inactive", False)])
def test_tokens_tell_the_licence(steer, tick, licence, active):
    steer(licence=licence)

    assert tick()["license"]["active"] is active


def test_an_app_that_is_not_sold_has_no_licence(steer, tick):
    steer(licence="none")

    assert "license" not in tick()


def test_environments_have_ids_of_their_own(steer, tick):
    production = tick()["environment"]

    steer(environment="DEVELOPMENT")

    development = tick()["environment"]
    assert (production["type"], development["type"]) == ("PRODUCTION", "DEVELOPMENT")
    assert production["id"] != development["id"]


@pytest.mark.parametrize("seconds", [60, API_TOKEN_SECONDS])
def test_tokens_live_as_long_as_asked_for(steer, jira, seconds):
    steer(token_seconds=seconds)

    token = jira.identity.mint_api_token(jira.sites.get("demo"), APP.account_id)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == seconds


@pytest.mark.parametrize(
    "wanted",
    [
        {"version": "two"},
        {"licence": "gold"},
        {"environment": "production"},
        {"token_seconds": 0},
        {"token_seconds": API_TOKEN_SECONDS + 1},
        {"ticks": "no"},
        {"installed": True},
    ],
)
def test_nonsense_is_refused_and_changes_nothing(steer, jira, wanted):
    before = jira.sites.get("demo")

    assert steer(**wanted).status_code == 400
    assert jira.sites.get("demo") == before


def test_a_site_without_ticks_ticks_when_told(web, steer, product, jira):
    steer(ticks=False)
    product.requests.clear()

    web.portal.call(asyncio.sleep, 0)
    assert product.requests == []
    answer = web.post("/_sandbox/tick", json={"site": "demo"})

    assert answer.json() == {"site": "demo", "app_status": 200}
    assert len(product.bodies("tick")) == 1


def test_a_tick_names_site_and_module_but_nobody(web, product, claims_of, site):
    product.requests.clear()
    web.post("/_sandbox/tick", json={"site": "demo"})

    claims = claims_of(product.requests[-1])
    assert claims["app"]["module"] == {"type": "core:endpoint", "key": "tick"}
    assert claims.keys().isdisjoint({"context", "principal"})
    assert "x-forge-oauth-user" not in product.requests[-1].headers
    (body,) = product.bodies("tick")
    assert body["context"] == {"cloudId": site.cloud_id, "moduleKey": "tick"}
