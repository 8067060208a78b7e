"""Hostile bodies and headers with a good token at every route that Forge calls."""

import json

import pytest

from conversations import inbox
from conversations.models import InboxEntry
from jira_bridge.events import is_foreign, item_of
from tenants.context import tenant_context
from tests.factories import ConversationFactory
from tests.jira_bridge import forge
from tests.jira_bridge.conftest import call, installation, jira  # noqa: F401 - fixtures
from tests.security.hostile import BODIES, HEADERS, TEXTS, damaged, without
from tests.security.routes import Guard, routes

pytestmark = pytest.mark.django_db(transaction=True)

PREFIX = "forge/v1/"
ROUTES = {
    route.pattern.removeprefix(PREFIX): route.guard
    for route in routes()
    if route.guard in {Guard.FORGE, Guard.PAGE}
}
EVENTS = {
    path.stem: forge.payload(path.stem)
    for path in sorted(forge.FOLDER.glob("*.json"))
    if isinstance(forge.payload(path.stem), dict) and "eventType" in forge.payload(path.stem)
}
EVERY = 7
SAID = {200, 204, 400, 403}


def claims_for(route, settings):
    make = forge.page_claims if ROUTES[route] is Guard.PAGE else forge.claims
    return make(settings)


def require_understandable(answer):
    """Nothing failed; where Jira did not answer, that is said in words."""
    assert answer.status_code in SAID or (answer.status_code == 503 and answer.json()["detail"])
    assert b"Traceback" not in answer.content


@pytest.mark.parametrize("name", BODIES)
def test_no_body_breaks_a_route(call, installation, settings, name):  # noqa: F811
    for route in ROUTES:
        if route == "bye":
            continue
        answer = call(route, claims_for(route, settings), body=BODIES[name])
        require_understandable(answer)


@pytest.mark.parametrize("number", range(len(HEADERS)))
def test_no_header_breaks_a_route(call, installation, settings, client, number):  # noqa: F811
    token = forge.sign(forge.claims(settings))
    carried = {"HTTP_AUTHORIZATION": f"Bearer {token}", "content_type": "application/json"}

    answer = client.generic("POST", "/forge/v1/tick", b"{}", **{**carried, **HEADERS[number]})

    assert answer.status_code < 500


@pytest.mark.parametrize("header", ["x-forge-oauth-system", "x-forge-oauth-user"])
def test_no_token_beside_breaks_a_route(call, installation, settings, header):  # noqa: F811
    for value in (*TEXTS, "x" * 60_000, "a.b.c", forge.system_token(ends_in=-(10**9))):
        for route in ROUTES:
            if route == "bye":
                continue
            answer = call(
                route,
                claims_for(route, settings),
                **{header: value.encode(errors="replace").decode("latin-1")},
            )
            require_understandable(answer)


def test_every_event_is_kept_or_none_of_ours(call, installation, settings, acme):  # noqa: F811
    assert len(EVENTS) > 3
    hostile = [
        json.dumps(event).encode()
        for name in EVENTS
        for _path, event in [*damaged(EVENTS[name]), *without(EVENTS[name])]
    ][::EVERY]
    with tenant_context(acme):
        for issue_id in {event["issue"]["id"] for event in EVENTS.values()}:
            ConversationFactory(issue_id=issue_id)
        expected = {
            item_of(body, installation_id=forge.INSTALLATION_ID).dedupe_key
            for body in hostile
            if not is_foreign(body)
        }

    for body in hostile:
        assert call("events", forge.claims(settings), body=body).status_code == 204

    with tenant_context(acme):
        assert set(InboxEntry.objects.values_list("dedupe_key", flat=True)) == expected
        assert len(expected) > 50
        inbox.drain()
        reasons = InboxEntry.objects.filter(state="quarantined").values_list("reason", flat=True)
        assert [reason for reason in reasons if " in " in reason and ":" in reason] == []
