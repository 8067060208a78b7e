"""Who the operators are: invited, switched off, and never none of them."""

import re
from io import StringIO

import pytest
from django.conf import settings as configured
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from logins.models import Authenticator, Invitation
from omnichat.operators import people
from tenants.context import enter_public, public_context, tenant_context
from tenants.models import SiteEvent
from tests.conversations.concurrency import together
from tests.logins.codes import code_of, key_on
from tests.omnichat.operators.conftest import PASSWORD, admitted, operator

pytestmark = pytest.mark.django_db

PEOPLE = "/operator/operators/"
NEW = "a new and long password"


def add_operator(name):
    out = StringIO()
    call_command("add_operator", name, stdout=out)
    return out.getvalue().strip()


def path_of(link):
    return link.removeprefix(configured.APP_URL)


def test_link_leads_to_a_password_an_authenticator_and_the_sites(db):
    link = path_of(add_operator("olga"))
    client = Client()
    enter_public()

    client.post(link, {"new_password1": NEW, "new_password2": NEW})
    page = client.get("/operator/authenticator/").content.decode()
    client.post("/operator/authenticator/", {"confirm": "1", "code": code_of(key_on(page))})

    assert client.get("/operator/tenants/site/").status_code == 200
    actions = SiteEvent.objects.order_by("pk").values_list("action", flat=True)
    assert "operator logged-in" in actions


def test_password_alone_opens_nothing(olga):
    client = Client()

    client.post("/operator/login/", {"username": "olga", "password": PASSWORD})

    assert client.get("/operator/tenants/site/").status_code == 302


def test_second_step_opens_the_sites(olga):
    with public_context():
        device = Authenticator.objects.create(user=olga, key="5eed" * 10)
    client = Client()

    client.post("/operator/login/", {"username": "olga", "password": PASSWORD})
    client.post("/operator/login/second-step/", {"code": code_of(device.key)})

    assert client.get("/operator/tenants/site/").status_code == 200


def test_operator_is_made_in_the_public_schema_alone(acme):
    add_operator("olga")

    with tenant_context(acme):
        assert not User.objects.exists()
    with public_context():
        assert User.objects.get().is_superuser


def test_second_link_ends_the_first(db):
    first = path_of(add_operator("olga"))
    add_operator("olga")

    assert Client().get(first).status_code == 403


def test_name_that_is_none_is_refused(db):
    with pytest.raises(CommandError, match="letters, digits"):
        add_operator("olga <o>")


def test_password_of_the_environment_is_for_the_sandbox(db, monkeypatch, settings):
    monkeypatch.setenv("OPERATOR_PASSWORD", PASSWORD)
    settings.SANDBOX = False

    with pytest.raises(CommandError, match="for the sandbox"):
        add_operator("olga")


def test_sandboxs_operator_comes_in_by_password_alone(db, monkeypatch, settings):
    monkeypatch.setenv("OPERATOR_PASSWORD", PASSWORD)
    settings.PASSWORD_ALONE = ["operator"]
    add_operator("operator")
    assert add_operator("operator") == "http://127.0.0.1:8000/operator/"
    client = Client()

    client.post("/operator/login/", {"username": "operator", "password": PASSWORD})

    assert client.get("/operator/tenants/site/").status_code == 200


def test_operator_invites_another_and_sees_the_link_once(console):
    shown = console.post(PEOPLE, {"name": "ivo"})

    link = re.search(r'value="(http[^"]+/invitation/[^"]+)"', shown.content.decode())[1]
    assert "no-store" in shown["Cache-Control"]
    assert Client().get(link.partition("testserver")[2]).status_code == 200
    token = link.rstrip("/").rpartition("/")[2]
    assert token not in console.get(PEOPLE).content.decode()
    assert Invitation.objects.get().invited_by == "olga"


def test_name_of_another_operator_is_refused(console):
    assert "There is an operator of this name already." in (
        console.post(PEOPLE, {"name": "olga"}).content.decode()
    )
    assert User.objects.get().has_usable_password()


def test_invited_again_somebody_loses_what_they_had(console):
    other = operator("ivo")
    theirs = admitted(other)
    enter_public()

    console.post(f"{PEOPLE}{other.pk}/invite/")

    other.refresh_from_db()
    assert not other.has_usable_password()
    assert theirs.get("/operator/tenants/site/").status_code == 302


def test_nobody_locks_themselves_out(console, olga):
    said = console.post(f"{PEOPLE}{olga.pk}/invite/", follow=True).content.decode()

    assert "That would lock you out." in said
    assert User.objects.get().has_usable_password()


def test_switched_off_somebody_is_out_at_once(console):
    other = operator("ivo")
    theirs = admitted(other)
    enter_public()

    console.post(f"{PEOPLE}{other.pk}/switch-off/")

    assert theirs.get("/operator/tenants/site/").status_code == 302
    theirs.post("/operator/login/", {"username": "ivo", "password": PASSWORD})
    assert theirs.get("/operator/tenants/site/").status_code == 302
    event = SiteEvent.objects.filter(action="operator switched-off").get()
    assert event.detail == {"by": "olga", "operator": "ivo"}


def test_switched_on_again(console):
    other = operator("ivo", is_active=False)

    said = console.post(f"{PEOPLE}{other.pk}/switch-on/", follow=True).content.decode()

    assert "Switched on: ivo." in said
    other.refresh_from_db()
    assert other.is_active


def test_last_operator_stays(console, olga):
    operator("off", is_active=False)
    invited = operator("invited")
    invited.set_unusable_password()
    invited.save()

    said = console.post(f"{PEOPLE}{olga.pk}/switch-off/", follow=True).content.decode()

    assert "This is the last operator who can log in." in said
    olga.refresh_from_db()
    assert olga.is_active


@pytest.mark.parametrize("what", ["invite", "switch-off", "switch-on"])
def test_who_is_no_operator_is_not_found(console, what):
    somebody = User.objects.create_user("somebody")

    assert console.post(f"{PEOPLE}{somebody.pk}/{what}/").status_code == 404


def test_list_says_who_lacks_what(console, olga):
    Authenticator.objects.create(user=olga, key="aa")
    people.invite("ivo", by="olga")

    shown = " ".join(console.get(PEOPLE).content.decode().split())

    assert "olga" in shown
    assert "Invited" in shown
    assert "Missing" in shown


@pytest.mark.django_db(transaction=True)
def test_of_two_who_switch_each_other_off_one_stays():
    one, other = operator("one"), operator("other")

    def switch_off(user):
        try:
            people.switch(user.pk, active=False, by="test")
        except people.LastOperator:
            return "refused"
        return "off"

    try:
        answers = together(lambda: switch_off(one), lambda: switch_off(other), schema_name="public")
        assert sorted(answers) == ["off", "refused"]
    finally:
        with public_context(), connection.cursor() as cursor:
            cursor.execute("TRUNCATE auth_user CASCADE")
