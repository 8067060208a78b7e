"""REST of the platform: issues, properties, transitions, search, permissions and users."""

import json
import os
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.jira.errors import platform_refusal
from sandbox.jira.issues import Issue, now_ms, property_values
from sandbox.jira.jql import JqlError, search
from sandbox.jira.people import ALL_PERMISSIONS, permissions_of, platform_user
from sandbox.jira.shapes import platform_issue
from sandbox.jira.state import Caller, caller_of, json_object, visible_issue
from sandbox.jira.workflow import (
    CATEGORIES,
    DESKS,
    STATUSES,
    platform_status,
    status_by_id,
    transitions_from,
)

_PREFIX = "/ex/jira/{cloud_id}/rest/api/3"
_MAX_PROPERTY = 32_768
_GLOBAL = {"ADMINISTER"}


async def get_issue(request: Request) -> Response:
    caller = caller_of(request)
    issue = visible_issue(caller, request.path_params["issue"])
    fields = _names(request.query_params.get("fields")) or {"*all"}
    shown = platform_issue(caller.jira.people, caller.site, issue, fields)
    wanted = _names(request.query_params.get("properties"))
    if wanted:
        values = property_values(issue)
        every = "*all" in wanted
        shown["properties"] = {k: v for k, v in values.items() if every or k in wanted}
    return JSONResponse(shown)


async def list_properties(request: Request) -> Response:
    issue = visible_issue(caller_of(request), request.path_params["issue"])
    return JSONResponse({"keys": [{"key": key} for key in issue["properties"]]})


async def get_property(request: Request) -> Response:
    issue = visible_issue(caller_of(request), request.path_params["issue"])
    key = request.path_params["key"]
    if key not in issue["properties"]:
        raise platform_refusal(404, f"The property {key} does not exist.")
    return JSONResponse({"key": key, "value": issue["properties"][key]["value"]})


async def put_property(request: Request) -> Response:
    caller = caller_of(request)
    issue = visible_issue(caller, request.path_params["issue"])
    caller.demand("EDIT_ISSUES", issue["project"])
    raw = await request.body()
    try:
        value = json.loads(raw)
    except ValueError:
        raise platform_refusal(400, "The property's value is not JSON.") from None
    if len(raw) > _MAX_PROPERTY:
        raise platform_refusal(400, f"A property has at most {_MAX_PROPERTY} characters.")
    is_new = caller.jira.issues.set_property(caller.site, issue, request.path_params["key"], value)
    return Response(status_code=201 if is_new else 200)


async def delete_property(request: Request) -> Response:
    caller = caller_of(request)
    issue = visible_issue(caller, request.path_params["issue"])
    caller.demand("EDIT_ISSUES", issue["project"])
    if issue["properties"].pop(request.path_params["key"], None) is None:
        raise platform_refusal(404, "The property does not exist.")
    caller.jira.issues.save(caller.site, issue)
    return Response(status_code=204)


async def list_transitions(request: Request) -> Response:
    caller = caller_of(request)
    issue = visible_issue(caller, request.path_params["issue"])
    allowed = "TRANSITION_ISSUES" in permissions_of(caller.person, issue["project"])
    targets = transitions_from(status_by_id(issue["status"])) if allowed else {}
    shown = [
        {"id": number, "name": target.name, "to": platform_status(target), "isAvailable": True}
        for number, target in targets.items()
    ]
    return JSONResponse({"expand": "transitions", "transitions": shown})


async def make_transition(request: Request) -> Response:
    caller = caller_of(request)
    issue = visible_issue(caller, request.path_params["issue"])
    caller.demand("TRANSITION_ISSUES", issue["project"])
    body = await json_object(request)
    wanted = str((body.get("transition") or {}).get("id"))
    target = transitions_from(status_by_id(issue["status"])).get(wanted)
    if target is None:
        raise platform_refusal(400, "The transition is not valid for the issue's status.")
    # No event: the manifest asks Forge to leave out what the app did itself, with either token.
    caller.jira.issues.transition(caller.site, issue, target, caller.person)
    return Response(status_code=204)


async def search_issues(request: Request) -> Response:
    caller = caller_of(request)
    body = await json_object(request)
    try:
        found = search(_indexed(caller), str(body.get("jql") or ""))
        start = int(body.get("nextPageToken") or 0)
        limit = max(1, min(5000, int(body.get("maxResults") or 50)))
    except (JqlError, ValueError, TypeError) as error:
        raise platform_refusal(400, str(error)) from None
    fields = set(body.get("fields") or ["id"])
    page = found[start : start + limit]
    shown = [_found(caller, issue, fields, body.get("properties") or []) for issue in page]
    answer: dict[str, Any] = {"issues": shown, "isLast": start + limit >= len(found)}
    if not answer["isLast"]:
        answer["nextPageToken"] = str(start + limit)
    return JSONResponse(answer)


async def my_permissions(request: Request) -> Response:
    caller = caller_of(request)
    query = request.query_params
    wanted = _names(query.get("permissions"))
    if not wanted or wanted - ALL_PERMISSIONS:
        unknown = ", ".join(sorted(wanted - ALL_PERMISSIONS))
        raise platform_refusal(400, f"Unrecognized permission {unknown or '(none given)'}.")
    held = _held(caller, query.get("issueId") or query.get("issueKey"), query.get("projectKey"))
    shown = {
        key: {
            "id": str(index),
            "key": key,
            "name": key.replace("_", " ").capitalize(),
            "type": "GLOBAL" if key in _GLOBAL else "PROJECT",
            "havePermission": key in held,
        }
        for index, key in enumerate(sorted(wanted))
    }
    return JSONResponse({"permissions": shown})


async def myself(request: Request) -> Response:
    return JSONResponse(platform_user(caller_of(request).person))


async def get_user(request: Request) -> Response:
    caller = caller_of(request)
    person = caller.jira.people.get(caller.site, request.query_params.get("accountId", ""))
    if person is None:
        raise platform_refusal(404, "The user does not exist.")
    return JSONResponse(platform_user(person))


async def search_users(request: Request) -> Response:
    caller = caller_of(request)
    found = caller.jira.people.search(caller.site, request.query_params.get("query", ""))
    return JSONResponse([platform_user(person) for person in found])


async def list_statuses(request: Request) -> Response:
    caller_of(request)
    return JSONResponse([platform_status(status) for status in STATUSES])


async def list_categories(request: Request) -> Response:
    caller_of(request)
    return JSONResponse(
        [
            {"id": number, "key": key, "name": name, "colorName": color}
            for key, (number, name, color) in CATEGORIES.items()
        ]
    )


def _names(text: str | None) -> set[str]:
    return {name.strip() for name in (text or "").split(",") if name.strip()}


def _indexed(caller: Caller) -> list[Issue]:
    """Return the issues as the search index has them: it may lag behind the truth."""
    lag = float(os.environ.get("SANDBOX_INDEX_LAG", "0")) * 1000
    seen_until = now_ms() - lag
    visible: list[Issue] = []
    for issue in caller.jira.issues.all(caller.site):
        hidden = "BROWSE_PROJECTS" not in permissions_of(caller.person, issue["project"])
        if hidden or issue["created"] > seen_until:
            continue
        known = {k: v for k, v in issue["properties"].items() if v["set_at"] <= seen_until}
        visible.append({**issue, "properties": known})
    return visible


def _found(caller: Caller, issue: Issue, fields: set[str], properties: list[str]) -> dict[str, Any]:
    if fields == {"id"}:
        return {"id": issue["id"]}
    shown = platform_issue(caller.jira.people, caller.site, issue, fields)
    if properties:
        values = property_values(issue)
        shown["properties"] = {key: values[key] for key in properties if key in values}
    return shown


def _held(caller: Caller, issue_id: str | None, project: str | None) -> frozenset[str]:
    if issue_id:
        return permissions_of(caller.person, visible_issue(caller, issue_id)["project"])
    if project:
        return permissions_of(caller.person, project)
    # Without a place Jira answers whether the permission is held in any project.
    every = (permissions_of(caller.person, desk.project_key) for desk in DESKS.values())
    return frozenset().union(*every)


routes = [
    Route(f"{_PREFIX}/issue/{{issue}}", get_issue),
    Route(f"{_PREFIX}/issue/{{issue}}/properties", list_properties),
    Route(f"{_PREFIX}/issue/{{issue}}/properties/{{key}}", get_property),
    Route(f"{_PREFIX}/issue/{{issue}}/properties/{{key}}", put_property, methods=["PUT"]),
    Route(f"{_PREFIX}/issue/{{issue}}/properties/{{key}}", delete_property, methods=["DELETE"]),
    Route(f"{_PREFIX}/issue/{{issue}}/transitions", list_transitions),
    Route(f"{_PREFIX}/issue/{{issue}}/transitions", make_transition, methods=["POST"]),
    Route(f"{_PREFIX}/search/jql", search_issues, methods=["POST"]),
    Route(f"{_PREFIX}/mypermissions", my_permissions),
    Route(f"{_PREFIX}/myself", myself),
    Route(f"{_PREFIX}/user", get_user),
    Route(f"{_PREFIX}/user/search", search_users),
    Route(f"{_PREFIX}/status", list_statuses),
    Route(f"{_PREFIX}/statuscategory", list_categories),
]
