"""Invitations: a link by which somebody comes in, once."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from conversations.models import AuditEvent
from logins import invitations
from logins.models import Authenticator, Invitation
from logins.roles import Role, give_role
from tenants.context import tenant_context
from tests.consoles import PASSWORD, ConsoleClient
from tests.conversations.concurrency import together
from tests.logins.codes import code_of, key_on

pytestmark = pytest.mark.django_db

CHOSEN = {"new_password1": PASSWORD, "new_password2": PASSWORD}
SET_UP = "/admin/authenticator/"


@pytest.fixture
def mia():
    user = User.objects.create_user("mia@acme.example", email="mia@acme.example")
    give_role(user, Role.CONFIGURATOR)
    return user


@pytest.fixture
def link(mia):
    return f"/admin/invitation/{invitations.invite(mia, by='ana')}/"


def is_refused(response):
    return response.status_code == 403 and "does not work" in response.content.decode()


def test_invited_person_chooses_a_password_and_sets_up_an_authenticator(link, mia):
    client = ConsoleClient()
    assert 'value="mia@acme.example"' in client.get(link).content.decode()

    step = client.post(link, CHOSEN, follow=True)
    assert client.get("/admin/").status_code == 302
    client.post(SET_UP, {"confirm": "1", "code": code_of(key_on(step.content.decode()))})

    assert client.get("/admin/").status_code == 200
    assert User.objects.get(pk=mia.pk).check_password(PASSWORD)
    assert list(AuditEvent.objects.order_by("pk").values_list("action", "actor")) == [
        ("console.invitation-used", "mia@acme.example"),
        ("console.authenticator-set", "mia@acme.example"),
        ("console.logged-in", "mia@acme.example"),
    ]


def test_looking_does_not_use_it_up(link):
    assert [ConsoleClient().get(link).status_code for _ in range(2)] == [200, 200]


def test_used_invitation_is_refused(link):
    ConsoleClient().post(link, CHOSEN)

    assert is_refused(ConsoleClient().get(link))
    assert is_refused(ConsoleClient().post(link, CHOSEN))


def test_expired_invitation_is_refused(link, mia):
    Invitation.objects.update(expires_at=timezone.now())

    assert is_refused(ConsoleClient().post(link, CHOSEN))
    assert User.objects.get(pk=mia.pk).has_usable_password() is False


def test_invitation_holds_for_a_week(link):
    lasts = Invitation.objects.get().expires_at - timezone.now()

    assert timedelta(days=6, hours=23) < lasts <= timedelta(days=7)


def test_newer_invitation_takes_the_older_ones_place(link, mia):
    invitations.invite(mia, by="ana")

    assert is_refused(ConsoleClient().get(link))


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}])
def test_invitation_of_who_may_not_enter_is_refused(link, mia, change):
    User.objects.filter(pk=mia.pk).update(**change)
    if "is_staff" in change:
        give_role(mia, None)

    assert is_refused(ConsoleClient().get(link))


def test_other_sites_invitation_opens_nothing(link, globex):
    with tenant_context(globex):
        client = ConsoleClient()

    assert is_refused(client.get(link))
    assert is_refused(client.post(link, CHOSEN))


@pytest.mark.parametrize("password", ["short", "password1234"])
def test_weak_password_is_refused_and_the_link_stays(link, password):
    typed = {"new_password1": password, "new_password2": password}

    response = ConsoleClient().post(link, typed)

    assert "new_password2" in response.context["form"].errors
    assert ConsoleClient().get(link).status_code == 200


def test_guesses_are_limited(link):
    for _ in range(30):
        ConsoleClient().get("/admin/invitation/guessed/")

    response = ConsoleClient().get(link)
    assert (response.status_code, "Too many attempts." in response.content.decode()) == (429, True)


def test_address_with_the_token_goes_nowhere(link):
    for page in (link, "/admin/invitation/guessed/"):
        response = ConsoleClient().get(page)
        # With "no-referrer" a browser posts the form from origin "null", which is refused.
        assert response["Referrer-Policy"] == "strict-origin"
        assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_gets_in():
    user = User.objects.create_user("mia")
    give_role(user, Role.OWNER)
    with transaction.atomic():
        token = invitations.invite(user, by="ana")

    def use():
        return ConsoleClient().post(f"/admin/invitation/{token}/", CHOSEN).status_code

    assert sorted(together(use, use)) == [302, 403]
    assert Authenticator.objects.exists() is False
