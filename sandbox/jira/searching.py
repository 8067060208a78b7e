"""REST of the platform's search, over an index that may be behind the truth."""

import os
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.jira.errors import platform_refusal
from sandbox.jira.gate import rest_routes
from sandbox.jira.issues import Issue, now_ms, property_values
from sandbox.jira.jql import JqlError, search
from sandbox.jira.shapes import platform_issue
from sandbox.jira.state import Caller, caller_of, json_object, sees

_MOST_FOUND = 5000
_MOST_PROPERTIES = 5


async def search_issues(request: Request) -> Response:
    caller = caller_of(request)
    body = await json_object(request)
    properties = body.get("properties", [])
    if len(properties) > _MOST_PROPERTIES:
        raise platform_refusal(400, f"At most {_MOST_PROPERTIES} properties can be asked for.")
    try:
        found = search(_indexed(caller), body.get("jql", ""))
    except JqlError as error:
        raise platform_refusal(400, str(error)) from None
    start = _start(body.get("nextPageToken", "0"))
    limit = max(1, min(_MOST_FOUND, body.get("maxResults", 50)))
    fields = set(body.get("fields") or ["id"])
    page = found[start : start + limit]
    shown = [_found(caller, issue, fields, properties) for issue in page]
    answer: dict[str, Any] = {"issues": shown, "isLast": start + limit >= len(found)}
    if not answer["isLast"]:
        answer["nextPageToken"] = str(start + limit)
    return JSONResponse(answer)


def _start(token: str) -> int:
    if not token.isdecimal():
        raise platform_refusal(400, "The nextPageToken is invalid.")
    return int(token)


def _indexed(caller: Caller) -> list[Issue]:
    """Return the issues as the search index has them."""
    lag = float(os.environ.get("SANDBOX_INDEX_LAG", "0")) * 1000
    seen_until = now_ms() - lag
    return [
        _as_of(issue, seen_until)
        for issue in caller.jira.issues.all(caller.site)
        if sees(caller.person, issue) and issue["created"] <= seen_until
    ]


def _as_of(issue: Issue, moment: float) -> Issue:
    """Return an issue as it was: its status, its last change and its properties."""
    known = {k: v for k, v in issue["properties"].items() if v["set_at"] <= moment}
    history = [entry for entry in issue["history"] if entry["created"] <= moment]
    status = issue["status"]
    for entry in reversed(issue["history"][len(history) :]):
        status = next((e["from"] for e in entry["items"] if e["field"] == "status"), status)
    if issue["updated"] <= moment:
        updated = issue["updated"]
    else:
        changes = [entry["created"] for entry in (*history, *issue["comments"])]
        updated = max([issue["created"], *(at for at in changes if at <= moment)])
    then = {"properties": known, "history": history, "status": status, "updated": updated}
    return {**issue, **then}


def _found(caller: Caller, issue: Issue, fields: set[str], properties: list[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": issue["id"]}
    if fields != {"id"}:
        shown = platform_issue(caller.jira.people, caller.site, issue, fields)
    if properties:
        values = property_values(issue)
        shown["properties"] = {key: values[key] for key in properties if key in values}
    return shown


routes = rest_routes({"POST api/3/search/jql": search_issues})
