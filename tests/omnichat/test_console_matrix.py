"""Every address of a site's console, by every role, by a stranger and by another site's people."""

import hashlib
import re

import pytest
from django.conf import settings
from django.db import connection

from conversations.admin.site import console
from logins.roles import Role
from tenants.context import current_schema, tenant_context
from tests.consoles import ConsoleClient, client_of
from tests.omnichat import console_world
from tests.omnichat.console_routes import DOORS, EXPECTED, LETTERS, WORDS, routes

pytestmark = pytest.mark.django_db

OURS, THEIRS = 700_001, 800_001  # ids of one site are none of the other's
REFUSALS = {403, 404, 405}
# They name a row only to come back to its page.
ABOUT_THE_SITE = {"jira_bridge_requestdefaults_reload", "jira_bridge_senderrule_reload"}


@pytest.fixture
def rows():
    return console_world.furnish(OURS)


def asked(role, rows, method):
    """Return by name what each address answers to somebody of a role."""
    client = client_of("ana", role)
    answers = {}
    for route in routes():
        if route.name in DOORS:
            continue
        answers[route.name] = getattr(client, method)(route.address(rows)).status_code
    return answers


# The history of a row that is not there: the audit log, with nothing found.
TO_THE_LOG = {name for name in EXPECTED if name.endswith("_history")}


def test_somebody_has_said_who_may_use_each_page():
    assert {route.name for route in routes()} == {*EXPECTED, *DOORS}


def test_every_model_of_the_console_has_a_row_here(rows):
    assert {model._meta.model_name for model in console._registry} - set(rows) == set()


@pytest.mark.parametrize("letter", LETTERS)
def test_pages_open_for_their_roles(rows, letter):
    answers = asked(LETTERS[letter], rows, "get")

    opened = {name for name, status in answers.items() if status in {200, 302}}
    assert opened == {name for name in answers if letter in EXPECTED[name].see}
    assert {status for name, status in answers.items() if name not in opened} <= REFUSALS


@pytest.mark.parametrize("letter", LETTERS)
def test_nothing_is_done_by_those_who_may_not(rows, letter):
    client = client_of("ana", LETTERS[letter])
    before = stored()

    statuses = {
        route.name: client.post(route.address(rows)).status_code
        for route in routes()
        if route.name not in DOORS and letter not in EXPECTED[route.name].do
    }

    assert stored() == before
    unseen = {name: statuses[name] for name in statuses if letter not in EXPECTED[name].see}
    assert {name: status for name, status in unseen.items() if status not in REFUSALS} == {}
    assert max(statuses.values()) < 500


def test_looking_changes_nothing(rows):
    client = client_of("ana", Role.OWNER)
    before = stored()

    for route in routes():
        if route.name not in DOORS:
            client.get(route.address(rows))

    assert stored() == before


@pytest.mark.parametrize("method", ["get", "post"])
def test_stranger_is_led_to_the_login(rows, method):
    client = ConsoleClient()
    answers = {
        route.name: getattr(client, method)(route.address(rows))
        for route in routes()
        if route.name not in DOORS
    }

    assert {
        name: answer.status_code
        for name, answer in answers.items()
        if not answer.headers.get("Location", "").startswith("/admin/login/")
    } == {}


@pytest.mark.parametrize("method", ["get", "post"])
def test_owner_of_another_site_is_a_stranger(rows, globex, method):
    with tenant_context(globex):
        theirs = client_of("ana", Role.OWNER).cookies[settings.SESSION_COOKIE_NAME].value
    client = ConsoleClient()

    led = {}
    for route in routes():
        if route.name in DOORS:
            continue
        client.cookies[settings.SESSION_COOKIE_NAME] = theirs
        answer = getattr(client, method)(route.address(rows))
        led[route.name] = answer.headers.get("Location", "").startswith("/admin/login/")

    assert [name for name, is_led in led.items() if not is_led] == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_ids_of_another_site_lead_nowhere(globex, method):
    with tenant_context(globex):
        theirs = console_world.furnish(THEIRS)
    client = client_of("ana", Role.OWNER)

    answers = {
        route.name: getattr(client, method)(route.address(theirs))
        for route in routes()
        if set(route.arguments) - set(WORDS) and route.name not in DOORS | ABOUT_THE_SITE
    }

    assert {
        name: answer.status_code
        for name, answer in answers.items()
        if answer.status_code not in REFUSALS
        and not leads_to_a_list(answer)
        and name not in TO_THE_LOG
    } == {}


def leads_to_a_list(answer):
    """Whether it goes on to a page that names no row."""
    return re.search(r"\d{4}", answer.headers.get("Location", "0000")) is None


def stored():
    """Return a digest of each table of the site, but for what looking itself leaves behind."""
    left_by_looking = {"django_session", "conversations_auditevent", "logins_person"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (current_schema(),))
        tables = sorted({name for (name,) in cursor.fetchall()} - left_by_looking)
        digests = {}
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t ORDER BY 1')  # noqa: S608
            text = "\n".join(row for (row,) in cursor.fetchall())
            digests[table] = hashlib.sha256(text.encode()).hexdigest()
    return digests
