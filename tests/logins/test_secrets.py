"""What is shown once is shown nowhere else: no log line, no event, no later page."""

import logging

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.urls import reverse

from conversations.models import AuditEvent
from logins import invitations, second_step
from logins.roles import Role, give_role
from tests.consoles import ConsoleClient, owners_client
from tests.logins.codes import code_of, key_on

pytestmark = pytest.mark.django_db

PASSWORD = "a very own staple of horses"
SET_UP = "/admin/authenticator/"


@pytest.fixture
def said(caplog):
    """All that was logged, whatever its level."""
    caplog.set_level(logging.DEBUG)
    return lambda: " ".join(f"{line.getMessage()} {line.__dict__}" for line in caplog.records)


def come_in():
    """Come in by an invitation to the end; returns the browser and what was secret on the way."""
    user = User.objects.create_user("mia")
    give_role(user, Role.OWNER)
    token = invitations.invite(user, by="ana")
    client = ConsoleClient()
    typed = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    page = client.post(f"/admin/invitation/{token}/", typed, follow=True).content.decode()
    key = key_on(page)
    client.post(SET_UP, {"confirm": "1", "code": "000000"})
    code = code_of(key)
    codes = client.post(SET_UP, {"confirm": "1", "code": code}).context["codes"]
    return client, {token, PASSWORD, key, second_step.typed_by_hand(key), *codes}


def test_no_secret_is_logged_or_recorded(said):
    client, secrets = come_in()
    client.post("/admin/login/", {"username": PASSWORD, "password": PASSWORD})

    events = str(list(AuditEvent.objects.values()))
    assert {secret for secret in secrets if secret in events} == set()
    assert {secret for secret in secrets if secret in said()} == set()


def test_no_later_page_shows_a_secret():
    client, secrets = come_in()
    own = reverse("admin:user_details", args=[User.objects.get(username="mia").pk])
    pages = ["/admin/users/", "/admin/my-settings/", SET_UP, "/admin/recovery-codes/", own]
    pages += ["/admin/conversations/auditevent/"]

    for browser in (client, owners_client()):
        html = "".join(browser.get(page).content.decode() for page in pages)
        assert {secret for secret in secrets if secret in html} == set()


def test_session_keeps_no_key_in_the_clear():
    user = User.objects.create_user("mia")
    give_role(user, Role.OWNER)
    client = ConsoleClient()
    token = invitations.invite(user, by="ana")
    typed = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    key = key_on(client.post(f"/admin/invitation/{token}/", typed, follow=True).content.decode())

    kept = str([row.get_decoded() for row in Session.objects.all()])
    assert key not in kept


def test_refused_login_does_not_give_the_password_back():
    page = ConsoleClient().post("/admin/login/", {"username": "mia", "password": PASSWORD})

    assert PASSWORD not in page.content.decode()
