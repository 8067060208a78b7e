"""What Jira's gate turns away before an operation looks at it, in the family's own words."""

import json

import pytest

ISSUE = "api/3/issue/SUP-101"
DESK = "servicedeskapi/servicedesk/1"
REQUEST = {
    "serviceDeskId": "1",
    "requestTypeId": "10",
    "requestFieldValues": {"summary": "Hello", "description": "Hello"},
}
NO_CHECK = {"x-atlassian-token": "no-check"}
PHOTO = {"file": ("photo.png", b"\x89PNG", "image/png")}


@pytest.fixture(autouse=True)
def _request(open_request):
    open_request("Printer on floor 3")


@pytest.mark.parametrize(
    "path",
    [
        "servicedeskapi/servicedesk?page=2",
        f"{DESK}/requesttype?limit=many",
        f"{ISSUE}?field=summary",
        "api/3/mypermissions?permissions=ADMINISTER&permissions=BROWSE_PROJECTS",
        f"{ISSUE}/comment?orderBy=author",
        f"{ISSUE}/comment?maxResults=",
        "api/3/user",
        "api/3/user/search",
    ],
)
def test_a_query_jira_does_not_know_is_refused(api, path):
    answer = api.get(path)

    assert answer.status_code == 400
    family = "errorMessage" if "servicedeskapi" in path else "errorMessages"
    assert answer.json()[family]


@pytest.mark.parametrize(
    "changes",
    [
        {"priority": "High"},
        {"serviceDeskId": 1},
        {"requestTypeId": None},
        {"isAdfRequest": "true"},
        {"requestFieldValues": []},
        {"raiseOnBehalfOf": ["qm:x"]},
    ],
)
def test_a_request_of_another_shape_is_refused(api, web, changes):
    answer = api.post("servicedeskapi/request", json={**REQUEST, **changes})

    assert answer.status_code == 400
    assert set(answer.json()) == {"errorMessage", "i18nErrorMessage"}
    assert len(web.get("/_sandbox/requests").json()["requests"]) == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", f"{ISSUE}/transitions", {"transition": {"name": "Done"}}),
        ("POST", f"{ISSUE}/transitions", {}),
        ("POST", f"{ISSUE}/comment", {"body": "plain"}),
        ("POST", f"{ISSUE}/comment", {"body": {}, "public": False}),
        ("PUT", ISSUE, {"update": {"summary": [{"set": "x"}]}}),
        ("PUT", ISSUE, []),
        ("POST", "api/3/search/jql", {"jql": "project = SUP", "startAt": 0}),
        ("POST", "api/3/search/jql", {"jql": "project = SUP", "maxResults": True}),
        ("POST", "api/3/search/jql", {"jql": "project = SUP", "fields": "summary"}),
        ("POST", "api/3/search/jql", {"jql": "project = SUP", "nextPageToken": "next"}),
    ],
)
def test_a_body_of_another_shape_is_refused(api, method, path, body):
    answer = api.request(method, path, json=body)

    assert answer.status_code == 400
    assert set(answer.json()) == {"errorMessages", "errors"}


def test_a_body_that_is_not_json_is_refused(api):
    headers = {"content-type": "application/json"}

    answer = api.post("servicedeskapi/request", content=b"{", headers=headers)

    assert answer.status_code == 400


def test_a_body_where_none_belongs_is_refused(api):
    assert api.request("GET", ISSUE, content=b"{}").status_code == 400


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_must_say_that_it_is_json(api, kind):
    content = json.dumps(REQUEST).encode()

    answer = api.post("servicedeskapi/request", content=content, headers={"content-type": kind})

    assert answer.status_code == 415


def test_a_body_may_name_its_character_set(api):
    content = json.dumps(REQUEST).encode()
    headers = {"content-type": "application/json; charset=utf-8"}

    answer = api.post("servicedeskapi/request", content=content, headers=headers)

    assert answer.status_code == 201


def test_a_body_may_be_too_large(api):
    answer = api.put(f"{ISSUE}/properties/omnichat", json="x" * 1_000_001)

    assert answer.status_code == 413


@pytest.mark.parametrize("accepted", ["text/html", "image/png, text/plain"])
def test_who_does_not_take_json_is_refused(api, accepted):
    assert api.get(ISSUE, headers={"accept": accepted}).status_code == 406


def test_json_may_be_one_of_several(api):
    assert api.get(ISSUE, headers={"accept": "text/html, application/json;q=0.9"}).is_success


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", ISSUE), ("PUT", "servicedeskapi/request"), ("POST", "api/3/myself")],
)
def test_another_method_is_refused(api, method, path):
    answer = api.request(method, path)

    assert answer.status_code == 405
    assert {"errorMessage", "errorMessages"} & set(answer.json())


def test_a_path_jira_does_not_have_is_refused_in_the_familys_words(api):
    assert api.get("api/3/search").json()["errorMessages"] == ["Not Found"]
    assert api.get("servicedeskapi/customer/skip").json()["errorMessage"] == "Not Found"


@pytest.mark.parametrize("path", [f"{ISSUE}/attachments", f"{DESK}/attachTemporaryFile"])
@pytest.mark.parametrize("headers", [{}, {"x-atlassian-token": "nocheck"}])
def test_a_file_without_the_token_header_is_refused(api, path, headers):
    answer = api.post(path, files=PHOTO, headers=headers)

    assert answer.status_code == 403
    assert "XSRF check failed" in answer.text


@pytest.mark.parametrize("path", [f"{ISSUE}/attachments", f"{DESK}/attachTemporaryFile"])
def test_a_file_is_sent_as_a_form_in_its_own_field(api, path):
    assert api.post(path, json={}, headers=NO_CHECK).status_code == 415
    assert api.post(path, files={"upload": PHOTO["file"]}, headers=NO_CHECK).status_code == 400
    extra = api.post(path, files=PHOTO, data={"comment": "x"}, headers=NO_CHECK)
    assert extra.status_code == 400


def test_a_property_key_has_a_longest_size(api):
    assert api.put(f"{ISSUE}/properties/{'k' * 256}", json={}).status_code == 400


@pytest.mark.parametrize(("kind", "status"), [("401", 401), ("403", 403)])
def test_the_gateway_may_refuse(api, web, kind, status):
    web.post("/_sandbox/faults", json={"route": "/rest/", "kind": kind})

    assert api.get(ISSUE).status_code == status
    assert api.get(ISSUE).status_code == 200


def test_a_body_nested_without_end_is_refused(api):
    headers = {"content-type": "application/json"}

    answer = api.put(f"{ISSUE}/properties/p", content=b"[" * 100_000, headers=headers)

    assert answer.status_code == 400
