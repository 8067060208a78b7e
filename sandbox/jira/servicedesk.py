"""REST of the service desk: desks, request types and requests."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.jira.errors import jsm_refusal
from sandbox.jira.fields import Field, schema, value_problem
from sandbox.jira.gate import rest_routes
from sandbox.jira.paging import jsm_page
from sandbox.jira.people import Person, permissions_of
from sandbox.jira.request_types import RequestType
from sandbox.jira.shapes import adf_text, jsm_request, jsm_status
from sandbox.jira.state import Caller, caller_of, json_object, visible_issue
from sandbox.jira.workflow import DESKS, Desk


async def list_desks(request: Request) -> Response:
    caller = caller_of(request)
    shown = [_desk(desk) for desk in DESKS.values() if _sees(caller, desk)]
    return JSONResponse(jsm_page(request, shown))


async def get_desk(request: Request) -> Response:
    return JSONResponse(_desk(wanted_desk(caller_of(request), request)))


async def list_request_types(request: Request) -> Response:
    caller = caller_of(request)
    desk = wanted_desk(caller, request)
    searched = request.query_params.get("searchQuery", "").lower()
    kinds = [
        _kind(kind)
        for kind in caller.jira.kinds.of_desk(caller.site, desk.id)
        if searched in f"{kind.name} {kind.description}".lower()
    ]
    return JSONResponse(jsm_page(request, kinds))


async def get_request_type(request: Request) -> Response:
    caller = caller_of(request)
    desk = wanted_desk(caller, request)
    return JSONResponse(_kind(_wanted_kind(caller, desk, request.path_params["kind"])))


async def list_fields(request: Request) -> Response:
    caller = caller_of(request)
    desk = wanted_desk(caller, request)
    kind = _wanted_kind(caller, desk, request.path_params["kind"])
    agent = "SERVICEDESK_AGENT" in permissions_of(caller.person, desk.project_key)
    shown = [_field(field, required=field.id in kind.required) for field in kind.fields]
    return JSONResponse(
        {
            "requestTypeFields": shown,
            "canRaiseOnBehalfOf": agent,
            "canAddRequestParticipants": agent,
        }
    )


async def create_request(request: Request) -> Response:
    caller = caller_of(request)
    body = await json_object(request)
    desk = DESKS.get(body["serviceDeskId"])
    if desk is None or not _sees(caller, desk):
        text = "The service desk does not exist or you may not see it."
        raise jsm_refusal(400, text, "sd.validation.service.desk.missing")
    kind = _wanted_kind(caller, desk, body["requestTypeId"], status=400)
    adf = body.get("isAdfRequest", False)
    fields = _checked_fields(caller, kind, body["requestFieldValues"], adf=adf)
    reporter = _reporter(caller, desk, body.get("raiseOnBehalfOf"))
    issue = caller.jira.issues.create(caller.site, kind, fields=fields, reporter=reporter)
    shown = jsm_request(caller.jira.people, caller.site, issue)
    return JSONResponse(shown, status_code=201)


async def get_request(request: Request) -> Response:
    caller = caller_of(request)
    issue = visible_issue(caller, request.path_params["issue"])
    return JSONResponse(jsm_request(caller.jira.people, caller.site, issue))


async def get_request_status(request: Request) -> Response:
    issue = visible_issue(caller_of(request), request.path_params["issue"])
    return JSONResponse(jsm_page(request, [jsm_status(issue)]))


def wanted_desk(caller: Caller, request: Request) -> Desk:
    """Return the service desk of the path; one the caller may not see is like none."""
    desk = DESKS.get(request.path_params["desk"])
    if desk is None or not _sees(caller, desk):
        text = "The service desk does not exist or you may not see it."
        raise jsm_refusal(404, text, "sd.validation.service.desk.missing")
    return desk


def _sees(caller: Caller, desk: Desk) -> bool:
    return "BROWSE_PROJECTS" in permissions_of(caller.person, desk.project_key)


def _wanted_kind(caller: Caller, desk: Desk, kind_id: str, *, status: int = 404) -> RequestType:
    kind = caller.jira.kinds.get(caller.site, kind_id)
    if kind is None or kind.desk_id != desk.id:
        text = "The request type does not exist at this service desk."
        raise jsm_refusal(status, text, "sd.validation.request.type.missing")
    return kind


def _checked_fields(
    caller: Caller, kind: RequestType, given: dict[str, Any], *, adf: bool
) -> dict[str, Any]:
    """Return the values that are kept: of a document, its plain text."""
    known = {field.id for field in kind.fields}
    problems = [f"Field '{name}' is not on this request type." for name in given.keys() - known]
    accounts = {who.account_id for who in caller.jira.people.all(caller.site) if who.active}
    for field in kind.fields:
        value = given.get(field.id)
        problem = None
        if value in (None, "", {}, []):
            problem = "is required." if field.id in kind.required else None
        else:
            problem = value_problem(field, value, adf=adf, accounts=accounts)
            if problem is None and _is_empty_text(field, value, adf=adf):
                problem = "is required."
        if problem:
            problems.append(f"{field.name}: {problem}")
    if problems:
        raise jsm_refusal(400, " ".join(sorted(problems)), "sd.validation.request.fields")
    return {
        name: adf_text(value) if isinstance(value, dict) and value.get("type") == "doc" else value
        for name, value in given.items()
        if value is not None
    }


def _is_empty_text(field: Field, value: Any, *, adf: bool) -> bool:
    return field.is_rich and adf and not adf_text(value).strip()


def _reporter(caller: Caller, desk: Desk, account_id: str | None) -> Person:
    if account_id is None:
        return caller.person
    if "SERVICEDESK_AGENT" not in permissions_of(caller.person, desk.project_key):
        text = "Only agents may raise requests for others."
        raise jsm_refusal(403, text, "sd.request.raise.on.behalf.forbidden")
    people, site = caller.jira.people, caller.site
    person = people.get(site, account_id)
    if person is None or not person.active:
        text = "The account in raiseOnBehalfOf does not exist or is not active."
        raise jsm_refusal(400, text, "sd.request.raise.on.behalf.unknown")
    stranger = person.account_type == "customer" and desk.restricted
    if stranger and not people.is_customer_of(site, desk.id, account_id):
        text = "The customer does not have permission to raise requests here."
        raise jsm_refusal(400, text, "sd.request.raise.on.behalf.not.customer")
    return person


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


def _field(field: Field, *, required: bool) -> dict[str, Any]:
    return {
        "fieldId": field.id,
        "name": field.name,
        "description": "",
        "required": required,
        "defaultValues": [],
        "validValues": [
            {"value": value, "label": label, "children": []} for value, label in field.choices
        ],
        "presetValues": [],
        "jiraSchema": schema(field),
        "visible": True,
    }


routes = rest_routes(
    {
        "GET servicedeskapi/servicedesk": list_desks,
        "GET servicedeskapi/servicedesk/{desk}": get_desk,
        "GET servicedeskapi/servicedesk/{desk}/requesttype": list_request_types,
        "GET servicedeskapi/servicedesk/{desk}/requesttype/{kind}": get_request_type,
        "GET servicedeskapi/servicedesk/{desk}/requesttype/{kind}/field": list_fields,
        "POST servicedeskapi/request": create_request,
        "GET servicedeskapi/request/{issue}": get_request,
        "GET servicedeskapi/request/{issue}/status": get_request_status,
    }
)
