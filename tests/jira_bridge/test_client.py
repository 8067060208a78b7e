"""HTTP to Jira: what is asked, what each answer means, where the token may go."""

import pytest

from conversations.contracts import RequestOpened
from conversations.errors import PermanentFailure, TemporaryFailure, UnknownOutcome
from jira_bridge.client import JiraClient
from jira_bridge.http import RefusedByJira
from tests.figures import counted
from tests.jira_bridge import forge
from tests.loopback import Neighbour, closed_address

pytestmark = pytest.mark.django_db

DOCUMENT = {"type": "doc", "version": 1, "content": []}


@pytest.fixture
def jira_client(jira):
    return JiraClient(f"{jira.url}/ex/jira/c-1", "s3cret", 5.0)


def create(jira_client):
    return jira_client.create_request(
        service_desk_id="1", request_type_id="10", fields={"summary": "Hi", "description": DOCUMENT}
    )


def failure_of(jira_client, kind):
    with pytest.raises(kind) as caught:
        create(jira_client)
    assert type(caught.value) is kind
    return caught.value


def test_create_request(jira, jira_client):
    jira.answer(201, forge.payload("request_created"))

    assert create(jira_client) == RequestOpened("10107", "SUP-107")
    (request,) = jira.requests
    assert (request.method, request.path) == ("POST", "/ex/jira/c-1/rest/servicedeskapi/request")
    assert request.headers["authorization"] == "Bearer s3cret"
    assert request.headers["content-type"] == "application/json"
    assert request.json == {
        "serviceDeskId": "1",
        "requestTypeId": "10",
        "isAdfRequest": True,
        "requestFieldValues": {"summary": "Hi", "description": DOCUMENT},
    }


def test_call_is_counted_as_jiras(jira, jira_client):
    jira.answer(201, forge.payload("request_created"))
    answered = {"neighbour": "jira", "outcome": "2xx"}
    before = counted("omnichat_outside_call_seconds_count", **answered)

    create(jira_client)

    assert counted("omnichat_outside_call_seconds_count", **answered) == before + 1


def test_put_property(jira, jira_client):
    jira.answer(201)

    jira_client.put_property("10/1", "omni chat", {"a": 1})

    (request,) = jira.requests
    assert request.method == "PUT"
    assert request.path == "/ex/jira/c-1/rest/api/3/issue/10%2F1/properties/omni%20chat"
    assert request.json == {"a": 1}


def test_search_follows_the_pages(jira, jira_client):
    jira.answer(200, {"issues": [{"id": "1"}, None], "nextPageToken": "p2"})
    jira.answer(200, {"issues": [{"id": "2"}], "isLast": True})

    assert jira_client.search("project = SUP", fields=["summary"]) == [{"id": "1"}, {"id": "2"}]
    first, second = (request.json for request in jira.requests)
    assert first == {"jql": "project = SUP", "fields": ["summary"], "maxResults": 100}
    assert second == {**first, "nextPageToken": "p2"}


def test_search_ends_at_a_thousand(jira, jira_client):
    jira.answer(200, {"issues": [{"id": "1"}], "nextPageToken": "again"}, times=20)

    jira_client.search("project = SUP", fields=[])

    assert len(jira.requests) == 10


@pytest.mark.parametrize("answer", [{}, {"issues": None}, {"issues": []}])
def test_search_that_finds_nothing(jira, jira_client, answer):
    jira.answer(200, answer)

    assert jira_client.search("project = SUP", fields=[]) == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            forge.payload("error_platform"),
            "Jira says: The request is not valid. customfield_10010: Region is required.",
        ),
        (
            forge.payload("error_service_management"),
            "Jira says: Request type 10 does not exist.",
        ),
        ({"errorMessages": ["No 385991903327!"]}, "Jira says: No …!"),
        ({"errorMessages": ["No +385 (99) 190-3327."]}, "Jira says: No …."),
        ({}, "Jira refused the request (400)."),
        ([], "Jira refused the request (400)."),
        ("<html>", "Jira refused the request (400)."),
        ("", "Jira refused the request (400)."),
    ],
)
def test_refusal_in_jiras_words_without_numbers(jira, jira_client, answer, words):
    jira.answer(400, answer)

    failure = failure_of(jira_client, PermanentFailure)

    assert (str(failure), failure.code) == (words, "400")


@pytest.mark.parametrize("status", [401, 403])
def test_refused_token_may_be_a_young_one(jira, jira_client, status):
    jira.answer(status)

    assert str(failure_of(jira_client, RefusedByJira)) == f"Jira refused the request ({status})."


def test_burst_puts_the_call_off_by_what_jira_says_and_not_all_at_once(jira, jira_client):
    jira.answer(429, "{}", headers={"Retry-After": "10"})

    assert 10 <= failure_of(jira_client, TemporaryFailure).retry_after <= 13


def test_burst_without_a_time(jira, jira_client):
    jira.answer(429, "{}")

    assert failure_of(jira_client, TemporaryFailure).retry_after is None


@pytest.mark.parametrize(("status", "answer"), [(500, "{}"), (502, "<html>"), (201, "<html>")])
def test_failure_leaves_the_outcome_unknown(jira, jira_client, status, answer):
    jira.answer(status, answer)

    failure_of(jira_client, UnknownOutcome)


def test_connection_closed_after_the_request_leaves_the_outcome_unknown(jira, jira_client):
    jira.hang_up()

    failure_of(jira_client, UnknownOutcome)


def test_silence_leaves_the_outcome_unknown(jira):
    jira.fall_silent()

    failure_of(JiraClient(f"{jira.url}/ex/jira/c-1", "s3cret", 0.1), UnknownOutcome)


def test_refused_connection_never_left(settings):
    settings.JIRA_API_HOSTS = [closed_address()]

    failure_of(JiraClient(f"http://{settings.JIRA_API_HOSTS[0]}", "s3cret"), TemporaryFailure)


def test_redirect_is_refused_and_the_token_not_sent_on(jira, jira_client):
    with Neighbour() as elsewhere:
        jira.answer(307, headers={"Location": f"{elsewhere.url}/"})

        assert failure_of(jira_client, PermanentFailure).code == "307"
        assert elsewhere.requests == []


@pytest.mark.parametrize(
    "base_url",
    [
        "https://evil.example/ex/jira/c-1",
        "https://api.atlassian.com.evil.example",
        "https://api.atlassian.com@evil.example",
        "https://evil.example\\@api.atlassian.com",
        "https://user@api.atlassian.com",
        "https://api.atlassian.com:444",
        "http://api.atlassian.com",
        "",
    ],
)
def test_token_goes_to_no_other_host(settings, base_url):
    settings.SANDBOX = False
    settings.JIRA_API_HOSTS = ["api.atlassian.com"]

    assert failure_of(JiraClient(base_url, "s3cret"), PermanentFailure).code == "bad-host"


def test_cookies_of_one_site_do_not_travel_with_the_next(jira, jira_client):
    jira.answer(201, forge.payload("request_created"), headers={"Set-Cookie": "a=b; Path=/"})
    jira.answer(201, forge.payload("request_created"))

    create(jira_client)
    create(jira_client)

    assert "cookie" not in jira.requests[1].headers


def test_token_is_in_no_representation(jira_client):
    assert "s3cret" not in repr(jira_client)
