"""Opening requests at the sandbox's service desk, and what it turns down."""

import pytest

from sandbox.jira.people import APP, STAFF

FIELDS = {"summary": "SMS request from 385991903327", "description": "Hello"}


def body(**changes):
    return {"serviceDeskId": "1", "requestTypeId": "10", "requestFieldValues": FIELDS} | changes


def test_the_app_opens_a_request_in_its_own_name(api):
    answer = api.post("servicedeskapi/request", json=body())

    assert answer.status_code == 201
    assert answer.json()["issueKey"] == "SUP-101"
    assert answer.json()["issueId"] == "10001"
    assert answer.json()["reporter"]["accountId"] == APP.account_id
    assert answer.json()["currentStatus"]["statusCategory"] == "NEW"


def test_what_was_opened_is_seen_on_the_control_route(api, web):
    api.post("servicedeskapi/request", json=body())

    (request,) = web.get("/_sandbox/requests").json()["requests"]
    assert request["summary"] == FIELDS["summary"]
    assert request["description"] == "Hello"
    assert request["url"] == "http://localhost:8081/browse/SUP-101"


def test_a_description_may_come_as_a_document(api, web):
    lines = [{"type": "text", "text": "*Hello*"}, {"type": "hardBreak"}]
    document = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": lines}]}
    fields = {**FIELDS, "description": document}
    issue = api.post(
        "servicedeskapi/request", json=body(isAdfRequest=True, requestFieldValues=fields)
    )

    (request,) = web.get("/_sandbox/requests").json()["requests"]
    assert request["description"] == "*Hello*\n"
    found = api.get(f"api/3/issue/{issue.json()['issueKey']}").json()
    assert found["fields"]["description"] == document


def test_a_request_can_be_raised_for_a_customer(api):
    customer = {"displayName": "Maja", "email": "maja@kupac.example"}
    account_id = api.post("servicedeskapi/customer", json=customer).json()["accountId"]

    answer = api.post("servicedeskapi/request", json=body(raiseOnBehalfOf=account_id))

    assert answer.json()["reporter"]["displayName"] == "Maja"


@pytest.mark.parametrize(
    "changes",
    [
        {"requestFieldValues": {"summary": "No description"}},
        {"requestFieldValues": {**FIELDS, "summary": "Two\nlines"}},
        {"requestFieldValues": {**FIELDS, "summary": "x" * 256}},
        {"requestFieldValues": {**FIELDS, "colour": "red"}},
        {"requestTypeId": "11"},
        {"requestTypeId": "20"},
        {"serviceDeskId": "9"},
        {"raiseOnBehalfOf": "qm:nobody"},
    ],
)
def test_a_bad_request_is_refused_in_the_service_desks_words(api, web, changes):
    answer = api.post("servicedeskapi/request", json=body(**changes))

    assert answer.status_code == 400
    assert set(answer.json()) == {"errorMessage", "i18nErrorMessage"}
    assert web.get("/_sandbox/requests").json() == {"requests": []}


def test_a_type_with_another_required_field_takes_its_option(api):
    fields = {**FIELDS, "customfield_10070": {"id": "10211"}}

    answer = api.post(
        "servicedeskapi/request", json=body(requestTypeId="11", requestFieldValues=fields)
    )

    assert answer.status_code == 201


@pytest.mark.parametrize("token", ["", "Bearer nonsense"])
def test_without_a_good_token_nothing_is_opened(api, web, token):
    answer = api.post("servicedeskapi/request", json=body(), headers={"authorization": token})

    assert answer.status_code == 401
    assert "errorMessage" in answer.json()
    assert web.get("/_sandbox/requests").json() == {"requests": []}


def test_a_token_of_one_site_opens_nothing_on_another(api, web, jira, site):
    web.post("/_sandbox/sites", json={"site": "acme"})
    acme = jira.sites.get("acme")

    answer = api.get(f"http://testserver/ex/jira/{acme.cloud_id}/rest/api/3/myself")

    assert answer.status_code == 401


def test_required_fields_are_told(api):
    answer = api.get("servicedeskapi/servicedesk/1/requesttype/11/field").json()

    required = [field["fieldId"] for field in answer["requestTypeFields"] if field["required"]]
    assert required == ["summary", "description", "customfield_10070"]


@pytest.mark.parametrize(("strict", "status"), [("false", 400), ("true", 409)])
def test_a_known_address_makes_no_second_customer(api, strict, status):
    known = {"displayName": "Ana", "email": STAFF["ana"].email}

    answer = api.post(f"servicedeskapi/customer?strictConflictStatusCode={strict}", json=known)

    assert answer.status_code == status


def test_a_site_may_keep_the_app_from_making_customers(api, web):
    web.post("/_sandbox/sites", json={"site": "demo", "creates_customers": False})

    answer = api.post("servicedeskapi/customer", json={"email": "maja@kupac.example"})

    assert answer.status_code == 403


def test_a_file_is_attached_in_two_steps(api, web, open_request):
    key = open_request()["key"]
    upload = api.post(
        "servicedeskapi/servicedesk/1/attachTemporaryFile",
        files={"file": ("photo.png", b"\x89PNG", "image/png")},
        headers={"x-atlassian-token": "no-check"},
    )
    (temporary,) = upload.json()["temporaryAttachments"]

    answer = api.post(
        f"servicedeskapi/request/{key}/attachment",
        json={"temporaryAttachmentIds": [temporary["temporaryAttachmentId"]], "public": False},
    )

    assert answer.status_code == 201
    attachment = web.get(f"/_sandbox/requests/{key}").json()["attachments"][0]
    assert (attachment["filename"], attachment["size"]) == ("photo.png", 4)
    content = api.get(f"api/3/attachment/content/{attachment['id']}")
    assert content.content == b"\x89PNG"


def test_an_internal_comment_stays_internal(api, web, open_request):
    key = open_request()["key"]

    api.post(f"servicedeskapi/request/{key}/comment", json={"body": "Note", "public": False})

    (comment,) = web.get(f"/_sandbox/requests/{key}").json()["comments"]
    assert (comment["body"], comment["public"]) == ("Note", False)
