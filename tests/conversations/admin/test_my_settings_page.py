"""What everybody sets for themselves in the console."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from conversations.models import AuditEvent, AutoReplySettings
from logins import second_step
from logins.models import Authenticator, Person, RecoveryCode
from logins.roles import Role
from tests.consoles import PASSWORD, ConsoleClient, client_of, owners_client
from tests.logins.codes import code_of, key_on

pytestmark = pytest.mark.django_db

PAGE, PASSWORD_PAGE = "/admin/my-settings/", "/admin/password_change/"
AUTHENTICATOR, CODES = "/admin/authenticator/", "/admin/recovery-codes/"
KEY = "5eed" * 10


@pytest.fixture
def with_authenticator():
    """Ana's browser, and her authenticator."""
    client = owners_client()
    device = Authenticator.objects.create(user=User.objects.get(username="ana"), key=KEY)
    return client, device


@pytest.mark.parametrize("role", list(Role))
def test_page_opens_for_every_role(role):
    assert client_of("vera", role).get(PAGE).status_code == 200


def test_language_and_time_zone_hold_at_once_and_at_the_next_login(settings):
    settings.PASSWORD_ALONE = ["ana"]
    owners_client().post(PAGE, {"language": "de", "time_zone": "Asia/Tokyo"})

    person = Person.objects.get(user__username="ana")
    assert (person.language, person.time_zone) == ("de", "Asia/Tokyo")
    client = ConsoleClient()
    client.post("/admin/login/", {"username": "ana", "password": PASSWORD})
    assert client.get(PAGE)["Content-Language"] == "de"
    assert client.session["console.time-zone"] == "Asia/Tokyo"


def test_choice_is_taken_back():
    client = owners_client()
    client.post(PAGE, {"language": "hr", "time_zone": "Asia/Tokyo"})

    client.post(PAGE, {"language": "", "time_zone": ""})

    assert client.get(PAGE, headers={"accept-language": "de"})["Content-Language"] == "de"
    assert client.session["console.time-zone"] == AutoReplySettings.objects.current().time_zone


def test_unknown_time_zone_is_refused():
    response = owners_client().post(PAGE, {"time_zone": "Atlantis/Harbour"})

    assert list(response.context["form"].errors) == ["time_zone"]


def test_who_comes_from_jira_changes_no_password():
    User.objects.create_user("mia")
    client = client_of("mia", Role.AUDITOR)

    assert "You come in from Jira" in client.get(PAGE).content.decode()
    assert client.get(PASSWORD_PAGE).status_code == 404


def test_changed_password_ends_other_sessions():
    client, other = owners_client(), owners_client()
    new = "staple battery horse"
    changed = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}

    response = client.post(PASSWORD_PAGE, {**changed, "next": PAGE})

    assert response["Location"] == PAGE
    assert (client.get(PAGE).status_code, other.get(PAGE).status_code) == (200, 302)


@pytest.mark.parametrize("new", ["short", "password1234"])
def test_weak_password_is_refused(new):
    changed = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}

    response = owners_client().post(PASSWORD_PAGE, changed)

    assert "new_password2" in response.context["form"].errors


def test_new_authenticator_needs_a_code_of_the_old_one(with_authenticator):
    client, device = with_authenticator

    assert "<svg" not in client.get(AUTHENTICATOR).content.decode().split("<main")[1]
    client.post(AUTHENTICATOR, {"confirm": "1", "code": "000000"})
    assert Authenticator.objects.get() == device


def test_new_authenticator_takes_the_old_ones_place(with_authenticator):
    client, device = with_authenticator
    client.post(AUTHENTICATOR, {"code": code_of(KEY)})

    key = key_on(client.get(AUTHENTICATOR).content.decode())
    client.post(AUTHENTICATOR, {"confirm": "1", "code": code_of(key)})

    kept = Authenticator.objects.get()
    assert (kept.key, kept.pk == device.pk) == (key, False)
    assert client.get(PAGE).status_code == 200
    assert AuditEvent.objects.filter(action="console.authenticator-set").count() == 1


def test_new_recovery_codes_replace_the_old_ones_for_a_code(with_authenticator):
    client, device = with_authenticator
    old = second_step.new_recovery_codes(device.user)

    refused = client.post(CODES, {"code": "000000"})
    device.throttle_reset()
    given = client.post(CODES, {"code": code_of(KEY)})

    assert (old[0] in refused.content.decode(), len(given.context["codes"])) == (False, 10)
    assert second_step.prove(device.user, old[0]) is None
    assert RecoveryCode.objects.filter(used_at=None).count() == 10


def test_sessions_are_listed_and_ended_everywhere():
    client, other = owners_client(), owners_client()
    client.get(PAGE)

    listed = client.get(PAGE).context["sessions"]
    client.post("/admin/log-out-everywhere/")

    assert sorted(session["is_this"] for session in listed) == [False, True]
    assert [browser.get(PAGE).status_code for browser in (client, other)] == [302, 302]
    assert AuditEvent.objects.get().action == "console.logged-out-everywhere"


def test_looking_at_the_page_ends_no_session():
    client = owners_client()

    client.get("/admin/log-out-everywhere/")

    assert client.get(PAGE).status_code == 200


def test_being_there_is_noted():
    before = timezone.now()
    owners_client().get(PAGE)

    assert Person.objects.get().seen_at >= before
