"""What belongs to one request, asked for in another one's panel: of the same site, and another."""

from uuid import uuid4

import pytest
from django.utils.http import urlencode

from conversations.models import (
    Address,
    AgentPresence,
    Attachment,
    Conversation,
    Draft,
    Message,
    OutboxEntry,
    Send,
)
from tenants.context import tenant_context
from tests.conversations.panel.test_hostile_input import FIELDS, RICH
from tests.security.identities import Identity, bearer, session_of
from tests.security.knocking import MACHINES_HOST, knock
from tests.security.routes import Guard, routes
from tests.security.world import digests

pytestmark = pytest.mark.django_db

PANEL = [route for route in routes() if route.guard is Guard.PANEL]
# These name a row of a request; what templates and texts name is the site's.
OF_A_REQUEST = {"message_id", "attachment_id"}
NAMES = ("another request", "another site", "the same number elsewhere")
METHODS = ("GET", "POST", "DELETE")


def visitors(own, other):
    """Return who asks, by name, and in which request's panel."""
    return {
        "another request": (own.other_issue_id, {"issue_id": own.other_issue_id}),
        "another site": (other.issue_id, {"schema_name": other.site.schema_name}),
        "the same number elsewhere": (own.issue_id, {"schema_name": other.site.schema_name}),
    }


def visitor(own, other, name):
    issue_id, changes = visitors(own, other)[name]
    return issue_id, Identity(bearer(session_of(own, **{"issue_id": issue_id, **changes})))


def address_in(route, issue_id, own):
    """Return an address in one request's panel, with the ids of the other one's rows."""
    return route.address(own).replace(f"/panel/{own.issue_id}/", f"/panel/{issue_id}/")


def form_of(route, own, **changes):
    """Return all that the page of the other request would send."""
    ids = {name: own.rows[name].pk for name in ("sender", "address", "message", "attachment")}
    named = {
        "client_id": uuid4(),
        "sender": ids["sender"],
        "address": ids["address"],
        "attachments": ids["attachment"],
        "attachment": ids["attachment"],
        "quoted": ids["message"],
        "upto": ids["message"],
        "template": own.rows["messagetemplate"].pk,
        "q": own.text.rpartition("-")[0],
    }
    rich = RICH["location"] if route.name == "panel-rich" else {}
    return urlencode({**rich, **FIELDS.get(route.name, {}), **named, **changes})


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("method", METHODS)
def test_rows_of_another_request_are_not_there(worlds, tally, name, method):
    own, other = worlds
    issue_id, identity = visitor(own, other, name)
    before = digests()

    answers = {
        route.pattern: ask(identity, route, issue_id, own, method)
        for route in PANEL
        if OF_A_REQUEST & set(route.arguments)
    }

    tally(requests=len(answers))
    assert {at: a.status for at, a in answers.items() if a.status not in {404, 405, 422}} == {}
    assert [at for at, a in answers.items() if own.text in a.said or own.name in a.said] == []
    assert digests() == before


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("method", METHODS)
def test_nothing_of_the_other_request_is_told_or_changed(worlds, tally, name, method):
    own, other = worlds
    issue_id, identity = visitor(own, other, name)
    before, tables = of_the_request(own), digests()

    answers = {route.pattern: ask(identity, route, issue_id, own, method) for route in PANEL}

    tally(requests=len(answers))
    told = [own.name, own.number, own.text]
    assert [at for at, a in answers.items() if any(word in a.said for word in told)] == []
    assert {at: a.status for at, a in answers.items() if a.status >= 500} == unreachable(method)
    assert of_the_request(own) == before
    if name != "another request":
        changed = [table for table, digest in digests().items() if digest != tables[table]]
        assert [table for table in changed if table.startswith("site_acme.")] == []


def unreachable(method):
    """Return what has to ask Jira, which is not there, and says so in words."""
    return {"panel/<str:issue_id>/accounts": 503} if method == "POST" else {}


def of_the_request(own):
    """Return all that is stored of the request that is not the visitor's."""
    with tenant_context(own.site):
        kept = [
            Conversation.objects.filter(issue_id=own.issue_id),
            Message.objects.filter(conversation__issue_id=own.issue_id),
            Send.objects.filter(message__conversation__issue_id=own.issue_id),
            Attachment.objects.filter(message__conversation__issue_id=own.issue_id),
            Address.objects.filter(pk=own.rows["address"].pk),
            Draft.objects.filter(issue_id=own.issue_id),
            AgentPresence.objects.filter(issue_id=own.issue_id),
            OutboxEntry.objects.filter(group=f"conversation:{own.rows['conversation'].pk}"),
        ]
        return [list(rows.order_by("pk").values()) for rows in kept]


def ask(identity, route, issue_id, own, method):
    form, address = form_of(route, own), address_in(route, issue_id, own)
    if method == "GET":
        return knock(identity, f"{address}?{form}", host=MACHINES_HOST)
    return knock(identity, address, host=MACHINES_HOST, method=method, body=form.encode())
