"""Accounts: customers that are made and added, users that are found, and tokens lent for them."""

import time_machine

from sandbox.jira.people import APP, FORMER, STAFF

TEXTS = {"summary": "Hello", "description": "Hello"}
CUSTOMER = {"displayName": "Maja Perić", "email": "maja@kupac.example"}


def raised_for(api, account_id, desk="1", kind="10"):
    return api.post(
        "servicedeskapi/request",
        json={
            "serviceDeskId": desk,
            "requestTypeId": kind,
            "requestFieldValues": TEXTS,
            "raiseOnBehalfOf": account_id,
        },
    )


def lent(web, api, jira_site, account_id, **changes):
    context = f"ari:cloud:jira::site/{jira_site.cloud_id}"
    wanted = {"contextIds": [context], "userId": account_id} | changes
    call = {"query": "mutation { offlineUserAuthToken }", "variables": {"input": wanted}}
    return web.post("/graphql", json=call, headers={"authorization": api.headers["authorization"]})


def test_a_restricted_desk_wants_its_customers_added(api):
    account_id = api.post("servicedeskapi/customer", json=CUSTOMER).json()["accountId"]
    assert raised_for(api, account_id, desk="3", kind="31").status_code == 400

    added = api.post("servicedeskapi/servicedesk/3/customer", json={"accountIds": [account_id]})

    assert added.status_code == 204
    assert raised_for(api, account_id, desk="3", kind="31").status_code == 201


def test_who_is_not_an_admin_adds_no_customer(api_as, web, api):
    account_id = api.post("servicedeskapi/customer", json=CUSTOMER).json()["accountId"]
    web.post("/_sandbox/sites", json={"site": "demo", "creates_customers": False})
    path, body = "servicedeskapi/servicedesk/3/customer", {"accountIds": [account_id]}

    assert api.post(path, json=body).status_code == 403
    assert api_as("ivan").post(path, json=body).status_code == 403
    assert api_as("ana").post(path, json=body).status_code == 204


def test_only_accounts_are_added(api):
    path = "servicedeskapi/servicedesk/1/customer"

    assert api.post(path, json={"accountIds": ["qm:nobody"]}).status_code == 400
    assert api.post(path, json={"accountIds": []}).status_code == 400


def test_an_address_must_be_one(api):
    for email in ("maja", "maja@kupac", "maja @kupac.example", ""):
        answer = api.post("servicedeskapi/customer", json={"email": email})

        assert answer.status_code == 400


def test_no_request_is_raised_for_somebody_who_left(api, web):
    account_id = api.post("servicedeskapi/customer", json=CUSTOMER).json()["accountId"]
    web.post("/_sandbox/people", json={"email": CUSTOMER["email"], "active": False})

    assert raised_for(api, account_id).status_code == 400
    assert raised_for(api, FORMER.account_id).status_code == 400
    web.post("/_sandbox/people", json={"email": CUSTOMER["email"], "active": True})
    assert raised_for(api, account_id).status_code == 201


def test_customers_and_readers_raise_nothing_for_others(api_as):
    assert raised_for(api_as("vera"), STAFF["ivan"].account_id).status_code == 403


def test_a_customer_sees_their_own_request_and_no_other(api, jira, site, open_request):
    open_request()
    open_request(reporter_email="else@kupac.example")
    maja = jira.people.by_email(site, "maja@kupac.example")
    token = jira.identity.mint_api_token(site, maja.account_id)
    headers = {"authorization": f"Bearer {token}"}

    assert api.get("servicedeskapi/request/SUP-101", headers=headers).status_code == 200
    assert api.get("servicedeskapi/request/SUP-102", headers=headers).status_code == 404
    wanted = "api/3/mypermissions?permissions=BROWSE_PROJECTS,SERVICEDESK_AGENT&issueKey=SUP-101"
    shown = api.get(wanted, headers=headers).json()["permissions"]
    assert {k for k, v in shown.items() if v["havePermission"]} == {"BROWSE_PROJECTS"}


def test_the_token_of_somebody_who_left_opens_nothing(api, jira, site):
    token = jira.identity.mint_api_token(site, FORMER.account_id)

    answer = api.get("api/3/myself", headers={"authorization": f"Bearer {token}"})

    assert answer.status_code == 401


def test_a_user_is_shown_by_account(api):
    shown = api.get(f"api/3/user?accountId={FORMER.account_id}").json()

    assert (shown["displayName"], shown["active"]) == (FORMER.name, False)
    assert api.get("api/3/user?accountId=nobody").status_code == 404


def test_users_are_found_by_how_a_word_or_the_address_begins(api):
    def found(query):
        return [who["displayName"] for who in api.get(f"api/3/user/search?{query}").json()]

    assert found("query=kov") == ["Ana Kovač"]
    assert found("query=IVAN@") == ["Ivan Babić"]
    assert found("query=abi") == []
    assert found("query=dora") == []
    assert found(f"accountId={STAFF['vera'].account_id}") == ["Vera Gost"]
    assert len(found("query=&maxResults=2")) == 2
    assert found("query=&maxResults=1&startAt=1") == ["Ivan Babić"]


def test_permissions_are_for_an_issue_that_is_seen(api_as, jira, site, web):
    issue = web.post(
        "/_sandbox/requests",
        json={"summary": "Pay", "reporter_email": "maja@kupac.example", "request_type": "20"},
    ).json()
    path = f"api/3/mypermissions?permissions=BROWSE_PROJECTS&issueId={issue['id']}"

    assert api_as("ivan").get(path).status_code == 404
    assert api_as("ana").get(path).status_code == 200
    nowhere = "api/3/mypermissions?permissions=BROWSE_PROJECTS&projectKey=NO"
    assert api_as("ana").get(nowhere).status_code == 404


def test_a_permission_jira_has_is_known_though_nobody_holds_it(api):
    shown = api.get("api/3/mypermissions?permissions=DELETE_ISSUES").json()

    assert shown["permissions"]["DELETE_ISSUES"]["havePermission"] is False


def test_a_token_is_lent_for_customers_and_staff_only(web, api, jira, site, open_request, lendable):
    open_request()
    maja = jira.people.by_email(site, "maja@kupac.example")

    def outcome(account_id, **changes):
        shown = lent(web, api, site, account_id, **changes).json()
        return shown["data"]["offlineUserAuthToken"]

    assert outcome(maja.account_id)["authToken"]["ttl"] == site.token_seconds
    for account_id in (FORMER.account_id, APP.account_id, "nobody"):
        refused = outcome(account_id)
        assert (refused["success"], refused["authToken"]) == (False, None)
    elsewhere = outcome(maja.account_id, contextIds=["ari:cloud:jira::site/other"])
    assert elsewhere["success"] is False


def test_no_token_is_lent_without_the_systems_own(web, api_as, site):
    assert lent(web, api_as("ana"), site, STAFF["ivan"].account_id).status_code == 401


def test_the_mutations_input_is_as_declared(web, api, site):
    assert lent(web, api, site, STAFF["ivan"].account_id, ttl=60).status_code == 400


def test_no_token_is_lent_when_no_scope_may_be(web, api, site, jira):
    for scope in jira.scopes:
        jira.scopes[scope] = False

    shown = lent(web, api, site, STAFF["ivan"].account_id).json()

    assert shown["data"]["offlineUserAuthToken"]["success"] is False


def test_a_minute_has_a_thousand_tokens(web, api, site, monkeypatch):
    monkeypatch.setattr("sandbox.jira.graphql._TOKENS_PER_MINUTE", 2)
    with time_machine.travel("2030-05-06T09:40:00Z", tick=False) as clock:
        fresh = {"authorization": f"Bearer {_system_token(web, site)}"}
        api.headers.update(fresh)
        lend = [lent(web, api, site, STAFF["ivan"].account_id) for _ in range(3)]
        clock.shift(60)
        later = lent(web, api, site, STAFF["ivan"].account_id)

    assert [answer.status_code for answer in lend] == [200, 200, 429]
    assert later.status_code == 200


def _system_token(web, site):
    return web.app.state.jira.identity.mint_api_token(site, APP.account_id)
