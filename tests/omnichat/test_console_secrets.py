"""What no page of the console says: secrets to anybody, a customer's number unasked."""

import re

import pytest

from conversations.models import AuditEvent
from logins.roles import Role
from tenants.models import InboundKey
from tests.consoles import client_of
from tests.omnichat import console_world
from tests.omnichat.test_console_matrix import DOORS, OURS, routes

pytestmark = pytest.mark.django_db

INLINE = re.compile(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=", re.IGNORECASE)
SECRETS = [
    console_world.PROVIDER_KEY,
    console_world.WEBHOOK_SECRET,
    console_world.AUTHENTICATOR_KEY,
]


@pytest.fixture
def rows():
    return console_world.furnish(OURS)


def pages(role, rows):
    """Yield by name what each page shows to somebody of a role, downloads included."""
    client = client_of("ana", role)
    for route in routes():
        if route.name in DOORS:
            continue
        answer = client.get(route.address(rows))
        if answer.status_code == 200:
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            yield route.name, body.decode()


@pytest.mark.parametrize("role", Role)
def test_no_page_shows_a_secret(rows, role):
    shown = {
        (name, secret) for name, html in pages(role, rows) for secret in SECRETS if secret in html
    }

    assert shown == set()


def test_address_of_the_webhook_is_shown_to_owners_on_one_page(rows, acme):
    key = InboundKey.objects.get(site=acme).key

    assert {name for name, html in pages(Role.OWNER, rows) if key in html} == {
        "channels_provideraccount_change"
    }
    assert [name for name, html in pages(Role.CONFIGURATOR, rows) if key in html] == []
    assert [name for name, html in pages(Role.AUDITOR, rows) if key in html] == []


@pytest.mark.parametrize("role", Role)
def test_no_page_shows_a_whole_number_unasked(rows, role):
    digits = re.compile(r"[\s\u00a0]?".join(console_world.NUMBER[3:]))  # in any grouping
    shown = {name for name, html in pages(role, rows) if digits.search(html)}

    assert shown == set()


@pytest.mark.parametrize("role", Role)
def test_no_page_has_what_a_strict_policy_refuses(rows, role):
    assert {
        name: INLINE.findall(html) for name, html in pages(role, rows) if INLINE.search(html)
    } == {}


def test_no_event_holds_a_number_a_name_or_a_text(rows):
    dict(pages(Role.OWNER, rows))

    told = str(list(AuditEvent.objects.values()))
    for word in (console_world.NUMBER, "Marko", "Horvat", "parcel", *SECRETS):
        assert word not in told
