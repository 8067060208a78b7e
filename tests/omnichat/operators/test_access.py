"""The operators' console opens to operators alone, shows nobody's words, and keeps its cookies."""

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLResolver

from conversations.models import InboxEntry, OutboxEntry
from logins.roles import Role, give_role
from omnichat import figures
from omnichat.operators.actions import ACTIONS
from omnichat.operators.urls import operators
from tenants.context import enter_public, public_context, tenant_context
from tenants.models import Installation, SiteEvent
from tests.consoles import PASSWORD as CONSOLE_PASSWORD
from tests.consoles import ConsoleClient, owners_client
from tests.factories import ConversationFactory, CustomerFactory, MessageFactory, PhoneNumberFactory
from tests.leaks import planted
from tests.omnichat.operators.conftest import PASSWORD, admitted, operator

pytestmark = pytest.mark.django_db

# What stands in front of the door; everything else there is, now or later, needs a log-in.
OUTSIDE = {"login", "second_step", "authenticator", "invitation"}
SESSION = settings.SESSION_COOKIE_NAME


def addresses():
    """Return every address of the console by its name, with a row's key or word for a capture."""
    found = {}

    def walk(patterns, prefix):
        for each in patterns:
            route = prefix + str(each.pattern)
            if isinstance(each, URLResolver):
                walk(each.url_patterns, route)
            else:
                found[each.name] = route

    walk(operators.get_urls(), "/operator/")
    return found


def concrete(route, site, user):
    for capture, value in {
        "<int:site_id>": str(site.pk),
        "<int:user_id>": str(user.pk),
        "<slug:name>": "suspend",
        "<str:token>": "token",
    }.items():
        route = route.replace(capture, value)
    assert "<" not in route, "Teach this test what stands for the capture."
    return route


ADDRESSES = addresses()
INSIDE = sorted(set(ADDRESSES) - OUTSIDE)


def asked(client, name, site, user, method):
    return getattr(client, method)(concrete(ADDRESSES[name], site, user))


def changed(site):
    site.refresh_from_db()
    return site.state != "active" or SiteEvent.objects.exists()


def test_console_has_the_pages_we_know():
    assert set(INSIDE) >= {
        "tenants_site_changelist",
        "site",
        "act",
        "count",
        "operators_page",
        "invite_again",
        "switch_off",
        "switch_on",
        "password_change",
    }
    assert not [route for route in ADDRESSES.values() if "(?P" in route]


def test_nothing_of_a_sites_schema_is_registered():
    assert {model._meta.label for model in operators._registry} == {"tenants.Site"}


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", INSIDE)
def test_stranger_is_led_to_the_login(acme, olga, name, method):
    enter_public()

    answer = asked(Client(), name, acme, olga, method)

    assert answer.status_code == 302
    assert answer["Location"].startswith(("/operator/login/", "/operator/"))
    assert Client().get(answer["Location"], follow=True).request["PATH_INFO"] == "/operator/login/"
    assert not changed(acme)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", INSIDE)
def test_password_without_second_step_opens_nothing(acme, olga, name, method):
    client = Client()
    client.post("/operator/login/", {"username": "olga", "password": PASSWORD})
    enter_public()

    answer = asked(client, name, acme, olga, method)

    assert answer.status_code == 302
    assert not changed(acme)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", INSIDE)
def test_user_of_the_public_schema_who_is_no_operator(acme, olga, name, method):
    with public_context():
        user = User.objects.create_user("somebody", password=PASSWORD)
        give_role(user, Role.OWNER)
    client = admitted(user)
    enter_public()

    answer = asked(client, name, acme, olga, method)

    assert answer.status_code == 302
    assert not SiteEvent.objects.exclude(action="operator session-ended").exists()


@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_no_address_is_there_on_a_sites_host(acme, olga, name):
    with tenant_context(acme):
        client = owners_client()
        answer = client.get(concrete(ADDRESSES[name], acme, olga))

    assert answer.status_code == 404


@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_no_address_is_there_on_a_host_of_nobody(acme, olga, name):
    client = Client(HTTP_HOST="nobody.localhost")

    assert client.get(concrete(ADDRESSES[name], acme, olga)).status_code == 404


@pytest.mark.parametrize("name", ["act", "count", "operators_page", "switch_off", "logout"])
def test_form_of_another_page_is_refused(olga, acme, name):
    browser = admitted(olga)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    enter_public()

    answer = strict.post(concrete(ADDRESSES[name], acme, olga), {"reason": "x", "name": "x"})

    assert answer.status_code == 403
    assert not changed(acme)


def test_session_of_a_sites_console_opens_nothing_here(acme):
    client = Client()
    with tenant_context(acme):
        client.cookies[SESSION] = owners_client().cookies[SESSION].value

    assert client.get("/operator/tenants/site/").status_code == 302


def test_password_of_a_sites_owner_opens_nothing_here(acme):
    with tenant_context(acme):
        User.objects.create_superuser("ana", password=CONSOLE_PASSWORD)
    client = Client()

    client.post("/operator/login/", {"username": "ana", "password": CONSOLE_PASSWORD})

    assert client.get("/operator/login/second-step/").status_code == 302
    assert client.get("/operator/tenants/site/").status_code == 302


def test_session_of_an_operator_opens_no_sites_console(acme, olga):
    theirs = admitted(olga).cookies[SESSION].value
    with tenant_context(acme):
        client = ConsoleClient()
        client.cookies[SESSION] = theirs
        assert client.get("/admin/").status_code == 302
        client.cookies.clear()
        client.post("/admin/login/", {"username": "olga", "password": PASSWORD})
        assert client.get("/admin/").status_code == 302


def test_cookies_are_for_the_operators_pages_alone(olga):
    client = Client()
    client.get("/operator/login/")
    client.post("/operator/login/", {"username": "olga", "password": PASSWORD})

    assert {cookie["path"] for cookie in client.cookies.values()} == {"/operator/"}
    assert {SESSION, settings.CSRF_COOKIE_NAME} <= set(client.cookies)
    assert client.cookies[SESSION]["httponly"]


def test_cookies_of_a_sites_console_are_for_all_of_its_host(acme):
    with tenant_context(acme):
        User.objects.create_superuser("ana", password=CONSOLE_PASSWORD)
        client = ConsoleClient()
        client.post("/admin/login/", {"username": "ana", "password": CONSOLE_PASSWORD})

    assert client.cookies[SESSION]["path"] == "/"


@pytest.mark.parametrize("path", ["/panel/", "/panel/side/", "/healthz", "/guide/agents/"])
def test_other_pages_of_the_host_take_and_give_no_cookie(olga, path):
    client = admitted(olga)

    answer = client.get(path)

    assert not answer.cookies
    assert answer.wsgi_request.COOKIES == {}


def test_pages_are_in_no_frame_and_in_no_cache(console):
    answer = console.get("/operator/tenants/site/")

    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]


@pytest.fixture
def secrets(acme):
    """What a customer wrote, who they are, and our own secrets, as they would be on a page."""
    with tenant_context(acme):
        customer = CustomerFactory(name="Xaver Unverkennbar")
        number = PhoneNumberFactory(customer=customer, key="385991112223")
        conversation = ConversationFactory(customer=customer)
        message = MessageFactory(conversation=conversation, text="Wortlaut, den niemand liest")
        InboxEntry.objects.create(
            source="infobip",
            dedupe_key="1",
            body=b"Wortlaut, den niemand liest",
            state="quarantined",
            reason="385991112223",
        )
        with planted():
            OutboxEntry.objects.create(
                topic="message.deliver",
                group="1",
                subject=str(message.pk),
                state="dead",
                last_error="Wortlaut to 385991112223",
            )
        message.save()
        number.save()
    with public_context():
        Installation.objects.create(
            site=acme, installation_id="i", environment="PRODUCTION", system_token="t0ken-s3cret"
        )
        key = acme.inbound_keys.get().key
        figures.count(acme)
    return ["Xaver", "Unverkennbar", "Wortlaut", "385991112223", "1112223", "t0ken-s3cret", key]


@pytest.mark.parametrize("name", INSIDE)
def test_no_page_shows_anybodys_words(console, acme, olga, secrets, name):
    shown = asked(console, name, acme, olga, "get").content.decode()

    assert [secret for secret in secrets if secret in shown] == []


@pytest.mark.parametrize("action", ACTIONS)
def test_no_question_shows_anybodys_words(console, acme, secrets, action):
    shown = console.get(f"/operator/sites/{acme.pk}/{action}/", follow=True).content.decode()

    assert [secret for secret in secrets if secret in shown] == []


def test_operator_of_the_same_name_is_another_person(acme):
    with tenant_context(acme):
        User.objects.create_superuser("olga", password="another long password")
    operator("olga")
    client = Client()

    client.post("/operator/login/", {"username": "olga", "password": "another long password"})

    assert SESSION not in client.cookies
