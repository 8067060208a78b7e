"""The panel's session: who may see and reply is asked of Jira with the user's own token."""

from datetime import timedelta

import pytest
from django.core import signing
from django.db import OperationalError
from django.utils import timezone

from conversations.contracts import Agent
from conversations.models import AgentProfile
from conversations.services import lifecycle
from jira_bridge import page_views, panel_session, permissions
from jira_bridge.client import JiraClient
from logins.rate_limits import Limit
from tenants.context import tenant_context
from tenants.models import CallQuota, Installation, Site
from tests.factories import ConversationFactory
from tests.jira_bridge import forge
from tests.loopback import closed_address

pytestmark = pytest.mark.django_db

PERMISSIONS = f"{forge.ACME}/rest/api/3/mypermissions"
MYSELF = f"{forge.ACME}/rest/api/3/myself"
ISSUE = f"{forge.ACME}/rest/api/3/issue/10101"


@pytest.fixture
def open_session(call, jira, settings):
    def open_one(held="permissions_agent", body=b"{}", **changes):
        if held:
            jira.answer(200, forge.payload(held), path=PERMISSIONS)
        jira.answer(200, forge.payload("myself"), path=MYSELF)
        said = forge.page_claims(settings, **{"api": jira.url, **changes})
        return call("ui/session", said, body=body, **{"x-forge-oauth-user": "users-token"})

    return open_one


def require_refused(response, status, reason):
    assert (response.status_code, response.json()) == (status, {"detail": reason})


def test_agents_session(open_session, settings):
    response = open_session()

    assert response.status_code == 200
    answer = response.json()
    session = panel_session.read(answer.pop("token"))
    assert session.agent == Agent(
        schema_name="site_acme",
        account_id=forge.ACCOUNT_ID,
        name="Ana Kovač",
        issue_id="10101",
        issue_key="SUP-101",
        may_reply=True,
        time_zone="Europe/Zagreb",
    )
    assert answer == {
        "expires_in": 900,
        "panel_url": "http://127.0.0.1:8000/panel/?lang=hr",
        "stream_url": settings.STREAM_URL,
        "issue_id": "10101",
    }


def test_jira_is_asked_about_the_signed_issue_with_the_users_token(open_session, jira):
    open_session()

    assert jira.paths == [
        f"{PERMISSIONS}?permissions=BROWSE_PROJECTS%2CSERVICEDESK_AGENT%2CADMINISTER&issueId=10101",
        MYSELF,
        f"{ISSUE}?fields=status%2Cupdated%2Cstatuscategorychangedate%2Creporter",
    ]
    assert {request.headers["authorization"] for request in jira.requests} == {"Bearer users-token"}


def test_viewer_may_not_reply(open_session):
    token = open_session("permissions_viewer").json()["token"]

    assert panel_session.read(token).agent.may_reply is False


def test_stranger_gets_no_session(open_session):
    require_refused(open_session("permissions_stranger"), 403, "You cannot see this request.")


@pytest.mark.parametrize(
    "odd", [{}, {"permissions": None}, {"permissions": {"BROWSE_PROJECTS": 1}}]
)
def test_answer_without_permissions_gives_none(open_session, jira, odd):
    jira.answer(200, odd, path=PERMISSIONS)

    require_refused(open_session(held=None), 403, "You cannot see this request.")


def test_issue_that_jira_does_not_show_gets_no_session(open_session, jira):
    jira.answer(404, forge.payload("error_platform"), path=PERMISSIONS)

    require_refused(open_session(held=None), 403, "You cannot see this request.")


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500, 502])
def test_jira_that_refuses_or_fails(open_session, jira, status):
    jira.answer(status, "<html>", path=PERMISSIONS)

    require_refused(open_session(held=None), 503, "Jira does not answer. Try again in a moment.")


def test_jira_down(open_session, settings):
    settings.JIRA_API_HOSTS = [closed_address()]

    response = open_session(held=None, api=f"http://{settings.JIRA_API_HOSTS[0]}")

    require_refused(response, 503, "Jira does not answer. Try again in a moment.")


def test_without_a_database_the_shell_speaks_for_itself(open_session, monkeypatch):
    def fail(_caller):
        raise OperationalError("connection refused")

    monkeypatch.setattr(page_views, "meet", fail)

    require_refused(open_session(), 503, "")


def test_users_token_goes_to_no_other_host(open_session, settings, jira):
    settings.JIRA_API_HOSTS = ["api.atlassian.com"]

    assert open_session(held=None).status_code == 503
    assert jira.requests == []


@pytest.mark.parametrize(("each_takes", "questions"), [(0, 3), (6.9, 3), (11, 2)])
def test_all_questions_end_before_forge_gives_up(open_session, monkeypatch, each_takes, questions):
    spent, clock = [], [1000.0]

    def ask(client, method, path, **content):
        clock[0] += each_takes
        spent.append(each_takes if len(spent) < 2 else 5 + client.read_timeout)
        return forge.payload("permissions_agent" if "permissions" in path else "myself")

    monkeypatch.setattr(page_views, "monotonic", lambda: clock[0])
    monkeypatch.setattr(JiraClient, "call", ask)
    open_session(held=None)

    assert len(spent) == questions
    assert sum(spent) < 25
    assert 2 * (5 + permissions.PERMISSION_TIMEOUT) < 25


def test_session_brings_the_status(open_session, jira, acme):
    with tenant_context(acme):
        conversation = ConversationFactory(issue_id="10101")
    jira.answer(200, forge.payload("issue_resolved"), path=ISSUE)

    session = panel_session.read(open_session().json()["token"])

    with tenant_context(acme):
        conversation.refresh_from_db()
    assert (conversation.state, conversation.issue_status) == ("ended", "Resolved")
    assert session.agent.reporter_account_id == "qm:acme:marko"


def test_app_is_no_reporter(open_session, jira):
    issue = forge.payload("issue_resolved")
    issue["fields"]["reporter"]["accountType"] = "app"
    jira.answer(200, issue, path=ISSUE)

    session = panel_session.read(open_session().json()["token"])

    assert session.agent.reporter_account_id == ""


@pytest.mark.parametrize("status", [200, 401, 403, 404, 429, 500])
@pytest.mark.parametrize("answer", ["", "<html>", [], {"fields": 7}, {"fields": {"reporter": 1}}])
def test_failed_look_stops_no_session(open_session, jira, status, answer):
    jira.answer(status, answer, path=ISSUE)

    assert open_session().status_code == 200


def test_status_that_cannot_be_stored_stops_no_session(open_session, jira, monkeypatch):
    def fail(*arguments, **more):
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr(lifecycle, "take_status", fail)
    jira.answer(200, forge.payload("issue_resolved"), path=ISSUE)

    assert open_session().status_code == 200


def test_silent_look_stops_no_session(open_session, jira, monkeypatch):
    monkeypatch.setattr(page_views, "LOOK_TIMEOUT", 0.1)
    jira.fall_silent(path=ISSUE)

    assert open_session().status_code == 200


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b'{"page": "side"}', "/panel/side/"),
        (b'{"page": "panel"}', "/panel/"),
        (b'{"page": "elsewhere"}', "/panel/"),
        (b'{"page": ["side"]}', "/panel/"),
        (b'["side"]', "/panel/"),
        (b"", "/panel/"),
        (b"side", "/panel/"),
        (b"[" * 100_000, "/panel/"),
    ],
)
def test_page_says_which_panel_it_shows(open_session, body, path):
    assert open_session(body=body).json()["panel_url"] == f"http://127.0.0.1:8000{path}?lang=hr"


def test_quota_used_up_says_until_when(open_session):
    until = timezone.now() + timedelta(minutes=20)
    CallQuota.objects.create(name="jira", hour=timezone.now(), held_until=until)

    words = f"Jira's limit is reached until {until:%H:%M} UTC. Try again then."
    require_refused(open_session(), 503, words)


def test_sites_quota_stops_its_users_too(open_session, jira, installation):
    limited = {"RateLimit-Reason": "jira-quota-tenant-based", "Retry-After": "600"}
    jira.answer(429, headers=limited, path=PERMISSIONS)
    open_session(held="")
    asked = len(jira.requests)

    response = open_session()

    until = Installation.objects.get().held_until
    words = f"Jira's limit is reached until {until:%H:%M} UTC. Try again then."
    require_refused(response, 503, words)
    assert len(jira.requests) == asked == 1


def test_refusal_of_a_user_says_nothing_about_the_app(open_session, jira, installation):
    jira.answer(403, path=PERMISSIONS)

    assert open_session(held="").status_code == 503
    assert Installation.objects.get().refused_at is None


def test_token_of_before_names_no_reporter(monkeypatch):
    agent = Agent("site_acme", "a", "Ana", "1", "SUP-1", may_reply=True)
    dumps = signing.dumps
    monkeypatch.setattr(
        signing,
        "dumps",
        lambda said, salt: dumps({k: v for k, v in said.items() if k != "reporter"}, salt=salt),
    )

    assert panel_session.read(panel_session.issue(agent)).agent == agent


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("hr_HR", "Ne možete vidjeti ovaj zahtjev."),
        ("de-DE", "Sie können diese Anfrage nicht sehen."),
        ("fr_FR", "You cannot see this request."),
        (7, "You cannot see this request."),
    ],
)
def test_refusal_is_in_the_language_of_the_page(open_session, locale, words):
    require_refused(open_session(held="", body={"locale": locale}), 403, words)


@pytest.mark.parametrize("issue_id", ["", "10101 OR 1=1", "abc", None])
def test_session_wants_a_signed_issue(open_session, issue_id):
    response = open_session(held=None, issue_id=issue_id)

    require_refused(response, 403, "OmniChat opens on a request only.")


def test_back_end_call_gets_no_session(call):
    require_refused(call("ui/session"), 403, "OmniChat opens on a request only.")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("installing", "OmniChat is still being set up on this site. Try again soon."),
        ("suspended", "OmniChat is switched off on this site. Ask your Jira admin."),
    ],
)
def test_site_that_is_not_active(open_session, acme, state, words):
    Site.objects.filter(pk=acme.pk).update(state=state)

    require_refused(open_session(held=None), 503, words)


def test_page_makes_the_site_known_and_brings_no_system_token(call, settings):
    said = forge.page_claims(settings, site="new-cloud-id")
    headers = {"x-forge-oauth-system": forge.system_token(ends_in=3600)}

    assert call("ui/session", said, **headers).status_code == 503

    installation = Installation.objects.get()
    assert (installation.site.cloud_id, installation.site.state) == ("new-cloud-id", "installing")
    assert (installation.system_token, installation.system_token_expires_at) == ("", None)


@pytest.mark.parametrize("route", ["lifecycle", "events", "tick", "bye"])
def test_page_may_not_speak_for_forge(call, settings, route):
    response = call(route, forge.page_claims(settings), body=forge.body("event_deleted"))

    require_refused(response, 403, "This is not for pages.")
    assert Installation.objects.count() == 0


def test_profile_is_asked_once_a_day(open_session, jira, acme):
    open_session()
    open_session()
    with tenant_context(acme):
        AgentProfile.objects.update(updated_at=timezone.now() - timedelta(days=1))
    open_session()

    assert jira.paths.count(MYSELF) == 2


def test_session_runs_out(time_machine):
    time_machine.move_to("2026-11-22T12:00:00Z", tick=False)
    token = panel_session.issue(Agent("site_acme", "a", "Ana", "1", "SUP-1", may_reply=True))
    assert panel_session.read(token).expires_at == 1795349700

    time_machine.move_to("2026-11-22T12:15:00Z", tick=False)

    assert panel_session.read(token) is None


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "ÿ", "x" * 10_000])
def test_forged_session_is_none(token):
    assert panel_session.read(token) is None


def test_changed_session_is_none():
    token = panel_session.issue(Agent("site_acme", "a", "Ana", "1", "SUP-1", may_reply=False))

    assert panel_session.read(token.swapcase()) is None


@pytest.mark.parametrize(
    ("held", "known"), [("permissions_agent", "7"), ("permissions_viewer", "")]
)
def test_other_request_is_known_to_its_agents_only(open_session, jira, held, known):
    here = ConversationFactory(issue_id="10101", state="paused")
    ConversationFactory(issue_id="7", customer=here.customer)
    jira.answer(200, forge.payload("permissions_agent"), path=PERMISSIONS)
    jira.answer(200, forge.payload(held), path=PERMISSIONS)

    session = panel_session.read(open_session(held=None).json()["token"])

    asked = [request.path for request in jira.requests if PERMISSIONS in request.path]
    assert ["issueId=10101" in asked[0], "issueId=7" in asked[1]] == [True, True]
    assert session.agent.other_issue_id == known


@pytest.fixture
def other(inside_acme):
    """Another request of the customer's, who pauses in this one."""
    here = ConversationFactory(issue_id="10101", state="paused")
    return ConversationFactory(issue_id="7", customer=here.customer)


@pytest.mark.parametrize(
    ("status", "said", "title"),
    [
        (200, {"fields": {"summary": "Router order"}}, "Router order"),
        (200, {"fields": {"summary": "x" * 200}}, "x" * 120),
        (200, {"fields": {"summary": "\u202eRouter"}}, "Router"),
        (200, {"fields": {"summary": None}}, ""),
        (200, {"fields": 7}, ""),
        (404, {}, ""),
        (500, {}, ""),
    ],
)
def test_other_requests_title_is_read_as_the_user(open_session, jira, other, status, said, title):
    jira.answer(200, forge.payload("permissions_agent"), path=PERMISSIONS)
    jira.answer(status, said, path=ISSUE.replace("10101", "7"))

    session = panel_session.read(open_session().json()["token"])

    asked = [each for each in jira.requests if "summary" in each.path]
    assert [each.headers["authorization"] for each in asked] == ["Bearer users-token"]
    assert (session.agent.other_issue_id, session.agent.other_issue_title) == ("7", title)


def test_title_is_no_matter_of_who_is_no_agent_there(open_session, jira, other):
    jira.answer(200, forge.payload("permissions_agent"), path=PERMISSIONS)
    jira.answer(200, forge.payload("permissions_viewer"), path=PERMISSIONS)

    open_session(held=None)

    assert [each for each in jira.paths if "summary" in each] == []


def test_jiras_admin_is_known(open_session, jira):
    held = forge.payload("permissions_agent")
    held["permissions"]["ADMINISTER"] = {"havePermission": True}
    jira.answer(200, held, path=PERMISSIONS)

    assert panel_session.read(open_session(held=None).json()["token"]).agent.may_administer is True


def test_jiras_silence_about_the_other_request_stops_no_session(open_session, jira):
    here = ConversationFactory(issue_id="10101", state="paused")
    ConversationFactory(issue_id="7", customer=here.customer)
    jira.answer(200, forge.payload("permissions_agent"), path=PERMISSIONS)
    jira.answer(500, path=PERMISSIONS)

    session = panel_session.read(open_session(held=None).json()["token"])

    assert session.agent.other_issue_id == ""


def test_page_speaks_the_language_that_the_agent_chose(open_session, acme):
    with tenant_context(acme):
        AgentProfile.objects.create(account_id=forge.ACCOUNT_ID, locale="hr_HR", language="de")

    assert open_session().json()["panel_url"].endswith("/panel/?lang=de")


def test_name_that_the_database_cannot_hold_is_kept_as_it_can(open_session, jira):
    jira.answer(200, {**forge.payload("myself"), "displayName": "An\x00a\ud800"}, path=MYSELF)

    session = panel_session.read(open_session().json()["token"])

    assert session.agent.name == "An\ufffda\ufffd"


def test_user_who_asks_again_and_again_has_to_wait(open_session, jira, monkeypatch):
    monkeypatch.setattr(page_views, "CALLS", Limit("calls", most=1, window=timedelta(minutes=1)))
    assert open_session().status_code == 200
    asked = len(jira.requests)

    response = open_session(held=None)

    require_refused(response, 429, "You have opened this very often just now. Wait a minute.")
    assert 0 < int(response["Retry-After"]) <= 60
    assert len(jira.requests) == asked
