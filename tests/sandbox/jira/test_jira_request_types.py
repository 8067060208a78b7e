"""Service desks, their request types, and the values that a type's fields take."""

import pytest

TEXTS = {"summary": "Hello", "description": "Hello"}
VISIT = {"customfield_10071": "Floor 3", "customfield_10072": 4, "customfield_10073": "2030-05-06"}


@pytest.fixture
def opening(api):
    """Return a function that opens a request of a type with these fields."""

    def opened(kind, fields, desk="1", **more):
        wanted = {"serviceDeskId": desk, "requestTypeId": kind, "requestFieldValues": fields}
        return api.post("servicedeskapi/request", json=wanted | more)

    return opened


def test_the_app_sees_the_desks_it_may_see(api, api_as):
    shown = api.get("servicedeskapi/servicedesk").json()

    assert [desk["projectKey"] for desk in shown["values"]] == ["SUP", "ITH"]
    everything = api_as("ana").get("servicedeskapi/servicedesk").json()
    assert [desk["projectKey"] for desk in everything["values"]] == ["SUP", "HR", "ITH"]


def test_a_desk_the_app_may_not_see_is_none(api, opening):
    assert api.get("servicedeskapi/servicedesk/2").status_code == 404
    assert api.get("servicedeskapi/servicedesk/2/requesttype").status_code == 404
    assert opening("20", TEXTS, desk="2").status_code == 400


def test_request_types_come_in_pages(api):
    path = "servicedeskapi/servicedesk/1/requesttype"

    first = api.get(f"{path}?limit=2").json()
    last = api.get(f"{path}?start=4&limit=2").json()

    assert ([kind["id"] for kind in first["values"]], first["isLastPage"]) == (["10", "11"], False)
    assert ([kind["id"] for kind in last["values"]], last["isLastPage"]) == (["14"], True)


def test_request_types_are_searched_by_name(api):
    found = api.get("servicedeskapi/servicedesk/1/requesttype?searchQuery=VISIT").json()

    assert [kind["name"] for kind in found["values"]] == ["Book a visit"]


def test_a_request_type_is_shown_at_its_own_desk_only(api):
    assert api.get("servicedeskapi/servicedesk/3/requesttype/31").json()["name"] == "New equipment"
    assert api.get("servicedeskapi/servicedesk/1/requesttype/31").status_code == 404


def test_fields_say_what_they_take(api):
    answer = api.get("servicedeskapi/servicedesk/1/requesttype/12/field").json()

    shown = {field["fieldId"]: field["jiraSchema"] for field in answer["requestTypeFields"]}
    assert answer["canRaiseOnBehalfOf"] is True
    assert shown["summary"] == {"type": "string", "system": "summary"}
    assert shown["customfield_10072"]["type"] == "number"
    assert shown["customfield_10073"] == {
        "type": "date",
        "custom": "com.atlassian.jira.plugin.system.customfieldtypes:datepicker",
        "customId": 10073,
    }


def test_a_type_may_do_without_a_description(api, opening):
    answer = api.get("servicedeskapi/servicedesk/1/requesttype/14/field").json()

    assert [field["fieldId"] for field in answer["requestTypeFields"]] == ["summary", "priority"]
    opened = opening("14", {"summary": "Call", "priority": {"id": "2"}})
    shown = api.get(f"api/3/issue/{opened.json()['issueId']}").json()["fields"]
    assert (opened.status_code, shown["description"]) == (201, None)
    assert opening("14", TEXTS).status_code == 400


def test_values_of_every_kind_are_taken(opening):
    assert opening("12", {**TEXTS, **VISIT}).status_code == 201
    boxes = [{"id": "10220"}, {"value": "Headset"}]
    assert opening("31", {**TEXTS, "customfield_10075": boxes}, desk="3").status_code == 201


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("customfield_10071", 3),
        ("customfield_10071", " "),
        ("customfield_10072", "4"),
        ("customfield_10072", True),
        ("customfield_10073", "6 May"),
        ("customfield_10073", "20300506"),
        ("customfield_10073", None),
        ("summary", "x" * 256),
        ("description", "x" * 32_768),
    ],
)
def test_a_value_of_another_kind_is_refused(opening, field, value):
    answer = opening("12", {**TEXTS, **VISIT, field: value})

    assert answer.status_code == 400
    assert answer.json()["i18nErrorMessage"]["i18nKey"] == "sd.validation.request.fields"


@pytest.mark.parametrize("value", ["10211", {"id": 10211}, {"id": "1"}, {"id": "10211", "x": 1}])
def test_a_choice_is_one_of_the_options(opening, value):
    assert opening("11", {**TEXTS, "customfield_10070": value}).status_code == 400
    assert opening("11", {**TEXTS, "customfield_10070": {"value": "Today"}}).status_code == 201


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("2030-05-06T09:40:00.000+0200", 201),
        ("2030-05-06T09:40", 400),
        ("2030-05-06", 400),
        (1, 400),
    ],
)
def test_a_moment_has_a_zone(web, opening, value, status):
    wanted = {"id": "10", "required": [*TEXTS, "customfield_10077"]}
    web.post("/_sandbox/request-types", json=wanted)

    assert opening("10", {**TEXTS, "customfield_10077": value}).status_code == status


def test_a_person_must_be_known(opening):
    unknown = {**TEXTS, "customfield_10074": {"accountId": "qm:nobody"}}

    assert opening("13", unknown).status_code == 400
    assert opening("13", TEXTS).status_code == 400


def test_rich_text_is_a_document_only_where_it_was_announced(opening):
    document = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": []}]}
    text = [{"type": "text", "text": "Hi"}]
    said = {**document, "content": [{"type": "paragraph", "content": text}]}

    assert opening("10", {**TEXTS, "description": said}).status_code == 400
    assert opening("10", TEXTS, isAdfRequest=True).status_code == 400
    empty = {**TEXTS, "description": document}
    assert opening("10", empty, isAdfRequest=True).status_code == 400
    said_so = {**TEXTS, "description": said}
    assert opening("10", said_so, isAdfRequest=True).status_code == 201


def test_an_admin_makes_another_field_required(api, web, opening, events):
    assert opening("10", TEXTS).status_code == 201

    changed = web.post(
        "/_sandbox/request-types", json={"id": "10", "required": ["summary", "customfield_10071"]}
    ).json()

    assert changed["required"] == ["summary", "customfield_10071"]
    assert opening("10", TEXTS).status_code == 400
    assert opening("10", {"summary": "Hi", "customfield_10071": "Here"}).status_code == 201
    (event,) = events()
    assert event["eventType"] == "avi:jsm-entity:updated:request-type"


def test_an_admin_deletes_a_request_type_and_brings_it_back(api, web, opening, events):
    web.post("/_sandbox/request-types", json={"id": "10", "deleted": True})
    path = "servicedeskapi/servicedesk/1/requesttype/10"

    assert api.get(f"{path}/field").status_code == 404
    assert opening("10", TEXTS).status_code == 400
    web.post("/_sandbox/request-types", json={"id": "10", "deleted": False})
    assert api.get(path).status_code == 200
    names = [event["eventType"] for event in events()]
    assert names == [
        "avi:jsm-entity:deleted:request-type",
        "avi:jsm-entity:created:request-type",
    ]


@pytest.mark.parametrize(
    "wanted",
    [
        {"id": "99"},
        {"id": "10", "required": ["colour"]},
        {"id": "10", "required": "summary"},
        {"id": "10", "deleted": "no"},
    ],
)
def test_an_impossible_change_is_refused(web, wanted):
    assert web.post("/_sandbox/request-types", json=wanted).status_code == 400
