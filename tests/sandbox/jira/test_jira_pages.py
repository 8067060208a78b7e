"""The pages: strict about scripts, they show a queue and pass the shell's calls to the app."""

import re

import pytest


@pytest.fixture(autouse=True)
def _request(open_request):
    open_request()


def invoke(web, path="/forge/v1/ui/session", **changes):
    call = {"method": "POST", "path": path, "body": {}}
    body = {"site": "demo", "issue": "SUP-101", "as": "ivan", "call": call} | changes
    return web.post("/forge/invoke", json=body).json()


@pytest.mark.parametrize("path", ["/", "/browse/SUP-101", "/forge/shell/index.html"])
def test_no_page_allows_inline_script(web, path):
    policy = web.get(path).headers["content-security-policy"]

    assert policy.startswith("default-src 'none'; script-src 'self'")
    assert "unsafe" not in policy


def test_the_shell_finds_the_bridge_through_an_import_map(web):
    page = web.get("/forge/shell/index.html")

    assert page.text.index("importmap") < page.text.index('type="module"')
    assert "frame-src http://app.test;" in page.headers["content-security-policy"]
    imports = re.findall(r"/static/[\w.]+", page.text)
    assert [web.get(path).status_code for path in imports] == [200]


@pytest.mark.parametrize("name", ["shell.js", "shell.css"])
def test_the_shell_is_the_products_own(web, name):
    assert web.get(f"/forge/shell/{name}").status_code == 200


@pytest.mark.parametrize("name", ["index.py", "..%2F..%2Fapps.py", "nothing.js"])
def test_nothing_else_of_the_product_is_served(web, name):
    assert web.get(f"/forge/shell/{name}").status_code == 404


def test_the_queue_shows_newest_first(web, open_request):
    open_request("Scanner")

    queue = web.get("/page/queue").json()

    assert [row["summary"] for row in queue["rows"]] == ["Scanner", "Printer"]
    assert queue["count"] == 2


def test_who_is_no_agent_changes_nothing(web, events):
    answer = web.post("/page/issue/SUP-101/transition", json={"to": "Resolved", "as": "vera"})

    assert answer.status_code == 403
    assert events() == []


def test_an_agent_resolves_on_the_page(web, events):
    web.post("/page/issue/SUP-101/transition", json={"to": "Resolved", "as": "ivan"})

    assert web.get("/page/issue/SUP-101").json()["status"] == "Resolved"
    assert len(events()) == 1


def test_an_assignment_and_a_comment_are_told(web, events):
    web.post("/page/issue/SUP-101/assign", json={"to": "ivan", "as": "ana"})
    web.post("/page/issue/SUP-101/comment", json={"text": "Done", "as": "ivan", "public": True})

    assert [event["eventType"] for event in events()] == [
        "avi:jira:assigned:issue",
        "avi:jira:updated:issue",
        "avi:jira:commented:issue",
    ]


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
