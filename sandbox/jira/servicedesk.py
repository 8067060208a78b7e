"""REST of the service desk: desks, request types, customers and requests."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.jira.errors import jsm_refusal
from sandbox.jira.people import ALL_PERMISSIONS, APP, Person, jsm_user, permissions_of
from sandbox.jira.shapes import adf_text, jsm_request, jsm_status
from sandbox.jira.state import Caller, caller_of, json_object, visible_issue
from sandbox.jira.workflow import (
    DESKS,
    MAX_SUMMARY,
    MAX_TEXT,
    REQUEST_TYPES,
    Desk,
    Field,
    RequestType,
)

_PREFIX = "/ex/jira/{cloud_id}/rest/servicedeskapi"


async def list_desks(request: Request) -> Response:
    caller_of(request)
    return JSONResponse(_page(request, [_desk(desk) for desk in DESKS.values()]))


async def get_desk(request: Request) -> Response:
    caller_of(request)
    return JSONResponse(_desk(_wanted_desk(request)))


async def list_request_types(request: Request) -> Response:
    caller_of(request)
    desk = _wanted_desk(request)
    kinds = [_kind(kind) for kind in REQUEST_TYPES.values() if kind.desk_id == desk.id]
    return JSONResponse(_page(request, kinds))


async def list_fields(request: Request) -> Response:
    caller_of(request)
    kind = _wanted_kind(_wanted_desk(request), request.path_params["kind"])
    return JSONResponse(
        {
            "requestTypeFields": [_field(field) for field in kind.fields],
            "canRaiseOnBehalfOf": True,
            "canAddRequestParticipants": True,
        }
    )


async def create_request(request: Request) -> Response:
    caller = caller_of(request)
    body = await json_object(request)
    desk = DESKS.get(str(body.get("serviceDeskId")))
    if desk is None:
        text = "The service desk does not exist."
        raise jsm_refusal(400, text, "sd.validation.service.desk.missing")
    if "BROWSE_PROJECTS" not in permissions_of(caller.person, desk.project_key):
        raise jsm_refusal(403, "You cannot raise requests here.", "sd.request.create.forbidden")
    kind = _wanted_kind(desk, str(body.get("requestTypeId")), status=400)
    fields = _checked_fields(kind, _plain_values(body))
    reporter = _reporter(caller, desk, body.get("raiseOnBehalfOf"))
    issue = caller.jira.issues.create(caller.site, kind, fields=fields, reporter=reporter)
    shown = jsm_request(caller.jira.people, caller.site, issue)
    return JSONResponse(shown, status_code=201)


async def get_request(request: Request) -> Response:
    caller = caller_of(request)
    issue = visible_issue(caller, request.path_params["issue"], jsm=True)
    return JSONResponse(jsm_request(caller.jira.people, caller.site, issue))


async def get_request_status(request: Request) -> Response:
    caller = caller_of(request)
    issue = visible_issue(caller, request.path_params["issue"], jsm=True)
    return JSONResponse(_page(request, [jsm_status(issue)]))


async def create_customer(request: Request) -> Response:
    caller = caller_of(request)
    allowed = caller.site.creates_customers if caller.person == APP else _administers(caller)
    if not allowed:
        text = "This action needs the global permission Jira Administrators."
        raise jsm_refusal(403, text, "sd.customer.create.forbidden")
    body = await json_object(request)
    email = str(body.get("email") or "")
    if email.count("@") != 1 or " " in email:
        raise jsm_refusal(400, "The email address is not valid.", "sd.customer.email.invalid")
    if caller.jira.people.by_email(caller.site, email):
        strict = request.query_params.get("strictConflictStatusCode") == "true"
        text = "An account already exists for this email address."
        raise jsm_refusal(409 if strict else 400, text, "sd.customer.email.exists")
    name = str(body.get("displayName") or body.get("fullName") or email)
    person = caller.jira.people.create_customer(caller.site, name=name, email=email)
    return JSONResponse(jsm_user(person), status_code=201)


async def add_customers(request: Request) -> Response:
    caller = caller_of(request)
    _wanted_desk(request)
    body = await json_object(request)
    for account_id in body.get("accountIds") or []:
        if caller.jira.people.get(caller.site, str(account_id)) is None:
            raise jsm_refusal(400, "There is no such account.", "sd.customer.unknown")
    return Response(status_code=204)


def _wanted_desk(request: Request) -> Desk:
    desk = DESKS.get(request.path_params["desk"])
    if desk is None:
        text = "The service desk does not exist."
        raise jsm_refusal(404, text, "sd.validation.service.desk.missing")
    return desk


def _wanted_kind(desk: Desk, kind_id: str, *, status: int = 404) -> RequestType:
    kind = REQUEST_TYPES.get(kind_id)
    if kind is None or kind.desk_id != desk.id:
        text = "The request type does not exist at this service desk."
        raise jsm_refusal(status, text, "sd.validation.request.type.missing")
    return kind


def _plain_values(body: dict[str, Any]) -> Any:
    """Return the fields; with isAdfRequest, rich text is a document, kept as its plain text."""
    values = body.get("requestFieldValues")
    if body.get("isAdfRequest") is not True or not isinstance(values, dict):
        return values
    return {
        name: adf_text(value) if isinstance(value, dict) and value.get("type") == "doc" else value
        for name, value in values.items()
    }


def _checked_fields(kind: RequestType, values: Any) -> dict[str, Any]:
    given = values if isinstance(values, dict) else {}
    known = {field.id for field in kind.fields}
    problems = [f"Field '{name}' is not on this request type." for name in given.keys() - known]
    for field in kind.fields:
        problem = _problem_with(field, given.get(field.id))
        if problem:
            problems.append(problem)
    if problems:
        raise jsm_refusal(400, " ".join(sorted(problems)), "sd.validation.request.fields")
    return given


def _problem_with(field: Field, value: Any) -> str | None:
    if value in (None, "", {}):
        return f"{field.name} is required." if field.required else None
    if field.choices:
        chosen = value if isinstance(value, dict) else {}
        valid = {name for choice in field.choices for name in choice}
        picked = chosen.get("id") or chosen.get("value")
        return None if picked in valid else f"{field.name} has no such option."
    if not isinstance(value, str):
        return f"{field.name} must be text."
    if field.id == "summary" and ("\n" in value or "\r" in value or len(value) > MAX_SUMMARY):
        return f"{field.name} must be one line of at most {MAX_SUMMARY} characters."
    if len(value) > MAX_TEXT:
        return f"{field.name} has more than {MAX_TEXT} characters."
    return None if value.strip() else f"{field.name} is required."


def _reporter(caller: Caller, desk: Desk, account_id: Any) -> Person:
    if account_id is None:
        return caller.person
    if "SERVICEDESK_AGENT" not in permissions_of(caller.person, desk.project_key):
        text = "Only agents may raise requests for others."
        raise jsm_refusal(403, text, "sd.request.raise.on.behalf.forbidden")
    person = caller.jira.people.get(caller.site, str(account_id))
    if person is None:
        text = "The account in raiseOnBehalfOf does not exist."
        raise jsm_refusal(400, text, "sd.request.raise.on.behalf.unknown")
    return person


def _administers(caller: Caller) -> bool:
    return permissions_of(caller.person, "SUP") >= ALL_PERMISSIONS


def _desk(desk: Desk) -> dict[str, Any]:
    return {
        "id": desk.id,
        "projectId": desk.project_id,
        "projectName": desk.project_name,
        "projectKey": desk.project_key,
        "projectTypeKey": "service_desk",
    }


def _kind(kind: RequestType) -> dict[str, Any]:
    return {
        "id": kind.id,
        "name": kind.name,
        "description": kind.description,
        "helpText": "",
        "issueTypeId": "10110",
        "serviceDeskId": kind.desk_id,
        "portalId": kind.desk_id,
        "groupIds": ["1"],
        "canCreateRequest": True,
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        "fieldId": field.id,
        "name": field.name,
        "description": "",
        "required": field.required,
        "defaultValues": [],
        "validValues": [
            {"value": value, "label": label, "children": []} for value, label in field.choices
        ],
        "presetValues": [],
        "jiraSchema": {"type": "option"} if field.choices else {"type": "string"},
        "visible": True,
    }


def _page(request: Request, values: list[dict[str, Any]]) -> dict[str, Any]:
    try:
        start = max(0, int(request.query_params.get("start", "0")))
        limit = min(100, max(1, int(request.query_params.get("limit", "50"))))
    except ValueError:
        raise jsm_refusal(400, "start and limit are numbers.", "sd.paging.invalid") from None
    part = values[start : start + limit]
    return {
        "_expands": [],
        "size": len(part),
        "start": start,
        "limit": limit,
        "isLastPage": start + limit >= len(values),
        "values": part,
    }


routes = [
    Route(f"{_PREFIX}/servicedesk", list_desks),
    Route(f"{_PREFIX}/servicedesk/{{desk}}", get_desk),
    Route(f"{_PREFIX}/servicedesk/{{desk}}/requesttype", list_request_types),
    Route(f"{_PREFIX}/servicedesk/{{desk}}/requesttype/{{kind}}/field", list_fields),
    Route(f"{_PREFIX}/servicedesk/{{desk}}/customer", add_customers, methods=["POST"]),
    Route(f"{_PREFIX}/customer", create_customer, methods=["POST"]),
    Route(f"{_PREFIX}/request", create_request, methods=["POST"]),
    Route(f"{_PREFIX}/request/{{issue}}", get_request),
    Route(f"{_PREFIX}/request/{{issue}}/status", get_request_status),
]
