"""Log-in by password and an authenticator's code, from the form to the overview."""

import re

import pytest
from django.contrib.auth.models import User

from conversations.models import AuditEvent
from logins import second_step
from logins.models import Authenticator, RecoveryCode
from logins.roles import Role, give_role
from tests.consoles import PASSWORD, ConsoleClient
from tests.logins.codes import code_of, key_on

pytestmark = pytest.mark.django_db

LOGIN, CODE, SET_UP = "/admin/login/", "/admin/login/second-step/", "/admin/authenticator/"


@pytest.fixture
def ana():
    user = User.objects.create_user("ana", password=PASSWORD)
    give_role(user, Role.OWNER)
    return user


@pytest.fixture
def half_in(ana):
    """A browser in which Ana has given her password."""
    client = ConsoleClient()
    client.post(LOGIN, {"username": "ana", "password": PASSWORD})
    return client


@pytest.fixture
def authenticator(ana):
    return Authenticator.objects.create(user=ana, key="5eed" * 10)


def recorded():
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def test_password_alone_opens_nothing(half_in):
    assert half_in.get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    assert half_in.get(LOGIN)["Location"] == CODE
    assert recorded() == []


def test_who_has_no_authenticator_sets_one_up(half_in):
    assert half_in.get(CODE)["Location"] == SET_UP

    page = half_in.get(SET_UP).content.decode()
    codes = half_in.post(SET_UP, {"confirm": "1", "code": code_of(key_on(page))})

    assert len(re.findall(r"[a-z2-7]{4}(?:-[a-z2-7]{4}){3}", codes.content.decode())) >= 10
    assert half_in.get("/admin/").status_code == 200
    assert recorded() == ["console.authenticator-set", "console.logged-in"]


def test_code_opens_the_console(authenticator, half_in):
    response = half_in.post(CODE, {"code": code_of(authenticator.key)})

    assert response["Location"] == "/admin/"
    assert half_in.get("/admin/").status_code == 200


def test_recovery_code_opens_once(authenticator, half_in, ana):
    code = second_step.new_recovery_codes(ana)[0]

    half_in.post(CODE, {"code": code.upper()})

    assert half_in.get("/admin/").status_code == 200
    assert RecoveryCode.objects.filter(used_at=None).count() == 9
    assert second_step.prove(ana, code) is None
