"""The pages: strict about scripts, they show queues, requests and the app's place in Jira."""

import re

import pytest


@pytest.fixture(autouse=True)
def _request(open_request):
    open_request()


@pytest.mark.parametrize("path", ["/", "/admin", "/browse/SUP-101", "/forge/shell/index.html"])
def test_no_page_allows_inline_script(web, path):
    policy = web.get(path).headers["content-security-policy"]

    assert policy.startswith("default-src 'none'; script-src 'self'")
    assert "unsafe" not in policy


def test_the_shell_finds_the_bridge_through_an_import_map(web):
    page = web.get("/forge/shell/index.html")

    assert page.text.index("importmap") < page.text.index('type="module"')
    assert "frame-src http://app.test;" in page.headers["content-security-policy"]
    imports = re.findall(r"/static/[\w.-]+", page.text)
    assert [web.get(path).status_code for path in imports] == [200, 200]


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


def test_only_what_the_manifest_asks_for_is_told(web, events):
    web.post("/page/issue/SUP-101/assign", json={"to": "ivan", "as": "ana"})
    web.post("/page/issue/SUP-101/comment", json={"text": "Done", "as": "ivan", "public": True})

    (told,) = events()
    assert told["eventType"] == "avi:jira:updated:issue"
    assert told["changelog"]["items"][0]["field"] == "assignee"


def test_the_queue_shows_what_our_property_says(web, api):
    api.put("api/3/issue/SUP-101/properties/omnichat", json={"state": "active", "channel": "sms"})

    (row,) = web.get("/page/queue?queue=chats").json()["rows"]

    assert row["properties"]["omnichat"]["state"] == "active"
    assert web.get("/page/queue?queue=resolved").json()["count"] == 0


def test_an_agent_opens_a_request_for_a_customer(web):
    wanted = {"name": "Petra Horvat", "email": "petra@kupac.example", "summary": "No internet"}

    made = web.post("/page/requests", json={**wanted, "as": "ivan"}).json()

    shown = web.get(f"/page/issue/{made['key']}").json()
    assert (shown["summary"], shown["reporter"]["displayName"]) == ("No internet", "Petra Horvat")


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"email": "petra"}, 400), ({"name": " "}, 400), ({"type": "99"}, 400), ({"as": "vera"}, 403)],
)
def test_a_bad_request_of_a_page_opens_nothing(web, changes, status):
    wanted = {"name": "Petra", "email": "petra@kupac.example", "summary": "No internet"}

    assert web.post("/page/requests", json=wanted | changes).status_code == status
    assert web.get("/page/queue").json()["count"] == 1


def test_a_file_of_a_request_runs_no_script(web, api):
    upload = {"file": ("page.html", b"<script>alert(1)</script>", "text/html")}
    headers = {"x-atlassian-token": "no-check"}
    (file,) = api.post("api/3/issue/SUP-101/attachments", files=upload, headers=headers).json()

    answer = web.get(f"/page/issue/SUP-101/files/{file['id']}")

    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["content-security-policy"] == "sandbox"


def test_a_file_of_another_request_is_not_served(web, api, open_request):
    open_request("Scanner")
    upload = {"file": ("page.txt", b"Hello", "text/plain")}
    headers = {"x-atlassian-token": "no-check"}
    (file,) = api.post("api/3/issue/SUP-102/attachments", files=upload, headers=headers).json()

    assert web.get(f"/page/issue/SUP-101/files/{file['id']}").status_code == 404


@pytest.mark.parametrize(("person", "admin"), [("ana", True), ("ivan", False), ("vera", False)])
def test_settings_are_for_admins(web, person, admin):
    assert web.get(f"/page/app?as={person}").json()["admin"] is admin


def test_the_last_change_says_who_and_how(web):
    web.post("/page/issue/SUP-101/comment", json={"text": "Done", "as": "ivan"})

    shown = web.get("/page/issue/SUP-101?as=ivan").json()

    assert shown["changed"] == {"changeType": "commented", "atlassianId": shown["me"]}
