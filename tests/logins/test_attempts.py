"""How often somebody may try, also with many tries at once."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from conversations.models import AuditEvent, AutoReplySettings
from logins import attempts
from logins.backends import user_named
from logins.models import Attempts
from logins.roles import Role, give_role
from tenants.context import tenant_context
from tests.consoles import PASSWORD, ConsoleClient, admitted
from tests.conversations.concurrency import together

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"
HERE = "10.0.0.7"


@pytest.fixture
def ana(settings):
    settings.PASSWORD_ALONE = ["ana"]
    user = User.objects.create_user("ana", password=PASSWORD)
    give_role(user, Role.OWNER)
    return user


def fail(name="ana", *, times=1, address=HERE):
    return [attempts.begin("password", name, address).closed_until for _ in range(times)]


def log_in(password=PASSWORD, **headers):
    return ConsoleClient().post(LOGIN, {"username": "ana", "password": password}, **headers)


def age(**by):
    """Let time pass over all that was counted."""
    for row in Attempts.objects.all():
        row.since -= timedelta(**by)
        row.blocked_until = row.blocked_until and row.blocked_until - timedelta(**by)
        row.save()


def test_five_tries_of_a_name_are_looked_at():
    closed = fail(times=7)

    assert [until is None for until in closed] == [True] * 5 + [False] * 2
    assert timedelta(minutes=14) < closed[-1] - timezone.now() <= timedelta(minutes=15)


def test_thirty_tries_of_an_address_are_looked_at():
    closed = [fail(f"name-{number}")[0] for number in range(31)]

    assert [until is None for until in closed] == [True] * 30 + [False]
    assert fail("somebody", address="10.0.0.8") == [None]


def test_door_opens_again_after_a_quarter_of_an_hour():
    fail(times=6)
    age(minutes=15)

    assert fail() == [None]


def test_tries_while_it_is_closed_do_not_keep_it_closed():
    (until,) = fail(times=6)[-1:]
    age(minutes=5)

    assert fail()[0] == until - timedelta(minutes=5)


def test_old_failures_do_not_count():
    fail(times=4)
    age(minutes=15)

    assert fail(times=5) == [None] * 5


def test_success_forgets_the_name_and_takes_the_try_of_the_address_back():
    fail(times=3)

    attempts.begin("password", "ana", HERE).succeeded()

    assert Attempts.objects.get().failures == 3  # of the address
    assert fail(times=5) == [None] * 5


@pytest.mark.parametrize("typed", ["ANA", " ana "])
def test_other_spelling_is_the_same_name(typed):
    fail(times=5)

    assert fail(typed) != [None]


def test_wrong_codes_count_by_themselves():
    """Else a password that is known would make guesses of codes free."""
    for _ in range(5):
        attempts.begin("code", "ana", HERE)
    attempts.begin("password", "ana", HERE).succeeded()

    assert attempts.begin("code", "ana", HERE).closed_until is not None


def test_neither_name_nor_address_is_stored(acme, globex):
    fail()
    ours = set(Attempts.objects.values_list("key", flat=True))
    with tenant_context(globex):
        fail()
        theirs = set(Attempts.objects.values_list("key", flat=True))

    assert (len(ours), ours & theirs) == (2, set())


def test_what_no_longer_counts_is_removed():
    fail(times=6)
    assert attempts.forget_old() == 0
    age(minutes=31)

    assert (attempts.forget_old(), Attempts.objects.count()) == (2, 0)


@pytest.mark.django_db(transaction=True)
def test_tries_at_once_do_not_get_past_the_limit():
    def tried():
        return attempts.begin("password", "ana", HERE).closed_until

    results = together(*[tried] * 12)

    assert sum(until is None for until in results) == 5


def test_right_password_is_refused_while_the_door_is_closed(ana):
    AutoReplySettings.objects.create(time_zone="Asia/Kathmandu")
    for _ in range(5):
        log_in("wrong")

    page = log_in().content.decode()

    until = Attempts.objects.get(blocked_until__isnull=False).blocked_until
    there = until + timedelta(hours=5, minutes=46)  # and the minute that has begun
    assert f"Too many attempts. Try again at {there:%H:%M}, or enter from Jira." in page
    assert AuditEvent.objects.filter(action="console.login-failed").count() == 5


def test_refusal_does_not_tell_what_was_wrong(ana):
    pages = [
        ConsoleClient().post(LOGIN, {"username": name, "password": password})
        for name, password in (("ana", "wrong"), ("nobody", PASSWORD), ("ana", "other"))
    ]

    said = {str(page.context["form"].errors) for page in pages}
    assert len(said) == 1
    assert "User name or password is wrong." in said.pop()


def test_user_without_a_role_is_told_the_same(ana):
    give_role(ana, None)

    assert "User name or password is wrong." in log_in().content.decode()


def test_who_logs_in_by_address_is_the_same_name(ana):
    ana.email = "ana@acme.example"
    ana.save()

    response = ConsoleClient().post(LOGIN, {"username": "ANA@acme.example", "password": PASSWORD})

    assert response["Location"] == "/admin/"


def test_address_of_two_is_nobodys(ana):
    for name in ("ana", "ivan"):
        user, _made = User.objects.get_or_create(username=name)
        user.email = "desk@acme.example"
        user.set_password(PASSWORD)
        user.save()

    response = ConsoleClient().post(LOGIN, {"username": "desk@acme.example", "password": PASSWORD})

    assert response.status_code == 200


@pytest.mark.parametrize(
    "name", ["MARIJAN@site.example", "mar\u0131jan@site.example", " marijan@site.example "]
)
def test_name_is_the_same_however_it_is_spelt(name):
    User.objects.create_user("marijan", email="marijan@site.example", password=PASSWORD)
    fail("marijan@site.example", times=5)

    assert user_named(name.strip()).username == "marijan"
    assert fail(name) != [None]


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ("2001:db8:0:7::1", "2001:db8:0:7:ffff::2", True),
        ("2001:db8:0:7::1", "2001:db8:0:8::1", False),
        ("::ffff:10.0.0.7", "10.0.0.7", True),
        ("10.0.0.7", "10.0.0.8", False),
    ],
)
def test_household_with_many_addresses_has_the_tries_of_one(first, second, is_one):
    for number in range(30):
        fail(f"name-{number}", address=first)

    assert (fail("somebody", address=second) != [None]) is is_one


def test_old_password_is_tried_no_oftener_than_at_the_door(ana):
    client = admitted(ConsoleClient(), ana)
    new = {"new_password1": "another horse battery", "new_password2": "another horse battery"}

    for _try in range(5):
        client.post("/admin/password_change/", {"old_password": "guessed", **new})
    client.post("/admin/password_change/", {"old_password": PASSWORD, **new})

    ana.refresh_from_db()
    assert ana.check_password(PASSWORD)
    assert "no-store" in client.get("/admin/password_change/").headers["Cache-Control"]
