"""From Jira's settings into the console: who gets a link, and that it opens once."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from conversations.models import AuditEvent
from jira_bridge.models import ConsoleLink
from logins.models import Person
from logins.roles import Role, give_role, role_of
from tenants.context import tenant_context
from tenants.models import CallQuota, Site
from tests.consoles import ConsoleClient
from tests.conversations.concurrency import together
from tests.jira_bridge import forge

pytestmark = pytest.mark.django_db

PERMISSIONS = f"{forge.ACME}/rest/api/3/mypermissions"
MYSELF = f"{forge.ACME}/rest/api/3/myself"
NAME = "Ana Marić Kovač"


@pytest.fixture
def ask(call, jira, settings):
    """Ask for a link as the admin page does."""

    def asked(**changes):
        said = forge.page_claims(settings, **{"api": jira.url, **changes})
        said["context"]["extension"] = {"type": "jira:adminPage"}
        return call("ui/console", said, **{"x-forge-oauth-user": "users-token"})

    return asked


@pytest.fixture
def is_admin(jira):
    def answers(*, held=True):
        jira.answer(
            200, {"permissions": {"ADMINISTER": {"havePermission": held}}}, path=PERMISSIONS
        )
        jira.answer(200, {"displayName": NAME, "timeZone": "Europe/Zagreb"}, path=MYSELF)

    return answers


@pytest.fixture
def link(ask, is_admin, acme):
    """The path of a link that was just made."""
    is_admin()
    url = ask().json()["url"]
    assert url.startswith(f"{acme.console_url}enter/")
    connection.set_tenant(acme)  # the call left the test in the public schema
    return "/" + url.split("/", 3)[3]


def somebody(role, *, role_from):
    user = User.objects.create_user(forge.ACCOUNT_ID)
    give_role(user, role)
    Person.objects.create(user=user, role_from=role_from)
    return user


def links(site):
    with tenant_context(site):
        return list(ConsoleLink.objects.order_by("pk"))


def logged_in(client):
    return "_auth_user_id" in client.session


def test_admin_gets_a_link_of_which_the_digest_is_kept(link, jira, acme):
    token = link.split("/")[-2]

    (kept,) = links(acme)
    assert (kept.account_id, kept.name) == (forge.ACCOUNT_ID, NAME)
    assert (len(kept.digest), kept.digest == token) == (64, False)
    assert timedelta() < kept.expires_at - timezone.now() <= timedelta(seconds=60)
    assert {request.headers["authorization"] for request in jira.requests} == {"Bearer users-token"}
    assert jira.paths[0] == f"{PERMISSIONS}?permissions=ADMINISTER"


def test_who_administers_nothing_is_refused(ask, is_admin, acme):
    is_admin(held=False)

    response = ask()

    assert response.status_code == 403
    assert response.json() == {
        "detail": "Only Jira administrators, and people who were given a role in the console,"
        " can open it."
    }
    assert links(acme) == []


def test_who_was_given_a_role_here_gets_a_link(ask, is_admin, acme):
    with tenant_context(acme):
        somebody(Role.AUDITOR, role_from="here")
    is_admin(held=False)

    assert ask().status_code == 200
    assert [link.administers for link in links(acme)] == [False]


def test_who_administers_jira_no_longer_loses_what_came_from_it(ask, is_admin, acme):
    with tenant_context(acme):
        somebody(Role.OWNER, role_from="jira")
    is_admin(held=False)

    assert ask().status_code == 403
    with tenant_context(acme):
        assert role_of(User.objects.get(username=forge.ACCOUNT_ID)) is None
        event = AuditEvent.objects.get(action="user.role-changed")
    assert (event.actor_kind, event.detail["before"], event.detail["after"]) == (
        "jira",
        "owner",
        "",
    )


def test_silent_jira_is_said(ask, jira, acme):
    jira.answer(503, path=PERMISSIONS)

    assert ask().status_code == 503
    assert links(acme) == []


def test_quota_used_up_is_said(ask, acme):
    until = timezone.now() + timedelta(minutes=20)
    CallQuota.objects.create(name="jira", hour=timezone.now(), held_until=until)

    response = ask()

    assert response.status_code == 503
    words = f"Jira's limit is reached until {until:%H:%M} UTC. Try again then."
    assert response.json() == {"detail": words}


def test_call_without_a_users_token_is_refused(call, jira, settings, acme):
    response = call("ui/console", forge.page_claims(settings, api=jira.url))

    assert response.status_code == 403
    assert jira.requests == []


def test_site_being_set_up_says_so(ask, acme):
    Site.objects.filter(pk=acme.pk).update(state=Site.State.INSTALLING)

    response = ask()

    assert response.status_code == 503
    assert "still being set up" in response.json()["detail"]


def test_site_without_a_licence_can_be_configured(ask, is_admin, acme):
    Site.objects.filter(pk=acme.pk).update(licence_active=False)
    is_admin()

    assert ask().status_code == 200


def test_new_link_sweeps_those_that_ended_a_day_ago(ask, is_admin, acme):
    with tenant_context(acme):
        for days in (2, 0):
            ends_at = timezone.now() - timedelta(days=days, minutes=1)
            ConsoleLink.objects.create(digest=f"{days}", account_id="x", expires_at=ends_at)
    is_admin()

    ask()

    first, second = links(acme)
    assert (first.digest, len(second.digest)) == ("0", 64)


def test_link_makes_the_user_and_logs_in(link):
    client = ConsoleClient()

    response = client.get(link)

    assert (response.status_code, response["Location"]) == (302, "/admin/")
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    user = User.objects.get(username=forge.ACCOUNT_ID)
    assert (user.first_name, user.last_name) == ("Ana", "Marić Kovač")
    assert (role_of(user), user.has_usable_password()) == (Role.OWNER, False)
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("role", "role_from", "administers", "has_then"),
    [
        (Role.AUDITOR, "here", True, Role.AUDITOR),
        (Role.CONFIGURATOR, "here", False, Role.CONFIGURATOR),
        (None, "jira", True, Role.OWNER),
        (Role.OWNER, "jira", True, Role.OWNER),
    ],
)
def test_role_given_here_holds_and_that_from_jira_follows_jira(
    link, role, role_from, administers, has_then
):
    user = somebody(role, role_from=role_from)
    ConsoleLink.objects.update(administers=administers)

    assert ConsoleClient().get(link).status_code == 302
    assert role_of(User.objects.get(pk=user.pk)) == has_then


@pytest.mark.parametrize("known", [True, False])
def test_link_of_who_administers_nothing_gives_nobody_a_role(link, known):
    if known:
        somebody(Role.OWNER, role_from="jira")
    ConsoleLink.objects.update(administers=False)
    client = ConsoleClient()

    assert (client.get(link).status_code, logged_in(client)) == (403, False)
    assert not User.objects.filter(username=forge.ACCOUNT_ID, groups__isnull=False).exists()


def test_entry_is_recorded_with_its_way(link):
    ConsoleClient().get(link)

    event = AuditEvent.objects.get(action="console.logged-in")
    assert (event.actor, event.detail["via"]) == (forge.ACCOUNT_ID, "jira")


def test_link_opens_once(link):
    ConsoleClient().get(link)
    second = ConsoleClient()

    response = second.get(link)

    assert (response.status_code, logged_in(second)) == (403, False)
    assert "Open the console again from Jira" in response.content.decode()
    assert response["Referrer-Policy"] == "no-referrer"


def test_old_link_is_refused(link):
    ConsoleLink.objects.update(expires_at=timezone.now())
    client = ConsoleClient()

    assert (client.get(link).status_code, logged_in(client)) == (403, False)


def test_refusal_shows_no_pages_of_the_console(acme):
    assert "nav-sidebar" not in ConsoleClient().get("/admin/enter/guessed/").content.decode()


def test_unknown_link_is_refused(acme):
    assert ConsoleClient().get("/admin/enter/guessed/").status_code == 403


def test_link_of_another_site_is_refused(link, globex):
    with tenant_context(globex):
        client = ConsoleClient()

    assert (client.get(link).status_code, logged_in(client)) == (403, False)


@pytest.mark.parametrize("method", ["head", "options", "post"])
def test_only_opening_a_link_uses_it_up(link, method):
    assert getattr(ConsoleClient(), method)(link).status_code == 405

    assert ConsoleClient().get(link).status_code == 302


def test_switched_off_user_stays_out(link):
    User.objects.create_user(forge.ACCOUNT_ID, is_active=False)
    client = ConsoleClient()

    assert (client.get(link).status_code, logged_in(client)) == (403, False)
    assert not User.objects.get(username=forge.ACCOUNT_ID).is_staff


def test_session_gets_another_key(link):
    client = ConsoleClient()
    session = client.session
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before

    client.get(link)

    assert client.session.session_key != before


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_gets_in(link):
    def enter():
        return ConsoleClient().get(link).status_code

    try:
        assert sorted(together(enter, enter)) == [302, 403]
    finally:
        User.objects.filter(username=forge.ACCOUNT_ID).delete()
