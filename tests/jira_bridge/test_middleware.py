"""A panel's request enters the site of its session, and no other."""

import pytest
from django.http import HttpResponse

from conversations.contracts import Agent
from jira_bridge import panel_session
from jira_bridge.middleware import PanelSessionMiddleware
from tenants.context import current_schema
from tenants.models import Site

pytestmark = pytest.mark.django_db

GLOBEX_AGENT = Agent("site_globex", "a-1", "Ana", "10101", "SUP-101", may_reply=True)


def entered(rf, path="/panel/thread", **headers):
    """Return who asks and where the view works."""
    seen = []

    def view(request):
        seen.append((getattr(request, "agent", "not asked"), current_schema()))
        return HttpResponse()

    PanelSessionMiddleware(view)(rf.get(path, headers=headers))
    return seen[0]


def bearer(agent=GLOBEX_AGENT):
    return {"Authorization": f"Bearer {panel_session.issue(agent)}"}


def test_session_enters_its_site(rf):
    assert entered(rf, **bearer()) == (GLOBEX_AGENT, "site_globex")
    assert current_schema() == "site_acme"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic x"])
def test_without_session_nobody_asks(rf, header):
    assert entered(rf, Authorization=header) == (None, "site_acme")


def test_cookie_is_no_session(rf):
    token = panel_session.issue(GLOBEX_AGENT)

    assert entered(rf, Cookie=f"token={token}; sessionid={token}") == (None, "site_acme")


@pytest.mark.parametrize("state", ["installing", "suspended"])
def test_site_that_is_not_active_is_not_entered(rf, globex, state):
    Site.objects.filter(pk=globex.pk).update(state=state)

    assert entered(rf, **bearer()) == (None, "site_acme")


def test_other_paths_are_left_alone(rf):
    assert entered(rf, "/healthz", **bearer()) == ("not asked", "site_acme")
