"""Requests as a server gets them, without a browser's kindness: and what must come of each."""

from functools import cache
from io import BytesIO
from typing import NamedTuple

from django.test import RequestFactory
from django.test.client import ClientHandler

from tenants.context import enter_public
from tests.omnichat.console_routes import EXPECTED
from tests.security.routes import MACHINES, Guard

METHODS = ("GET", "POST")
OTHER_METHODS = ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
MACHINES_HOST = "testserver"
READING = {"GET", "HEAD", "OPTIONS"}
REFUSALS = {
    Guard.PANEL: {401, 404, 405},
    Guard.FORGE: {401, 403, 405},
    Guard.PAGE: {401, 403, 405},
    Guard.KEY: {403, 404, 405, 429},
    Guard.CONSOLE: {403, 404, 405},
    Guard.OPERATOR: {403, 404, 405},
}
LOGINS = {Guard.CONSOLE: "/admin/login/", Guard.OPERATOR: "/operator/"}


class Answer(NamedTuple):
    """A status, where it leads, and all that is said: headers and body."""

    status: int
    location: str
    said: str


@cache
def _server():
    return ClientHandler(enforce_csrf_checks=False)


def knock(identity, address, *, host, method="GET", body=b"", **environment):
    """Send a request as a server hands it on."""
    carried = {"HTTP_HOST": host, **environment}
    if identity.authorization:
        carried["HTTP_AUTHORIZATION"] = identity.authorization
    if identity.cookie:
        carried["HTTP_COOKIE"] = identity.cookie
    kind = carried.pop("content_type", "application/x-www-form-urlencoded")
    request = RequestFactory().generic(method, address, body, kind, **carried).environ
    request["QUERY_STRING"] = identity.query or request["QUERY_STRING"]
    request["wsgi.input"] = BytesIO(body)
    enter_public()
    answer = _server()(request)
    content = b"".join(answer) if answer.streaming else answer.content
    enter_public()
    said = b"\n".join([content, answer.serialize_headers()]).decode(errors="replace")
    return Answer(answer.status_code, answer.headers.get("Location", ""), said)


def host_of(route, world):
    return MACHINES_HOST if route.conf == MACHINES else world.site.host


def may(identity, route, method):
    """Whether somebody may do what a request of this method asks of an address."""
    opens = {
        Guard.PANEL: identity.session == "own",
        Guard.FORGE: identity.fit == "forge",
        Guard.PAGE: identity.fit in {"forge", "page"},
        Guard.KEY: False,
        Guard.OPERATOR: identity.operator,
        Guard.CONSOLE: bool(identity.letter) and identity.letter in _letters(route, method),
    }
    return opens.get(route.guard, True)


def sees(identity, route):
    """Whether a page of a console is shown to somebody who may do nothing on it."""
    return route.guard is Guard.CONSOLE and may(identity, route, "GET")


def is_refused(identity, route, answer):
    """Whether an answer is a refusal, and the one that the address gives to such a caller."""
    status, location, _said = answer
    if status == 302 and location.startswith(LOGINS.get(route.guard, "nowhere")):
        return True
    if identity.letter and status == 302 and route.guard is Guard.CONSOLE:
        return "/login/" not in location and not any(c.isdigit() for c in location)
    return status in REFUSALS[route.guard] and (status != 401 or is_stranger(identity, route))


def is_stranger(identity, route):
    """Whether a request carries nothing that is valid: only then is 401 said."""
    return not (identity.session if route.guard is Guard.PANEL else identity.fit)


def _letters(route, method):
    if route.name not in EXPECTED:
        return "OCA"
    rights = EXPECTED[route.name]
    return rights.see if method in READING else rights.do
