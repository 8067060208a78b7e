"""Forge in the browser: what a frame of the app is told, may call, and is refused."""

import re

import httpx
import pytest

from sandbox.jira import remote
from sandbox.jira.frames import LARGEST_PAGE_CALL
from sandbox.jira.modules import MODULE_TYPES
from sandbox.jira.scopes import MANIFEST


@pytest.fixture(autouse=True)
def _request(open_request):
    open_request()


def invoke(web, path="/forge/v1/ui/session", body=None, **changes):
    call = {"method": "POST", "path": path, "body": body or {}}
    asked = {"site": "demo", "issue": "SUP-101", "as": "ivan", "call": call} | changes
    return web.post("/forge/invoke", json=asked).json()


def test_a_call_of_the_shell_is_signed_with_issue_and_user(web, product, claims_of, jira):
    answer = invoke(web)

    request = next(each for each in product.requests if each.url.path.endswith("/session"))
    claims = claims_of(request)
    assert (answer["status"], answer["body"]) == (200, {})
    assert claims["context"]["extension"]["issue"]["key"] == "SUP-101"
    grant = jira.identity.check_api_token(request.headers["x-forge-oauth-user"])
    assert claims["principal"] == grant.account_id


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, b"{}", "Remote could not verify the Forge Invocation Token"),
        (500, b"<html>", "Invalid response from remote - cannot parse body as JSON"),
        (307, b"", "Invalid response from remote - redirects are not followed"),
        (0, b"", "Invalid response from remote - remote network error"),
    ],
)
def test_what_forge_rejects_reaches_the_page_as_an_error(web, product, status, body, error):
    product.statuses, product.body = [status], body

    assert invoke(web) == {"error": error}


def test_a_refusal_with_words_reaches_the_page(web, product):
    product.statuses, product.body = [403], b'{"detail": "Agents only."}'

    answer = invoke(web)

    assert (answer["status"], answer["body"]) == (403, {"detail": "Agents only."})


@pytest.mark.parametrize(
    ("module", "kind"),
    [("omnichat-activity", "jira:issueActivity"), ("omnichat-context", "jira:issueContext")],
)
def test_a_call_says_from_which_module_it_comes(web, product, claims_of, module, kind):
    invoke(web, module=module)

    claims = claims_of(product.requests[-1])
    assert claims["app"]["module"] == {"type": kind, "key": module}
    assert claims["context"]["moduleKey"] == module
    assert claims["context"]["extension"]["type"] == kind


def test_an_admins_page_has_no_issue(web, product, claims_of):
    invoke(web, module="omnichat-admin", **{"as": "ana"})

    claims = claims_of(product.requests[-1])
    assert claims["app"]["module"]["type"] == "jira:adminPage"
    assert claims["context"]["extension"].keys() == {"type", "location"}


def test_who_is_no_admin_calls_nothing_from_an_admins_page(web, product):
    product.requests.clear()

    assert invoke(web, module="omnichat-admin") == {"error": "You need to be a Jira administrator."}
    assert product.requests == []


def test_an_unknown_module_calls_nothing(web):
    assert invoke(web, module="other")["error"] == "The app has no module 'other'."


def test_a_call_brings_both_tokens_of_this_installation(web, product, jira, site):
    invoke(web)

    headers = product.requests[-1].headers
    grants = [
        jira.identity.check_api_token(headers[f"x-forge-oauth-{whose}"])
        for whose in ("system", "user")
    ]
    assert [grant.holds_on(site) for grant in grants] == [True, True]


def test_a_call_of_more_than_500_kb_does_not_leave(web, product):
    product.requests.clear()

    answer = invoke(web, body={"text": "x" * LARGEST_PAGE_CALL})

    assert answer == {"error": "Request payload is larger than 500 KB"}
    assert product.requests == []


def test_an_answer_of_more_than_5_mb_is_not_passed_on(web, product):
    product.body = b'"' + b"x" * remote.LARGEST_PAGE_ANSWER + b'"'

    assert invoke(web) == {"error": "Invalid response from remote - response is larger than 5 MB"}


def test_an_app_that_thinks_too_long_is_left(web, jira, monkeypatch):
    async def never(_request):
        raise httpx.ReadTimeout("silence")

    jira.forge.remote._client = httpx.AsyncClient(transport=httpx.MockTransport(never))

    assert invoke(web) == {"error": "Remote invocation timed out after 25 seconds"}


@pytest.mark.parametrize("module", ["omnichat-activity", "omnichat-context", "omnichat-admin"])
def test_a_frame_is_told_where_it_stands(web, site, module):
    shown = web.get(f"/forge/context?module={module}&issue=SUP-101&as=ana").json()

    assert (shown["cloudId"], shown["moduleKey"]) == (site.cloud_id, module)
    assert ("issue" in shown["extension"]) is (module != "omnichat-admin")


def test_a_function_asks_jira_as_the_app(web, api):
    api.put("api/3/issue/SUP-101/properties/omnichat", json={"state": "paused"})

    answer = web.get("/forge/jira/rest/api/3/issue/10001/properties/omnichat?site=demo")

    assert answer.json()["value"] == {"state": "paused"}
    assert web.get("/forge/jira/rest/api/3/issue/99/properties/omnichat").status_code == 404


def test_modules_are_those_of_the_manifest():
    found = re.findall(r"^  (jira:\w+):\n    - key: (\S+)$", MANIFEST.read_text(), re.MULTILINE)

    pages = {key: kind for kind, key in found if kind != "jira:entityProperty"}
    assert pages == MODULE_TYPES
