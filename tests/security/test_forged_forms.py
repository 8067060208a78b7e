"""A form on somebody else's page, sent by the browser of somebody who is in at a console."""

import pytest
from django.test import Client

from tests.security.knocking import host_of
from tests.security.routes import Guard, routes
from tests.security.world import LEFT_BY_SESSIONS, digests

pytestmark = pytest.mark.django_db

INSIDE = {Guard.CONSOLE: "owner of the console", Guard.OPERATOR: "operator"}
FORGED = (
    {},
    {"HTTP_ORIGIN": "https://evil.example"},
    {"HTTP_REFERER": "https://evil.example/admin/"},
    {"HTTP_X_CSRFTOKEN": "a" * 64},
    {"HTTP_COOKIE": "csrftoken=" + "a" * 32, "HTTP_X_CSRFTOKEN": "a" * 32, "HTTP_ORIGIN": "null"},
)


@pytest.mark.parametrize("forged", range(len(FORGED)))
@pytest.mark.parametrize("guard", INSIDE)
def test_form_of_another_page_does_nothing(worlds, everybody, tally, guard, forged):
    own, _other = worlds
    cookie = everybody[INSIDE[guard]].cookie
    before = digests(without=LEFT_BY_SESSIONS)

    answers = {}
    for route in routes():
        if route.guard is guard:
            environ = dict(FORGED[forged])
            environ["HTTP_COOKIE"] = "; ".join(filter(None, [cookie, environ.get("HTTP_COOKIE")]))
            client = Client(enforce_csrf_checks=True, HTTP_HOST=host_of(route, own))
            answers[route.pattern] = client.post(route.address(own), {"post": "yes"}, **environ)

    tally(requests=len(answers))
    assert {at: each.status_code for at, each in answers.items() if each.status_code != 403} == {}
    assert digests(without=LEFT_BY_SESSIONS) == before
