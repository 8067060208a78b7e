"""Issues, properties, transitions, search and permissions over the platform's REST."""

import pytest

ISSUE = "api/3/issue/SUP-101"


@pytest.fixture(autouse=True)
def _request(open_request):
    open_request("Printer on floor 3")


def test_an_issue_shows_the_wanted_fields_only(api):
    shown = api.get(f"{ISSUE}?fields=status,summary").json()

    assert set(shown["fields"]) == {"status", "summary"}
    assert shown["fields"]["status"]["statusCategory"]["key"] == "new"


def test_an_issue_is_found_by_its_id(api):
    assert api.get("api/3/issue/10001").json()["key"] == "SUP-101"


def test_an_unknown_issue_is_refused_in_the_platforms_words(api):
    answer = api.get("api/3/issue/SUP-999")

    assert answer.status_code == 404
    assert set(answer.json()) == {"errorMessages", "errors"}


def test_a_property_is_created_changed_and_deleted(api):
    address = f"{ISSUE}/properties/omnichat"

    assert api.put(address, json={"state": "opening"}).status_code == 201
    assert api.put(address, json={"state": "active"}).status_code == 200
    assert api.get(address).json() == {"key": "omnichat", "value": {"state": "active"}}
    assert api.delete(address).status_code == 204
    assert api.get(address).status_code == 404


def test_a_property_has_a_longest_size(api):
    answer = api.put(f"{ISSUE}/properties/omnichat", json="x" * 32_768)

    assert answer.status_code == 400


def test_who_only_looks_sets_no_property(api_as):
    answer = api_as("vera").put(f"{ISSUE}/properties/omnichat", json={})

    assert answer.status_code == 403


def test_a_property_is_found_by_search(api):
    api.put(f"{ISSUE}/properties/omnichat", json={"conversation": "c-1"})
    query = {"jql": 'issue.property[omnichat].conversation = "c-1"', "fields": ["summary"]}

    found = api.post("api/3/search/jql", json=query).json()

    assert [issue["key"] for issue in found["issues"]] == ["SUP-101"]
    assert found["isLast"] is True


def test_search_gives_ids_in_pages(api, open_request):
    open_request("Scanner")
    query = {"jql": "project = SUP order by created asc", "maxResults": 1}

    first = api.post("api/3/search/jql", json=query).json()
    token = first["nextPageToken"]
    second = api.post("api/3/search/jql", json={**query, "nextPageToken": token}).json()

    assert first["issues"] == [{"id": "10001"}]
    assert second == {"issues": [{"id": "10002"}], "isLast": True}


def test_search_may_lag(api, monkeypatch):
    monkeypatch.setenv("SANDBOX_INDEX_LAG", "30")

    assert api.post("api/3/search/jql", json={"jql": "project = SUP"}).json()["issues"] == []


def test_an_unknown_query_is_refused(api):
    answer = api.post("api/3/search/jql", json={"jql": "project = SUP OR key = SUP-101"})

    assert answer.status_code == 400
    assert len(answer.json()["errorMessages"]) == 1


def test_a_transition_is_looked_up_then_made(api_as):
    ana = api_as("ana")
    offered = ana.get(f"{ISSUE}/transitions").json()["transitions"]
    resolve = next(each["id"] for each in offered if each["name"] == "Resolved")

    answer = ana.post(f"{ISSUE}/transitions", json={"transition": {"id": resolve}})

    assert answer.status_code == 204
    assert ana.get(ISSUE).json()["fields"]["resolution"]["name"] == "Done"
    again = ana.post(f"{ISSUE}/transitions", json={"transition": {"id": resolve}})
    assert again.status_code == 400


def test_what_the_app_does_itself_makes_no_event(api, events):
    offered = api.get(f"{ISSUE}/transitions").json()["transitions"]
    api.post(f"{ISSUE}/transitions", json={"transition": {"id": offered[0]["id"]}})

    assert events() == []


@pytest.mark.parametrize(
    ("person", "held"),
    [
        ("ana", {"ADMINISTER", "BROWSE_PROJECTS", "EDIT_ISSUES", "SERVICEDESK_AGENT"}),
        ("ivan", {"BROWSE_PROJECTS", "EDIT_ISSUES", "SERVICEDESK_AGENT"}),
        ("vera", {"BROWSE_PROJECTS"}),
    ],
)
def test_permissions_follow_the_person(api_as, person, held):
    wanted = "ADMINISTER,BROWSE_PROJECTS,EDIT_ISSUES,SERVICEDESK_AGENT"

    answer = api_as(person).get(f"api/3/mypermissions?permissions={wanted}&issueId=10001").json()

    shown = answer["permissions"].values()
    assert {each["key"] for each in shown if each["havePermission"]} == held


@pytest.mark.parametrize("query", ["", "?permissions=FLY"])
def test_permissions_must_be_named(api, query):
    assert api.get(f"api/3/mypermissions{query}").status_code == 400


def test_a_user_token_is_lent_for_work_in_the_background(api, web, jira, site, api_as, lendable):
    account_id = api_as("ivan").get("api/3/myself").json()["accountId"]
    contexts = [f"ari:cloud:jira::site/{site.cloud_id}"]
    call = {
        "query": "mutation { offlineUserAuthToken }",
        "variables": {"input": {"contextIds": contexts, "userId": account_id}},
    }

    answer = web.post("/graphql", json=call, headers=dict(api.headers)).json()

    lent = answer["data"]["offlineUserAuthToken"]["authToken"]["token"]
    assert jira.identity.check_api_token(lent).account_id == account_id


def test_a_429_carries_jiras_headers(api, web):
    fault = {"route": "/rest/api/3/myself", "kind": "429_retry_after", "times": 1}
    web.post("/_sandbox/faults", json=fault)

    answer = api.get("api/3/myself")

    assert answer.status_code == 429
    assert answer.headers["ratelimit-reason"] == "jira-burst-based"
    assert int(answer.headers["retry-after"]) > 0
    assert api.get("api/3/myself").status_code == 200
