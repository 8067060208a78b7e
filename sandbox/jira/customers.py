"""REST for people: customers of the service desk, users, and what the caller may do."""

import re

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.jira.errors import jsm_refusal, platform_refusal
from sandbox.jira.gate import rest_routes
from sandbox.jira.paging import window
from sandbox.jira.people import APP, KNOWN_PERMISSIONS, jsm_user, permissions_of, platform_user
from sandbox.jira.servicedesk import wanted_desk
from sandbox.jira.state import Caller, caller_of, json_object, visible_issue
from sandbox.jira.workflow import DESKS

_ADDRESS = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]+")
_GLOBAL = {"ADMINISTER", "SYSTEM_ADMIN", "USER_PICKER"}
_MOST_USERS = 1000


async def create_customer(request: Request) -> Response:
    caller = caller_of(request)
    _require_administrator(caller)
    body = await json_object(request)
    email = body["email"]
    if not _ADDRESS.fullmatch(email):
        raise jsm_refusal(400, "The email address is not valid.", "sd.customer.email.invalid")
    if caller.jira.people.by_email(caller.site, email):
        strict = request.query_params.get("strictConflictStatusCode") == "true"
        text = "An account already exists for this email address."
        raise jsm_refusal(409 if strict else 400, text, "sd.customer.email.exists")
    name = body.get("displayName") or body.get("fullName") or email
    person = caller.jira.people.create_customer(caller.site, name=name, email=email)
    return JSONResponse(jsm_user(person), status_code=201)


async def add_customers(request: Request) -> Response:
    caller = caller_of(request)
    desk = wanted_desk(caller, request)
    _require_administrator(caller)
    account_ids = (await json_object(request))["accountIds"]
    people, site = caller.jira.people, caller.site
    found = [people.get(site, account_id) for account_id in account_ids]
    if not account_ids or not all(person and person.active for person in found):
        raise jsm_refusal(400, "There is no such account.", "sd.customer.unknown")
    for account_id in account_ids:
        people.add_to_desk(site, desk.id, account_id)
    return Response(status_code=204)


async def my_permissions(request: Request) -> Response:
    caller = caller_of(request)
    query = request.query_params
    named = query.get("permissions", "").split(",")
    wanted = {name.strip() for name in named if name.strip()}
    if not wanted or wanted - KNOWN_PERMISSIONS:
        unknown = ", ".join(sorted(wanted - KNOWN_PERMISSIONS))
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
    person = caller.jira.people.get(caller.site, request.query_params["accountId"])
    if person is None:
        text = f"User does not exist: {request.query_params['accountId']}"
        raise platform_refusal(404, text)
    return JSONResponse(platform_user(person))


async def search_users(request: Request) -> Response:
    caller, query = caller_of(request), request.query_params
    people, site = caller.jira.people, caller.site
    if "query" not in query and "accountId" not in query:
        raise platform_refusal(400, "One of the query parameters query and accountId is required.")
    if "accountId" in query:
        named = people.get(site, query["accountId"])
        found = [named] if named and named.active else []
    else:
        found = people.search(site, query["query"])
    start, limit = window(request, "startAt", "maxResults", standard=50, most=_MOST_USERS)
    return JSONResponse([platform_user(person) for person in found[start : start + limit]])


def _require_administrator(caller: Caller) -> None:
    allowed = "ADMINISTER" in permissions_of(caller.person, "")
    if caller.person == APP:
        allowed = caller.site.creates_customers
    if not allowed:
        text = (
            "Unauthorized to perform the requested action, "
            "JIRA Administrators global permission is required."
        )
        raise jsm_refusal(403, text, "sd.customer.administrators.only")


def _held(caller: Caller, issue_id: str | None, project: str | None) -> frozenset[str]:
    if issue_id:
        return permissions_of(caller.person, visible_issue(caller, issue_id)["project"])
    if project:
        if project not in {desk.project_key for desk in DESKS.values()}:
            raise platform_refusal(404, f"No project could be found with key '{project}'.")
        return permissions_of(caller.person, project)
    # Without a place Jira answers whether the permission is held in any project.
    every = (permissions_of(caller.person, desk.project_key) for desk in DESKS.values())
    return frozenset().union(*every)


routes = rest_routes(
    {
        "POST servicedeskapi/customer": create_customer,
        "POST servicedeskapi/servicedesk/{desk}/customer": add_customers,
        "GET api/3/mypermissions": my_permissions,
        "GET api/3/myself": myself,
        "GET api/3/user": get_user,
        "GET api/3/user/search": search_users,
    }
)
