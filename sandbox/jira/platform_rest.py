"""REST of the platform for an issue: its fields, properties and transitions."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.jira.documents import document_problem
from sandbox.jira.errors import Refused, platform_refusal
from sandbox.jira.fields import FIELDS, value_problem
from sandbox.jira.gate import rest_routes
from sandbox.jira.issues import property_values
from sandbox.jira.people import permissions_of
from sandbox.jira.shapes import adf_text, platform_issue
from sandbox.jira.state import Caller, caller_of, json_object, visible_issue
from sandbox.jira.workflow import (
    CATEGORIES,
    STATUSES,
    platform_status,
    status_by_id,
    transitions_from,
)

_MAX_PROPERTY = 32_768
_MAX_PROPERTY_KEY = 255


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


async def edit_issue(request: Request) -> Response:
    caller = caller_of(request)
    issue = visible_issue(caller, request.path_params["issue"])
    caller.demand("EDIT_ISSUES", issue["project"])
    body = await json_object(request)
    given, properties = body.get("fields", {}), body.get("properties", [])
    if not given and not properties:
        raise platform_refusal(400, "one of 'fields' or 'update' required")
    changes = _checked_changes(caller, issue["project"], given)
    reporter = changes.pop("reporter", None)
    for each in properties:
        _check_property(str(each.get("key", "")), str(each.get("value")))
    caller.jira.issues.edit(caller.site, issue, changes, reporter=reporter, by=caller.person)
    for each in properties:
        caller.jira.issues.set_property(caller.site, issue, each["key"], each.get("value"))
    return Response(status_code=204)


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
    key, raw = request.path_params["key"], await request.body()
    _check_property(key, raw.decode(errors="replace"))
    value = await request.json()
    is_new = caller.jira.issues.set_property(caller.site, issue, key, value)
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
    wanted = request.query_params.get("transitionId")
    shown = [
        {"id": number, "name": target.name, "to": platform_status(target), "isAvailable": True}
        for number, target in targets.items()
        if wanted in {None, number}
    ]
    return JSONResponse({"expand": "transitions", "transitions": shown})


async def make_transition(request: Request) -> Response:
    caller = caller_of(request)
    issue = visible_issue(caller, request.path_params["issue"])
    caller.demand("TRANSITION_ISSUES", issue["project"])
    wanted = (await json_object(request))["transition"].get("id", "")
    target = transitions_from(status_by_id(issue["status"])).get(wanted)
    if target is None:
        raise platform_refusal(400, "The transition is not valid for the issue's status.")
    # No event: the manifest asks Forge to leave out what the app did itself, with either token.
    caller.jira.issues.transition(caller.site, issue, target, caller.person)
    return Response(status_code=204)


async def list_statuses(_request: Request) -> Response:
    return JSONResponse([platform_status(status) for status in STATUSES])


async def list_categories(_request: Request) -> Response:
    return JSONResponse(
        [
            {"id": number, "key": key, "name": name, "colorName": color}
            for key, (number, name, color) in CATEGORIES.items()
        ]
    )


def _names(text: str | None) -> set[str]:
    return {name.strip() for name in (text or "").split(",") if name.strip()}


def _check_property(key: str, text: str) -> None:
    if not key or len(key) > _MAX_PROPERTY_KEY:
        raise platform_refusal(400, f"A property's key has at most {_MAX_PROPERTY_KEY} characters.")
    if len(text) > _MAX_PROPERTY:
        raise platform_refusal(400, f"A property has at most {_MAX_PROPERTY} characters.")


def _checked_changes(caller: Caller, project: str, given: dict[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, value in given.items():
        if name == "reporter":
            caller.demand("MODIFY_REPORTER", project)
            changes[name], problem = _account(caller, value)
        elif name not in FIELDS:
            problem = (
                f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
            )
        else:
            problem = _value_problem(caller, name, value)
            changes[name] = adf_text(value) if FIELDS[name].is_rich else value
        if problem:
            problems[name] = problem
    if problems:
        raise Refused(400, {"errorMessages": [], "errors": problems})
    return changes


def _account(caller: Caller, value: Any) -> tuple[str, str | None]:
    """Return the account a user field names, and what is wrong with it."""
    given = value if isinstance(value, dict) else {}
    named = given.get("accountId") or given.get("id")
    if given.keys() - {"accountId", "id"} or not isinstance(named, str):
        return "", "data was not an object with an accountId"
    person = caller.jira.people.get(caller.site, named)
    if person is None or not person.active:
        return "", "The reporter specified is not a user."
    return named, None


def _value_problem(caller: Caller, name: str, value: Any) -> str | None:
    field = FIELDS[name]
    if field.is_rich:
        return document_problem(value)
    accounts = {who.account_id for who in caller.jira.people.all(caller.site) if who.active}
    return value_problem(field, value, adf=True, accounts=accounts)


routes = rest_routes(
    {
        "GET api/3/issue/{issue}": get_issue,
        "PUT api/3/issue/{issue}": edit_issue,
        "GET api/3/issue/{issue}/properties": list_properties,
        "GET api/3/issue/{issue}/properties/{key}": get_property,
        "PUT api/3/issue/{issue}/properties/{key}": put_property,
        "DELETE api/3/issue/{issue}/properties/{key}": delete_property,
        "GET api/3/issue/{issue}/transitions": list_transitions,
        "POST api/3/issue/{issue}/transitions": make_transition,
        "GET api/3/status": list_statuses,
        "GET api/3/statuscategory": list_categories,
    }
)
