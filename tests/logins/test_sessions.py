"""Sessions of a console: new keys, other sites, and when they end."""

from datetime import timedelta

import pytest
from django.conf import settings as product
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils import timezone

from conversations.models import AuditEvent
from conversations.services import console_sessions
from logins import people, sessions
from logins.models import Authenticator, Person
from logins.roles import Role, give_role
from tenants.context import tenant_context
from tests.consoles import PASSWORD, ConsoleClient, owners_client
from tests.logins.codes import code_of

pytestmark = pytest.mark.django_db

LOGIN, CODE = "/admin/login/", "/admin/login/second-step/"
KEY = "5eed" * 10


@pytest.fixture
def ana():
    user = User.objects.create_user("ana", password=PASSWORD)
    give_role(user, Role.OWNER)
    Authenticator.objects.create(user=user, key=KEY)
    return user


def half_in(client=None):
    client = client or ConsoleClient()
    client.post(LOGIN, {"username": "ana", "password": PASSWORD})
    return client


def earlier(client, **changes):
    """Let something that a session remembers have been so many seconds earlier."""
    session = client.session
    for name, seconds in changes.items():
        key = getattr(sessions, name)
        session[key] = session.get(key, timezone.now().timestamp()) - seconds
    session.save()


def ends():
    events = AuditEvent.objects.filter(action="console.session-ended")
    return list(events.values_list("actor", "detail__why"))


def test_session_gets_another_key_at_each_step(ana):
    client = ConsoleClient()
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    keys = [session.session_key]
    client.cookies[product.SESSION_COOKIE_NAME] = keys[0]

    half_in(client)
    keys.append(client.session.session_key)
    client.post(CODE, {"code": code_of(KEY)})
    keys.append(client.session.session_key)

    assert len(set(keys)) == 3
    assert "planted" not in client.session
    assert Session.objects.filter(session_key__in=keys[:2]).exists() is False


def test_second_login_asks_for_the_code_again(ana):
    client = half_in()
    client.post(CODE, {"code": code_of(KEY)})

    half_in(client)

    assert client.get("/admin/").status_code == 302


def test_other_sites_cookie_opens_nothing(ana, globex):
    client = half_in()
    client.post(CODE, {"code": code_of(KEY)})
    with tenant_context(globex):
        theirs = ConsoleClient()
    theirs.cookies = client.cookies

    assert theirs.get("/admin/").status_code == 302


def test_other_sites_authenticator_opens_nothing(ana, globex):
    with tenant_context(globex):
        give_role(User.objects.create_user("ana", password=PASSWORD), Role.OWNER)
        client = half_in()

    assert client.get(CODE)["Location"] == "/admin/authenticator/"
    client.post(CODE, {"code": code_of(KEY)})
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    ("changes", "why", "says"),
    [
        ({"BEGAN": 12 * 3600}, "age", "you logged in too long ago"),
        ({"SEEN": 2 * 3600}, "idle", "you did nothing for a while"),
    ],
)
def test_session_ends_and_says_why(changes, why, says):
    client = owners_client()
    client.get("/admin/")
    earlier(client, **changes)

    assert client.get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    assert says in client.get(LOGIN).content.decode()
    assert says not in client.get(LOGIN).content.decode()
    assert ends() == [("ana", why)]


def test_session_goes_on_while_somebody_is_there():
    client = owners_client()
    client.get("/admin/")
    earlier(client, BEGAN=11 * 3600, SEEN=3600)

    assert client.get("/admin/").status_code == 200
    assert timezone.now().timestamp() - client.session[sessions.SEEN] < 60


def test_being_there_is_written_every_five_minutes():
    client = owners_client()
    client.get("/admin/")
    Person.objects.update(seen_at=None)

    client.get("/admin/")
    assert Person.objects.get().seen_at is None
    earlier(client, SEEN=300)
    client.get("/admin/")
    assert Person.objects.get().seen_at is not None


def test_password_without_a_code_is_forgotten_soon(ana):
    client = half_in()
    earlier(client, BEGAN=15 * 60)

    assert client.get(CODE)["Location"] == LOGIN
    assert "no code was entered in time" in client.get(LOGIN).content.decode()


def test_end_is_recorded_once(rf):
    client = owners_client()
    client.get("/admin/")
    earlier(client, SEEN=2 * 3600)
    cookies = client.cookies.copy()

    client.get("/admin/")
    client.cookies = cookies
    client.get("/admin/")

    assert ends() == [("ana", "idle")]


def test_session_to_which_nobody_comes_back_is_removed_and_recorded_once():
    owners_client().get("/admin/")
    Session.objects.update(expire_date=timezone.now() - timedelta(minutes=1))

    assert (console_sessions.sweep(), console_sessions.sweep()) == (1, 0)
    assert (ends(), Session.objects.count()) == ([("ana", "age")], 0)


def test_sessions_that_go_on_are_left_alone():
    owners_client().get("/admin/")

    assert (console_sessions.sweep(), Session.objects.count()) == (0, 1)


def test_session_does_not_come_back_when_its_user_is_switched_on_again():
    client = owners_client()
    ana = User.objects.get(username="ana")
    give_role(User.objects.create_user("ivan", password=PASSWORD), Role.OWNER)

    people.switch(ana, on=False)
    people.switch(ana, on=True)

    assert client.get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    assert sessions.sessions_of(ana) == []


def test_page_that_was_wanted_comes_after_the_door(ana):
    client = ConsoleClient()
    wanted = "/admin/conversations/sender/"
    asked = client.get(wanted)["Location"]
    step = client.post(asked, {"username": "ana", "password": PASSWORD, "next": wanted})

    assert client.post(step["Location"], {"code": code_of(KEY)})["Location"] == wanted


@pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com", "javascript:1"])
def test_door_leads_to_no_other_host(settings, ana, elsewhere):
    Authenticator.objects.all().delete()
    settings.PASSWORD_ALONE = ["ana"]

    typed = {"username": "ana", "password": PASSWORD, "next": elsewhere}
    assert ConsoleClient().post(LOGIN, typed)["Location"] == "/admin/"


def test_login_and_every_step_are_recorded(ana):
    client = half_in()
    client.post(CODE, {"code": "000000"})
    Authenticator.objects.update(throttling_failure_count=0)
    client.post(CODE, {"code": code_of(KEY)})
    client.post("/admin/logout/")

    assert list(AuditEvent.objects.order_by("pk").values_list("action", "actor")) == [
        ("console.second-step-failed", "ana"),
        ("console.logged-in", "ana"),
        ("console.logged-out", "ana"),
    ]
    assert AuditEvent.objects.get(action="console.logged-in").detail["second_step"] == (
        "authenticator"
    )


def test_form_without_csrf_token_is_refused(ana):
    client = ConsoleClient(enforce_csrf_checks=True)

    response = client.post(LOGIN, {"username": "ana", "password": PASSWORD})
    assert response.status_code == 403


@pytest.mark.parametrize("page", [LOGIN, "/admin/invitation/guessed/"])
def test_pages_of_the_door_are_never_cached(page):
    assert "no-store" in ConsoleClient().get(page)["Cache-Control"]


@pytest.mark.parametrize(("asked", "says"), [("de", "de"), ("hr-HR", "hr"), ("fr", "en-gb")])
def test_stranger_is_spoken_to_as_the_browser_asks(asked, says):
    answer = ConsoleClient().get(LOGIN, headers={"accept-language": asked})

    assert answer["Content-Language"] == says
