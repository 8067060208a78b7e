"""Looking for a customer's Jira account and linking it: what is asked of Jira, and refused."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.models import Customer, OutboxEntry
from jira_bridge import panel_session
from tenants.context import schema_context
from tenants.models import CallQuota
from tests.factories import AgentFactory, ConversationFactory

pytestmark = pytest.mark.django_db

MARKO = {
    "accountId": "qm:1",
    "accountType": "customer",
    "displayName": "Marko Horvat",
    "emailAddress": "marko@customers.example",
    "active": True,
}
SEARCH = "/rest/api/3/user/search"
USER = "/rest/api/3/user?"


@pytest.fixture
def ask(client, installation):
    ConversationFactory(issue_id="10101")

    def send(path, content, **agent):
        token = panel_session.issue(AgentFactory(**agent))
        headers = {"Authorization": f"Bearer {token}"}
        with schema_context("site_acme"):
            return client.post(f"/panel/10101/{path}", content, headers=headers)

    return send


def prepare(jira, installation, path, status, body):
    base = installation.api_base_url.removeprefix(jira.url)
    jira.answer(status, body, path=f"{base}{path}")


def test_people_are_found_and_apps_are_not(ask, jira, installation):
    ana = {"accountId": "5f0", "accountType": "atlassian", "displayName": "Ana <b>", "active": True}
    app = {**ana, "accountId": "app", "accountType": "app"}
    gone = {**ana, "accountId": "gone", "active": False}
    prepare(jira, installation, SEARCH, 200, [MARKO, ana, app, gone])
    page = ask("accounts", {"q": " ma "}).content.decode()

    assert [word in page for word in ('value="qm:1"', 'value="5f0"', "app", "gone")] == [
        True,
        True,
        False,
        False,
    ]
    assert "marko@customers.example" in page
    assert "Ana &lt;b&gt;" in page
    assert jira.requests[0].path.endswith("/user/search?query=ma&maxResults=10")


def test_nobody_found_says_so(ask, jira, installation):
    prepare(jira, installation, SEARCH, 200, [])

    assert "Nobody found." in ask("accounts", {"q": "xyz"}).content.decode()


def test_one_letter_asks_nothing_of_jira(ask, jira):
    answer = ask("accounts", {"q": "m"})

    assert (answer.status_code, jira.requests) == (422, [])
    assert "at least two characters" in answer.content.decode()


@pytest.mark.parametrize(("status", "said"), [(500, 503), (401, 503), (400, 502)])
def test_jira_that_fails_is_told_in_words(ask, jira, installation, status, said):
    prepare(jira, installation, SEARCH, status, {})
    answer = ask("accounts", {"q": "marko"})

    assert answer.status_code == said
    assert "Jira " in answer.content.decode()


def test_quota_used_up_is_told_in_words(ask):
    until = timezone.now() + timedelta(minutes=20)
    CallQuota.objects.create(name="jira", hour=timezone.now(), held_until=until)

    answers = [ask("accounts", {"q": "ma"}), ask("account", {"account": "qm:1"})]

    assert [answer.status_code for answer in answers] == [503, 503]
    words = f"limit is reached until {until:%H:%M} UTC. Try again then."
    assert all(words in answer.content.decode() for answer in answers)


def test_reader_may_neither_search_nor_link(ask, jira, installation):
    prepare(jira, installation, USER, 200, MARKO)
    statuses = [
        ask("accounts", {"q": "marko"}, may_reply=False).status_code,
        ask("account", {"account": "qm:1"}, may_reply=False).status_code,
    ]

    assert statuses == [403, 403]
    assert not Customer.objects.exclude(jira_account_id="").exists()


def test_account_is_linked_as_jira_names_it(ask, jira, installation):
    prepare(jira, installation, USER, 200, MARKO)
    answer = ask("account", {"account": "qm:1", "name": "Somebody else"})

    customer = Customer.objects.get()
    assert (answer.status_code, customer.jira_account_id, customer.name) == (
        200,
        "qm:1",
        "Marko Horvat",
    )
    assert "Marko Horvat" in answer.content.decode()
    assert OutboxEntry.objects.filter(topic="request.reporter").count() == 1


@pytest.mark.parametrize(
    ("status", "user"),
    [
        (404, {}),
        (400, {}),
        (200, {**MARKO, "accountType": "app"}),
        (200, {**MARKO, "active": False}),
    ],
)
def test_account_that_is_no_persons_is_not_linked(ask, jira, installation, status, user):
    prepare(jira, installation, USER, status, user)
    answer = ask("account", {"account": "qm:1"})

    assert answer.status_code == 404
    assert "Search again." in answer.content.decode()
    assert Customer.objects.get().jira_account_id == ""


def test_without_an_account_jira_is_not_asked(ask, jira):
    assert (ask("account", {}).status_code, jira.requests) == (404, [])


def test_nothing_is_linked_while_jira_is_silent(ask, jira, installation):
    prepare(jira, installation, USER, 503, {})

    assert ask("account", {"account": "qm:1"}).status_code == 503
    assert Customer.objects.get().jira_account_id == ""


@pytest.mark.parametrize("path", ["accounts", "account"])
def test_without_a_session_nothing_opens(client, acme, path):
    assert client.post(f"/panel/10101/{path}").status_code == 401


def test_what_is_searched_for_does_not_stand_in_an_address(client, installation):
    token = panel_session.issue(AgentFactory())
    headers = {"Authorization": f"Bearer {token}"}

    answer = client.get("/panel/10101/accounts", {"q": "marko"}, headers=headers)

    assert answer.status_code == 405
