"""The one GraphQL mutation the app uses: a user's token for work in the background."""

import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.jira.people import APP, Person
from sandbox.jira.sites import Site
from sandbox.jira.state import Jira, jira_of, json_object

_MUTATION = "offlineUserAuthToken"
_TOKENS_PER_MINUTE = 1000
_WINDOW = 60
_INPUT = {"contextIds", "userId"}


class OfflineTokens:
    """Hands out users' tokens, as many a minute as Forge allows an app."""

    def __init__(self) -> None:
        self._given: deque[float] = deque()

    async def answer(self, request: Request) -> Response:
        """Answer the mutation, or refuse it as Atlassian's gateway does."""
        jira = jira_of(request)
        site = _site(jira, request.headers.get("authorization", "").removeprefix("Bearer "))
        if site is None:
            return _errors(401, "Unauthorized")
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            return _errors(415, "Unsupported Media Type")
        body = await json_object(request)
        variables = body.get("variables")
        wanted = variables.get("input") if isinstance(variables, dict) else None
        if _MUTATION not in str(body.get("query")):
            return _errors(400, "Unknown operation.")
        if not isinstance(wanted, dict) or wanted.keys() != _INPUT:
            return _errors(400, f"The input has {' and '.join(sorted(_INPUT))}.")
        if not self._may_give():
            return _errors(429, "Too many requests")
        return _outcome(jira, site, wanted)

    def _may_give(self) -> bool:
        now = time.time()
        while self._given and self._given[0] <= now - _WINDOW:
            self._given.popleft()
        if len(self._given) >= _TOKENS_PER_MINUTE:
            return False
        self._given.append(now)
        return True


def _site(jira: Jira, token: str) -> Site | None:
    """Return the site whose system token this is."""
    grant = jira.identity.check_api_token(token)
    site = jira.sites.by_cloud_id(grant.cloud_id) if grant else None
    if grant is None or site is None or not grant.holds_on(site):
        return None
    return site if grant.account_id == APP.account_id else None


def _outcome(jira: Jira, site: Site, wanted: Mapping[str, Any]) -> Response:
    person = jira.people.get(site, str(wanted["userId"]))
    if wanted["contextIds"] != [f"ari:cloud:jira::site/{site.cloud_id}"]:
        problem = "The context is not a site of this installation."
    elif not any(jira.scopes.values()):
        problem = "No scope of the app allows impersonation."
    elif person is None or not _may_be_lent(person):
        problem = "The user cannot be impersonated."
    else:
        token = jira.identity.mint_api_token(site, person.account_id, offline=True)
        return _result(token={"token": token, "ttl": site.token_seconds})
    return _result(problem=problem)


def _may_be_lent(person: Person) -> bool:
    return person.active and person != APP


def _result(*, token: dict[str, Any] | None = None, problem: str = "") -> Response:
    result = {
        "success": token is not None,
        "errors": [{"message": problem}] if problem else None,
        "authToken": token,
    }
    return JSONResponse({"data": {_MUTATION: result}})


def _errors(status: int, message: str) -> Response:
    return JSONResponse({"errors": [{"message": message}]}, status_code=status)


def graphql_routes() -> list[Route]:
    """Return the route of Atlassian's GraphQL."""
    return [Route("/graphql", OfflineTokens().answer, methods=["POST"])]
