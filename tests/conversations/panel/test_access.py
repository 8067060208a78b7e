"""The doors of the panel: a session for this very request, and nothing else, opens them."""

import pytest
import time_machine
from django.urls import resolve

from conversations.models import Message
from conversations.panel.urls import urlpatterns
from jira_bridge import panel_session
from tenants.context import schema_context
from tests.factories import AgentFactory, MessageFactory

pytestmark = pytest.mark.django_db

READING = [
    "view",
    "updates",
    "side",
    "earlier?before=" + "1" * 30,
    f"later?after={'1' * 30}&before={'2' * 30}",
    "search?q=parcel",
    "messages/1/around",
    "files/1",
    "templates/1",
]
WRITING = [
    "messages",
    "messages/1/resend",
    "messages/1/send-over",
    "files/1/fetch",
    "uploads",
    "seen",
    "typing",
    "draft",
    "preferences",
    "pause",
    "resume",
    "move-here",
    "numbers",
    "side/save",
]
BOTH = ["templates", "rich/list", "canned-replies/1", "presence"]
PATHS = [
    *(("get", path) for path in [*READING, *BOTH]),
    *(("post", path) for path in [*WRITING, *BOTH]),
    ("delete", "uploads/1"),
]


def test_every_door_is_tried():
    paths = [f"10101/{path.partition('?')[0]}" for _method, path in PATHS]
    tried = {resolve(f"/{path}", "conversations.panel.urls").url_name for path in paths}

    doors = [each.name for each in urlpatterns if str(each.pattern).startswith("<str:issue_id>/")]
    assert tried == set(doors)


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("header", [None, "Bearer", "Bearer nonsense", "Basic YTpi"])
def test_without_a_session_nothing_opens(client, question, method, path, header):
    headers = {"Authorization": header} if header else {}
    response = getattr(client, method)(f"/panel/10101/{path}", headers=headers)

    assert (response.status_code, response.content) == (401, b"")
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_an_old_session_is_none(client, question, method, path):
    with time_machine.travel("2026-11-22T10:00:00Z", tick=False) as clock:
        token = panel_session.issue(AgentFactory())
        clock.shift(panel_session.LIFETIME_SECONDS)
        response = getattr(client, method)(
            f"/panel/10101/{path}", headers={"Authorization": f"Bearer {token}"}
        )

    assert response.status_code == 401


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_another_request_is_not_found(client, question, method, path):
    token = panel_session.issue(AgentFactory(issue_id="20202"))
    response = getattr(client, method)(
        f"/panel/10101/{path}", headers={"Authorization": f"Bearer {token}"}
    )

    assert (response.status_code, response.content) == (404, b"")


def test_the_same_number_at_another_site_shows_nothing(panel_of, question):
    response = panel_of(schema_name="site_globex").get("view")

    assert response.headers["X-State"] == "no-phone"
    assert question.text not in response.content.decode()


def test_ends_of_another_site_are_not_found(panel, question, globex):
    with schema_context("site_globex"):
        foreign = MessageFactory(conversation__issue_id="10101")
        foreign_ends = {"sender": foreign.sender_id + 1000, "address": foreign.address_id + 1000}
    response = panel.send(question, **foreign_ends)

    assert response.status_code == 404
    assert not Message.objects.filter(direction="out").exists()


def test_a_site_that_is_not_served_has_no_session(panel_of, question):
    assert panel_of(schema_name="site_nobody").get("view").status_code == 401


def test_answers_are_not_kept_anywhere(panel, question):
    response = panel.get("view")

    assert response.headers["Cache-Control"] == "no-store"
    assert not response.cookies


def test_reading_may_not_change(panel, question):
    assert [panel.get(path).status_code for path in WRITING] == [405] * len(WRITING)
