"""Editing an issue, its comments and its files over the platform's REST."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from sandbox.jira.people import FORMER, STAFF

ISSUE = "api/3/issue/SUP-101"
NO_CHECK = {"x-atlassian-token": "no-check"}


def document(*content):
    return {"type": "doc", "version": 1, "content": list(content)}


def paragraph(*texts):
    return {"type": "paragraph", "content": [{"type": "text", "text": text} for text in texts]}


@pytest.fixture(autouse=True)
def _request(open_request):
    open_request("Printer on floor 3")


@pytest.mark.parametrize("name", ["accountId", "id"])
def test_the_reporter_is_changed(api, web, events, name):
    reporter = {name: STAFF["vera"].account_id}

    answer = api.put(f"{ISSUE}?notifyUsers=false", json={"fields": {"reporter": reporter}})

    assert (answer.status_code, answer.content) == (204, b"")
    shown = web.get("/_sandbox/requests/SUP-101").json()
    assert shown["reporter"]["displayName"] == "Vera Gost"
    assert events() == []


@pytest.mark.parametrize(
    "fields",
    [
        {"colour": "red"},
        {"status": {"id": "10103"}},
        {"reporter": "maja"},
        {"reporter": {"name": "maja"}},
        {"reporter": {"accountId": "qm:nobody"}},
        {"reporter": {"accountId": FORMER.account_id}},
        {"summary": "Two\nlines"},
        {"description": "plain"},
        {"priority": {"id": "99"}},
    ],
)
def test_an_edit_jira_does_not_take_is_refused_field_by_field(api, fields):
    answer = api.put(ISSUE, json={"fields": fields})

    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == set(fields)


def test_an_edit_changes_what_is_shown(api):
    said = document(paragraph("New"))

    answer = api.put(ISSUE, json={"fields": {"summary": "Scanner", "description": said}})

    assert answer.status_code == 204
    shown = api.get(f"{ISSUE}?fields=summary,description").json()["fields"]
    assert shown == {"summary": "Scanner", "description": said}


def test_an_edit_of_nothing_is_refused(api):
    assert api.put(ISSUE, json={}).status_code == 400


@pytest.mark.parametrize(("person", "status"), [("ana", 204), ("ivan", 204), ("vera", 403)])
def test_who_may_edit(api_as, person, status):
    assert api_as(person).put(ISSUE, json={"fields": {"summary": "x"}}).status_code == status


def test_an_issue_that_is_gone_is_not_edited(api):
    assert api.put("api/3/issue/SUP-999", json={"fields": {"summary": "x"}}).status_code == 404


def test_comments_come_newest_first_when_asked(api):
    for text in ("one", "two", "three"):
        api.post(f"{ISSUE}/comment", json={"body": document(paragraph(text))})

    shown = api.get(f"{ISSUE}/comment?orderBy=-created&maxResults=2").json()

    assert (shown["total"], shown["maxResults"], shown["startAt"]) == (3, 2, 0)
    assert [each["body"]["content"][0] for each in shown["comments"]] == [
        paragraph("three"),
        paragraph("two"),
    ]


def test_a_comment_is_internal_when_its_property_says_so(api):
    internal = [{"key": "sd.public.comment", "value": {"internal": True}}]
    body = {"body": document(paragraph("Note")), "properties": internal}

    answer = api.post(f"{ISSUE}/comment", json=body)

    assert (answer.status_code, answer.json()["jsdPublic"]) == (201, False)
    public = api.get("servicedeskapi/request/SUP-101/comment?internal=false").json()
    assert public["values"] == []


@pytest.mark.parametrize(
    "body",
    [
        document(),
        document({"type": "paragraph", "content": []}),
        document(paragraph("")),
        document(paragraph("x" * 32_768)),
        document({"type": "text", "text": "loose"}),
        document({"type": "marquee", "content": []}),
        document({"type": "bulletList", "content": []}),
        document({"type": "paragraph", "content": [{"type": "text"}]}),
        document({"type": "paragraph", "text": "Hi"}),
        document({**paragraph("Hi"), "style": "red"}),
        document({"type": "heading", "content": [{"type": "text", "text": "Hi"}]}),
        {**document(paragraph("Hi")), "version": 2},
        {"type": "paragraph", "content": []},
        document(
            {"type": "paragraph", "content": [{"type": "text", "text": "Hi", "marks": ["em"]}]}
        ),
        document(
            {
                "type": "paragraph",
                "content": [{"type": "text", "text": "Hi", "marks": [{"type": "link"}]}],
            }
        ),
    ],
)
def test_a_document_jira_does_not_take_is_refused(api, body):
    answer = api.post(f"{ISSUE}/comment", json={"body": body})

    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"comment"}


def test_a_document_of_many_kinds_is_taken(api):
    link = {"type": "link", "attrs": {"href": "https://example.com"}}
    text = {"type": "text", "text": "Hi", "marks": [{"type": "strong"}, link]}
    said = {"type": "paragraph", "content": [text, {"type": "hardBreak"}]}
    item = {"type": "listItem", "content": [said]}
    body = document(
        {"type": "heading", "attrs": {"level": 2}, "content": [text]},
        said,
        {"type": "bulletList", "content": [item]},
        {"type": "codeBlock", "content": [{"type": "text", "text": "x"}]},
        {"type": "rule"},
    )

    assert api.post(f"{ISSUE}/comment", json={"body": body}).status_code == 201


def test_a_file_is_attached_in_one_step(api):
    photo = {"file": ("photo.png", b"\x89PNG", "image/png")}

    (attached,) = api.post(f"{ISSUE}/attachments", files=photo, headers=NO_CHECK).json()

    shown = api.get(f"{ISSUE}?fields=attachment,reporter,updated,status,created").json()
    assert set(shown["fields"]) == {"attachment", "reporter", "updated", "status", "created"}
    (listed,) = shown["fields"]["attachment"]
    assert listed == attached
    assert (listed["filename"], listed["author"]["displayName"]) == ("photo.png", "OmniChat")


def test_who_only_looks_attaches_nothing(api_as):
    photo = {"file": ("photo.png", b"\x89PNG", "image/png")}

    answer = api_as("vera").post(f"{ISSUE}/attachments", files=photo, headers=NO_CHECK)

    assert answer.status_code == 403


def test_search_sees_a_change_only_when_the_index_has_it(api, web, monkeypatch):
    def found(name):
        query = {"jql": f'status = "{name}"'}
        return len(api.post("api/3/search/jql", json=query).json()["issues"])

    monkeypatch.setenv("SANDBOX_INDEX_LAG", "30")
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=1), tick=False) as clock:
        web.post("/_sandbox/requests/SUP-101/transition", json={"to": "Done"})
        early = (found("Resolved"), found("Waiting for support"))
        clock.shift(30)
        late = (found("Resolved"), found("Waiting for support"))

    assert (early, late) == ((0, 1), (1, 0))


def test_an_issue_says_since_when_its_status_is_of_its_category(api, web):
    def since():
        path = f"{ISSUE}?fields=statuscategorychangedate,created"
        return api.get(path).json()["fields"]

    assert since()["statuscategorychangedate"] == since()["created"]
    with time_machine.travel(datetime(2030, 5, 6, 9, 40, tzinfo=UTC), tick=False) as clock:
        web.post("/_sandbox/requests/SUP-101/transition", json={"to": "In progress"})
        clock.shift(60)
        web.post("/_sandbox/requests/SUP-101/transition", json={"to": "Waiting for customer"})
    shown = web.get("/page/issue/SUP-101").json()

    assert shown["status"] == "Waiting for customer"
    assert since()["statuscategorychangedate"] == "2030-05-06T09:40:00.000+0000"


def test_an_issue_may_be_hidden_from_the_app_alone(api, api_as, web, events):
    path = "/_sandbox/requests/SUP-101/visibility"
    query = {"jql": "project = SUP"}

    assert web.post(path, json={"hidden": True}).json() == {"key": "SUP-101", "hidden": True}
    assert api.get(ISSUE).status_code == 404
    assert api.post("api/3/search/jql", json=query).json()["issues"] == []
    assert api_as("ivan").get(ISSUE).status_code == 200
    web.post(path, json={"hidden": False})
    assert api.get(ISSUE).status_code == 200
    assert events() == []
