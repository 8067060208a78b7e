"""The console's users: who they are, and who may change that."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.models import AgentProfile, AuditEvent
from logins import sessions
from logins.models import Authenticator, Invitation, Person
from logins.roles import Role, give_role, role_of
from tests.consoles import PASSWORD, ConsoleClient, client_of, owners_client

pytestmark = pytest.mark.django_db

LIST, INVITE = "/admin/users/", "/admin/users/invite/"


@pytest.fixture
def vera():
    user = User.objects.create_user("vera", password=PASSWORD, first_name="Vera")
    give_role(user, Role.AUDITOR)
    Person.objects.create(user=user)
    return user


def of(user, page=""):
    return f"{LIST}{user.pk}/{page}"


def link_in(response):
    return re.search(r'value="http://[^/"]+(/admin/invitation/[^"]+)"', response.content.decode())[
        1
    ]


def events():
    return list(AuditEvent.objects.order_by("pk").values_list("action", "actor", "detail"))


def test_list_says_who_comes_in_how():
    Authenticator.objects.create(user=User.objects.create_user("ivan", password=PASSWORD), key="5e")
    AgentProfile.objects.create(account_id="jira-mia", name="Mia")
    give_role(User.objects.create_user("jira-mia", first_name="Mia"), Role.CONFIGURATOR)

    rows = {row.name: row for row in owners_client().get(LIST).context["rows"]}
    assert (rows["ana"].role, rows["ana"].ways, rows["ana"].is_me) == (
        Role.OWNER,
        "Password",
        True,
    )
    assert (rows["ivan"].role, rows["ivan"].second_step) == (None, "Authenticator")
    assert (rows["Mia"].ways, rows["Mia"].second_step) == ("Jira", "Jira's own")


def test_list_asks_as_much_for_many_as_for_few(django_assert_num_queries):
    client = owners_client()
    client.get(LIST)  # notes that Ana is there
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    for number in range(5):
        give_role(User.objects.create_user(f"user-{number}"), Role.AUDITOR)

    with django_assert_num_queries(len(few)):
        client.get(LIST)


def test_somebody_is_invited_by_name():
    response = owners_client().post(
        INVITE, {"name": "Jonas Weber", "login": "jonas@acme.example", "role": "configurator"}
    )

    jonas = User.objects.get(username="jonas@acme.example")
    assert (jonas.get_full_name(), jonas.has_usable_password()) == ("Jonas Weber", False)
    assert (role_of(jonas), jonas.person.role_from) == (Role.CONFIGURATOR, "here")
    assert ConsoleClient().get(link_in(response)).status_code == 200


def test_jira_account_is_invited_and_logs_in_by_address():
    mia = AgentProfile.objects.create(account_id="jira-mia", name="Mia Novak")

    owners_client().post(
        INVITE, {"account": mia.pk, "login": "mia@acme.example", "role": "auditor"}
    )

    user = User.objects.get(username="jira-mia")
    assert (user.email, user.get_full_name()) == ("mia@acme.example", "Mia Novak")


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"login": "jonas"}, "name"),
        ({"name": "Jonas", "login": "VERA"}, "login"),
        ({"name": "Jonas", "login": "two words"}, "login"),
        ({"name": "Jonas", "login": "jonas@"}, "login"),
        ({"name": "Jonas", "login": "jonas", "role": "everything"}, "role"),
    ],
)
def test_invitation_that_cannot_be_is_refused(vera, typed, field):
    response = owners_client().post(INVITE, {"role": "auditor", **typed})

    assert list(response.context["form"].errors) == [field]
    assert Invitation.objects.exists() is False


def test_link_is_shown_once_and_never_recorded():
    client = owners_client()
    response = client.post(INVITE, {"name": "Jonas", "login": "jonas", "role": "auditor"})

    token = link_in(response).split("/")[-2]
    jonas = User.objects.get(username="jonas")
    assert token not in client.get(of(jonas)).content.decode()
    assert token not in str(events())
    assert "no-store" in response["Cache-Control"]
    assert Invitation.objects.get().digest != token


def test_change_of_role_is_recorded_with_before_and_after(vera):
    owners_client().post(of(vera), {"role": "configurator"})

    vera = User.objects.get(pk=vera.pk)
    assert (role_of(vera), vera.person.role_from) == (Role.CONFIGURATOR, "here")
    ((action, actor, detail),) = events()
    assert (action, actor) == ("user.role-changed", "ana")
    assert (detail["user"], detail["before"], detail["after"]) == (
        "vera",
        "auditor",
        "configurator",
    )


def test_who_loses_the_role_is_out_at_the_next_request(vera):
    client = client_of("vera", Role.AUDITOR)
    assert client.get("/admin/").status_code == 200

    give_role(vera, None)

    assert client.get("/admin/").status_code == 302
    assert "you have no role here any more" in client.get("/admin/login/").content.decode()
    assert events()[-1][2]["why"] == "no-role"


def test_nobody_demotes_themselves_without_a_question(vera):
    give_role(vera, Role.OWNER)
    client = owners_client()
    ana = User.objects.get(username="ana")

    asked = client.post(of(ana), {"role": "auditor"})

    assert "Change your own role?" in asked.content.decode()
    assert role_of(ana) == Role.OWNER
    client.post(of(ana), {"role": "auditor", "sure": "1"})
    assert role_of(User.objects.get(pk=ana.pk)) == Role.AUDITOR


@pytest.mark.parametrize(
    ("page", "posted"),
    [
        ("", {"role": "auditor", "sure": "1"}),
        ("switch/", {}),
        ("remove/", {}),
        ("invite/", {}),
    ],
)
def test_last_owner_stays(vera, page, posted):
    client = owners_client()
    ana = User.objects.get(username="ana")

    response = client.post(of(ana, page), posted, follow=True)

    assert "This is the only owner who can come in." in response.content.decode()
    ana = User.objects.get(username="ana")
    assert (role_of(ana), ana.has_usable_password(), events()) == (Role.OWNER, True, [])


def test_owner_who_was_only_invited_does_not_count():
    client = owners_client()
    client.post(INVITE, {"name": "Jonas", "login": "jonas", "role": "owner"})

    client.post(of(User.objects.get(username="ana"), "switch/"))

    assert User.objects.get(username="ana").is_active


def test_switched_off_user_is_out_and_comes_back(vera):
    owner, client = owners_client(), client_of("vera", Role.AUDITOR)

    owner.post(of(vera, "switch/"))

    assert client.get("/admin/")["Location"].startswith("/admin/login/")
    assert "an owner switched you off" in client.get("/admin/login/").content.decode()
    owner.post(of(vera, "switch/"))
    assert User.objects.get(pk=vera.pk).is_active
    assert [action for action, *_ in events()] == [
        "user.switched-off",
        "console.session-ended",
        "user.switched-on",
    ]


@pytest.mark.parametrize("page", ["switch/", "remove/", "log-out/", "invite/"])
def test_question_comes_first(vera, page):
    response = owners_client().get(of(vera, page))

    assert (response.status_code, events()) == (200, [])
    assert User.objects.get(pk=vera.pk).is_active


def test_removed_user_is_gone_and_that_recorded(vera):
    client = client_of("vera", Role.AUDITOR)

    owners_client().post(of(vera, "remove/"))

    assert not User.objects.filter(username="vera").exists()
    assert client.get("/admin/").status_code == 302
    assert [(action, detail["user"]) for action, _actor, detail in events()] == [
        ("user.removed", "vera")
    ]


def test_invited_again_only_the_link_opens(vera):
    Authenticator.objects.create(user=vera, key="5eed")
    client = client_of("vera", Role.AUDITOR)

    response = owners_client().post(of(vera, "invite/"))

    vera = User.objects.get(pk=vera.pk)
    assert (vera.has_usable_password(), Authenticator.objects.exists()) == (False, False)
    assert client.get("/admin/").status_code == 302
    assert ConsoleClient().get(link_in(response)).status_code == 200


def test_owner_logs_somebody_out_everywhere(vera):
    browsers = [client_of("vera", Role.AUDITOR) for _ in range(2)]
    owner = owners_client()

    owner.post(of(vera, "log-out/"))

    assert [browser.get("/admin/").status_code for browser in browsers] == [302, 302]
    assert owner.get("/admin/").status_code == 200
    assert sessions.sessions_of(vera) == []


def test_ended_invitation_is_said(vera):
    Invitation.objects.create(
        user=vera, digest="x", invited_by="ana", expires_at=timezone.now() - timedelta(days=1)
    )

    assert "Invitation ended" in owners_client().get(LIST).content.decode()


@pytest.mark.parametrize("role", [Role.CONFIGURATOR, Role.AUDITOR])
@pytest.mark.parametrize("page", ["", "switch/", "remove/", "invite/", "log-out/"])
def test_only_owners_change_users(vera, role, page):
    assert client_of("mia", role).post(of(vera, page), {"role": "owner"}).status_code == 403
    assert role_of(User.objects.get(pk=vera.pk)) == Role.AUDITOR
