"""All that somebody may not do at the addresses of a site, tried; and what came of it."""

from tests.security.knocking import REFUSALS, host_of, is_refused, knock, may, sees
from tests.security.routes import SITE, Guard, routes

# By it a session ends, and every request after it is a stranger's.
LOG_OUT = "logout"


def unexpected(everybody, methods, worlds):
    """Try all that is forbidden; returns what is wrong, and how many requests that were."""
    own, tried, problems = worlds[0], 0, []
    for name, identity in everybody.items():
        for route, method in _forbidden(identity, methods):
            host = host_of(route, own)
            answer = knock(identity, route.address(own), host=host, method=method)
            tried += 1
            if problem := _problem_of(identity, route, answer, worlds):
                problems.append((name, method, route.pattern, answer.status, problem))
    return problems, tried


def _forbidden(identity, methods):
    """Yield what somebody may not do, and what is open to everybody without doing anything."""
    for route in routes():
        open_to_all = route.guard in {Guard.OPEN, Guard.DOOR, Guard.LEADS_ON}
        # No console reads this header: one method is enough.
        useless = identity.authorization and route.conf == SITE
        for method in methods[:1] if useless else methods:
            if route.name != LOG_OUT and (open_to_all or not may(identity, route, method)):
                yield route, method


def _problem_of(identity, route, answer, worlds):
    """Return what is wrong with the answer to somebody who may not have one; "" for nothing."""
    own, other = worlds
    if answer.status >= 500:
        return "failed"
    shown = sees(identity, route)
    words = other.words if shown else own.words + other.words
    if any(word in answer.said for word in words):
        return "told"
    if route.guard in REFUSALS and not shown and not is_refused(identity, route, answer):
        return "opened"
    return ""
