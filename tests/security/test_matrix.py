"""Everybody at every address of both kinds of host: nothing opens but what is said to open."""

import pytest

from conversations.models import AuditEvent
from tenants.context import tenant_context
from tests.security.forbidden import unexpected
from tests.security.identities import FAMILIES
from tests.security.knocking import METHODS, host_of, knock, may
from tests.security.routes import Guard, routes
from tests.security.world import LEFT_BY_SESSIONS, digests

pytestmark = pytest.mark.django_db

RECORDED = {
    "settings.changed",
    "console.session-ended",
    "console.logged-out",
}  # by the world itself
# What an agent who may only read has no use for.
WRITERS = {
    "panel/<str:issue_id>/templates/<int:template_id>": 404,
    "panel/<str:issue_id>/rich/<str:name>": 404,
    "panel/<str:issue_id>/canned-replies/<int:reply_id>": 403,
}


@pytest.mark.parametrize("family", FAMILIES)
def test_nothing_opens_to_who_may_not(worlds, keys, tally, family):
    everybody = FAMILIES[family](*worlds)
    before = digests(without=LEFT_BY_SESSIONS)

    problems, tried = unexpected(everybody, METHODS, worlds)

    tally(identities=len(everybody), requests=tried)
    assert problems == []
    assert digests(without=LEFT_BY_SESSIONS) == before
    with tenant_context(worlds[0].site):
        recorded = set(AuditEvent.objects.values_list("action", flat=True))
    assert recorded <= RECORDED


@pytest.mark.parametrize("name", ["owner of the console", "operator"])
def test_pages_of_consoles_are_there(worlds, everybody, name):
    """Were the ids not real, nothing would open to anybody, and the matrix would prove nothing."""
    own, other = worlds
    identity, guards = everybody[name], {Guard.CONSOLE, Guard.OPERATOR}

    answers = {
        route.pattern: knock(identity, route.address(own), host=host_of(route, own))
        for route in routes()
        if route.guard in guards and may(identity, route, "GET")
    }

    assert len(answers) > 10
    assert {at: each.status for at, each in answers.items() if each.status == 403} == {}
    assert [at for at, each in answers.items() if any(w in each.said for w in other.words)] == []


@pytest.mark.parametrize("name", ["agent", "agent who may only read"])
def test_panel_of_the_own_request_is_there(worlds, everybody, name):
    own, _other = worlds

    answers = {
        route.pattern: knock(everybody[name], route.address(own), host=host_of(route, own))
        for route in routes()
        if route.guard is Guard.PANEL
    }

    closed = {at: each.status for at, each in answers.items() if each.status in {401, 403, 404}}
    assert closed == (WRITERS if "only" in name else {})
    assert own.text in answers["panel/<str:issue_id>/view"].said
    assert {own.other_text in each.said for each in answers.values()} == {False}


def test_every_address_is_guarded_and_can_be_asked_for(worlds, tally):
    """A new one fails here until tests/security/routes.py says what guards it and names its row."""
    found = {(route.conf, route.address(worlds[0])): route.guard for route in routes()}

    tally(addresses=len(routes()))
    assert [address for _conf, address in found if "<" in address or "?" in address] == []
    assert set(found.values()) == set(Guard)
