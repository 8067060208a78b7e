"""Every address of a site's console, by every role, by a stranger and by another site's people.

The addresses are found in the URLconf: a new page fails here until it is said who may use it.
"""

import hashlib
import re
from typing import NamedTuple

import pytest
from django.conf import settings
from django.db import connection
from django.urls import URLResolver, get_resolver

from conversations.admin.site import console
from logins.roles import Role
from tenants.context import current_schema, tenant_context
from tests.consoles import ConsoleClient, client_of
from tests.omnichat import console_world

pytestmark = pytest.mark.django_db

OURS, THEIRS = 700_001, 800_001  # ids of one site are none of the other's
LETTERS = {"O": Role.OWNER, "C": Role.CONFIGURATOR, "A": Role.AUDITOR}
EVERYBODY, NOBODY = "OCA", ""
REFUSALS = {403, 404, 405}


class Rights(NamedTuple):
    """Whose GET shows something, and whose POST may do something."""

    see: str
    do: str = NOBODY


def rows_of(name, *, see, add=NOBODY, change=NOBODY, delete=NOBODY):
    """What Django's admin has of a model: a list, a form, a row, its history and its end."""
    return {
        f"{name}_changelist": Rights(see, change),
        f"{name}_add": Rights(add, add),
        f"{name}_change": Rights(see, change),
        f"{name}_delete": Rights(delete, delete),
        f"{name}_history": Rights("".join(set(see) & set("OA"))),  # it is the audit log's
    }


EXPECTED = {
    "index": Rights(EVERYBODY),
    "my_settings": Rights(EVERYBODY, EVERYBODY),
    "authenticator": Rights(EVERYBODY, EVERYBODY),
    "recovery_codes": Rights(EVERYBODY, EVERYBODY),
    "log_out_everywhere": Rights(EVERYBODY, EVERYBODY),
    "password_change": Rights(EVERYBODY, EVERYBODY),
    "password_change_done": Rights(EVERYBODY, EVERYBODY),
    # Set up.
    **rows_of("channels_provideraccount", see="O", change="O"),
    "add_senders": Rights(NOBODY, "O"),
    "new_webhook_address": Rights(NOBODY, "O"),
    "subscribe": Rights(NOBODY, "O"),
    "unsubscribe": Rights(NOBODY, "O"),
    "test_message": Rights("O", "O"),
    "watch_test": Rights("O", "O"),
    # A sender that was used stays, whoever asks; this one was.
    **rows_of("conversations_sender", see=EVERYBODY, add="OC", change="OC"),
    **rows_of("conversations_autoreplysettings", see=EVERYBODY, change="OC"),
    **rows_of("jira_bridge_requestdefaults", see=EVERYBODY, change="OC"),
    "jira_bridge_requestdefaults_reload": Rights(NOBODY, "OC"),
    **rows_of("jira_bridge_senderrule", see=EVERYBODY, add="OC", change="OC", delete="OC"),
    "jira_bridge_senderrule_reload": Rights(NOBODY, "OC"),
    **rows_of("conversations_messagetemplate", see=EVERYBODY, add="OC", change="OC", delete="OC"),
    "synchronise_templates": Rights(NOBODY, "OC"),
    "edit_template": Rights("OC", "OC"),
    **rows_of("conversations_cannedreply", see=EVERYBODY, add="OC", change="OC", delete="OC"),
    **rows_of("conversations_sendingsettings", see=EVERYBODY, change="OC"),
    **rows_of("conversations_retentionsettings", see=EVERYBODY, change="OC"),
    # Day to day.
    **rows_of("conversations_customer", see=EVERYBODY, change="OC"),
    "confirm_identity": Rights(NOBODY, "OC"),
    "reveal_customer": Rights(NOBODY, "OC"),
    "delete_number": Rights("OC", "OC"),
    "record_consent": Rights("OC", "OC"),
    "merge_customer": Rights("OC", "OC"),
    "merge_customers": Rights("OC", "OC"),
    "erase_customer": Rights("O", "O"),
    "export_customers": Rights(NOBODY, "OC"),
    "import_customers": Rights("OC", "OC"),
    "import_sample": Rights("OC"),
    **rows_of("conversations_conversation", see="OA"),
    "reveal_conversation": Rights(NOBODY, "OA"),
    "transcript_file": Rights("OA"),
    "reports": Rights(EVERYBODY),
    "reports_csv": Rights(EVERYBODY),
    # Records.
    **rows_of("conversations_auditevent", see="OA"),
    "check_audit": Rights(NOBODY, "OA"),
    "export_audit": Rights("OA"),
    **rows_of("conversations_inboxentry", see="OA", change="O"),
    "try_all_again": Rights(NOBODY, "O"),
    "dismiss_quarantined": Rights("O", "O"),
    "reveal_inboxentry": Rights(NOBODY, "OA"),
    **rows_of("conversations_outboxentry", see=EVERYBODY, change="OC"),
    "try_outbox_again": Rights(NOBODY, "OC"),
    "dismiss_failed": Rights("OC", "OC"),
    **rows_of("channels_reconciliation", see=EVERYBODY, change="O"),
    "fetch_missed": Rights(NOBODY, "O"),
    "users": Rights("O"),
    "user_details": Rights("O", "O"),
    "invite_user": Rights("O", "O"),
    "invite_user_again": Rights("O", "O"),
    "switch_user": Rights("O", "O"),
    "log_user_out": Rights("O", "O"),
    "remove_user": Rights("O", "O"),
    "licence": Rights("O"),
}
# Whoever has not come in yet is asked to: these open for everybody, and say nothing.
DOORS = {"login", "logout", "second_step", "invitation", "console-entry", "jsi18n"}


# They name a row only to come back to its page.
ABOUT_THE_SITE = {"jira_bridge_requestdefaults_reload", "jira_bridge_senderrule_reload"}
# What stands in an address and is no row: a section of the reports, the form of an export.
WORDS = {"section": "summary", "form": "csv"}
# What a page calls the row in its address, where that is not the model's name.
MEANT = {
    "template": "messagetemplate",
    "test": "waytest",
    "number": "phonenumber",
    "other_customer": "othercustomer",
}


class Route(NamedTuple):
    name: str
    pattern: str
    arguments: tuple[str, ...]

    def address(self, rows):
        filled = self.pattern
        for name in self.arguments:
            filled = re.sub(rf"<(\w+:)?{name}>", str(argument(self, name, rows)), filled)
        return "/" + filled


def argument(route, name, rows):
    if name == "object_id":
        return rows[route.pattern.split("/")[2]].pk
    if name in {"token", "key"}:
        return "not-a-token"
    if name in WORDS:
        return WORDS[name]
    short = name.removesuffix("_id")
    return rows[MEANT.get(short, short)].pk


def routes():
    found = walk(get_resolver("omnichat.urls_site").url_patterns)
    return [route for route in found if route.name and "(?P" not in route.pattern]


def walk(patterns, prefix=""):
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, route)
        else:
            yield Route(pattern.name, route, tuple(pattern.pattern.converters))


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
        if answer.status_code not in REFUSALS and not leads_to_a_list(answer)
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
