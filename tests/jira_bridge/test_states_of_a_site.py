"""What each door of a site answers in each state of it."""

import pytest

from jira_bridge import panel_session
from tenants import directory
from tenants.models import InboundKey, Site
from tests.consoles import ConsoleClient
from tests.factories import AgentFactory
from tests.jira_bridge import forge

pytestmark = pytest.mark.django_db

State = Site.State
ANSWERS = {
    # door: while installing, while suspended, after the app was uninstalled
    "webhook": (200, 404, 200),
    "lifecycle": (204, 204, 403),
    "events": (503, 204, 403),
    "tick": (204, 204, 403),
    "ui/session": (503, 503, 403),
    "ui/changed": (204, 204, 403),
    "ui/console": (503, 503, 403),
    "panel": (401, 401, 401),
    "console": (404, 404, 404),
}


@pytest.fixture
def stands(call, installation):
    """Bring acme into a state."""

    def stand(state):
        if state == State.UNINSTALLED:
            assert call("bye").status_code == 204
        else:
            Site.objects.filter(slug="acme").update(state=state)
        directory.forget()

    return stand


@pytest.mark.parametrize("column", range(3))
@pytest.mark.parametrize("door", ANSWERS)
def test_doors_of_a_site_that_is_not_active(call, client, settings, stands, jira, column, door):
    key = InboundKey.objects.issue(Site.objects.get(slug="acme")).key
    token = panel_session.issue(AgentFactory())
    browser = ConsoleClient()
    stands((State.INSTALLING, State.SUSPENDED, State.UNINSTALLED)[column])

    match door:
        case "webhook":
            body = {"results": []}
            answer = client.post(f"/hooks/infobip/{key}/", body, content_type="application/json")
        case "panel":
            headers = {"Authorization": f"Bearer {token}"}
            answer = client.get("/panel/10101/view", headers=headers)
        case "console":
            answer = browser.get("/admin/login/")
        case str() if door.startswith("ui/"):
            said = forge.page_claims(settings, api=jira.url)
            answer = call(door, said, **{"x-forge-oauth-user": "users-token"})
        case _:
            answer = call(door)

    assert answer.status_code == ANSWERS[door][column]
    assert jira.requests == []


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.SUSPENDED, "OmniChat ist auf dieser Site ausgeschaltet."),
        (State.UNINSTALLED, "No site here."),
    ],
)
def test_suspended_sites_people_are_told_so(client, stands, acme, state, words):
    stands(state)

    answer = client.get("/admin/", HTTP_HOST=acme.host, HTTP_ACCEPT_LANGUAGE="de")

    assert answer.status_code == 404
    assert answer.content.decode().startswith(words)
