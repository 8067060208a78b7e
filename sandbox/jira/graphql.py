"""The one GraphQL mutation the app uses: a user's token for work in the background."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.jira.people import APP
from sandbox.jira.state import jira_of, json_object

_OFFLINE_SECONDS = 3600


async def answer(request: Request) -> Response:
    jira = jira_of(request)
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    grant = jira.identity.check_api_token(token)
    site = jira.sites.by_cloud_id(grant.cloud_id) if grant else None
    if grant is None or site is None or not site.installed or grant.account_id != APP.account_id:
        return JSONResponse({"errors": [{"message": "Unauthorized"}]}, status_code=401)
    body = await json_object(request)
    if "offlineUserAuthToken" not in str(body.get("query")):
        return JSONResponse({"errors": [{"message": "Unknown operation."}]}, status_code=400)
    wanted = (body.get("variables") or {}).get("input") or {}
    if wanted.get("contextIds") != [f"ari:cloud:jira::site/{site.cloud_id}"]:
        return _outcome(errors="The context is not a site of this installation.")
    person = jira.people.get(site, str(wanted.get("userId")))
    if person is None or person == APP:
        return _outcome(errors="The user cannot be impersonated.")
    minted = jira.identity.mint_api_token(site, person.account_id)
    return _outcome(token={"token": minted, "ttl": _OFFLINE_SECONDS})


def _outcome(*, token: dict[str, Any] | None = None, errors: str | None = None) -> Response:
    result = {
        "success": token is not None,
        "errors": [{"message": errors}] if errors else None,
        "authToken": token,
    }
    return JSONResponse({"data": {"offlineUserAuthToken": result}})


routes = [Route("/graphql", answer, methods=["POST"])]
