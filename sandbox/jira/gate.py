"""The gate before every REST operation: token, scope, limits, headers, query and body."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.jira.contract import FILES, JSON, OPERATIONS, Operation, Shape
from sandbox.jira.errors import Refused, family_refusal, gateway_refusal
from sandbox.jira.state import Caller, caller_of

Endpoint = Callable[[Request], Awaitable[Response]]
_MAX_JSON = 1_000_000
_ACCEPTED = {"*/*", "application/*", JSON}
_NUMBER = re.compile(r"-?\d{1,18}")


def rest_routes(endpoints: Mapping[str, Endpoint]) -> list[Route]:
    """Return the routes of operations that the contract names, each behind the gate."""
    return [_route(name, endpoint) for name, endpoint in endpoints.items()]


def _route(name: str, endpoint: Endpoint) -> Route:
    method, _, path = name.partition(" ")
    operation = OPERATIONS[name]

    async def guarded(request: Request) -> Response:
        caller = caller_of(request)
        limits, site = caller.jira.limits, caller.site.slug
        _require_scope(caller, operation)
        limits.admit(site, name, operation.burst)
        if method != "GET" and "issue" in request.path_params:
            limits.admit_write(site, _issue_id(caller, request.path_params["issue"]))
        await _check(operation, request)
        answer = await endpoint(request)
        limits.charge(site, _objects(operation, answer) * operation.points_each)
        answer.headers.update(limits.headers(site))
        return answer

    return Route(f"/ex/jira/{{cloud_id}}/rest/{path}", guarded, methods=[method])


def _require_scope(caller: Caller, operation: Operation) -> None:
    if operation.scope not in caller.scopes:
        raise gateway_refusal(401, "Unauthorized; scope does not match")


def _issue_id(caller: Caller, id_or_key: str) -> str:
    issue = caller.jira.issues.get(caller.site, id_or_key)
    return issue["id"] if issue else id_or_key


async def _check(operation: Operation, request: Request) -> None:
    _check_headers(operation, request)
    query = _checked_query(operation, request)
    body = await request.body() if operation.sends != FILES else b""
    if operation.sends == JSON:
        if len(body) > _MAX_JSON:
            raise _refused(request, 413, "The request body is too large.")
        given = _parsed(request, body)
        problem = _problem(operation.body, given, "the body")
        if problem:
            raise _refused(request, 400, problem)
        _require(request, operation, given)
    elif body:
        raise _refused(request, 400, "This operation takes no request body.")
    else:
        _require(request, operation, query)


def _check_headers(operation: Operation, request: Request) -> None:
    wanted = request.headers.get("accept", "*/*").split(",")
    kinds = {kind.partition(";")[0].strip().lower() for kind in wanted}
    if operation.gives and not kinds & _ACCEPTED:
        raise _refused(request, 406, "The answer is JSON, which Accept leaves out.")
    if operation.sends == FILES and request.headers.get("x-atlassian-token") != "no-check":
        raise _refused(request, 403, "XSRF check failed")
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if operation.sends and sent != operation.sends:
        raise _refused(request, 415, f"Unsupported Media Type: {operation.sends} is expected.")


def _checked_query(operation: Operation, request: Request) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in operation.query:
            raise _refused(request, 400, f"There is no query parameter '{name}'.")
        if name in given:
            raise _refused(request, 400, f"The query parameter '{name}' is given twice.")
        if not _fits(operation.query[name], value):
            raise _refused(request, 400, f"The query parameter '{name}' cannot be '{value}'.")
        given[name] = value
    return given


def _fits(shape: Shape, value: str) -> bool:
    if isinstance(shape, tuple):
        return value in shape
    if shape is int:
        return _NUMBER.fullmatch(value) is not None
    return shape is not bool or value in {"true", "false"}


def _parsed(request: Request, body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise _refused(request, 400, "There was an error parsing JSON.") from None


def _problem(shape: Shape, value: Any, where: str) -> str | None:
    """Return in words how a value differs from its shape, or None."""
    if isinstance(shape, Mapping):
        if not isinstance(value, dict):
            return f"An object is expected for {where}."
        unknown = sorted(value.keys() - shape.keys())
        if unknown:
            return f"Unrecognized field '{unknown[0]}' in {where}."
        found = (_problem(shape[name], part, f"'{name}'") for name, part in value.items())
        return next((problem for problem in found if problem), None)
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"A list is expected for {where}."
        found = (_problem(shape[0], part, f"an entry of {where}") for part in value)
        return next((problem for problem in found if problem), None)
    fits = isinstance(value, shape) and (shape is not int or not isinstance(value, bool))
    return None if fits else f"A value of another type is expected for {where}."


def _require(request: Request, operation: Operation, given: Mapping[str, Any]) -> None:
    missing = [name for name in operation.required if given.get(name) in (None, "")]
    if missing:
        raise _refused(request, 400, f"'{missing[0]}' is required.")


def _objects(operation: Operation, answer: Response) -> int:
    if not operation.counts or not answer.body:
        return 0
    shown = json.loads(bytes(answer.body))
    counted = shown if operation.counts == "." else shown.get(operation.counts)
    return len(counted) if isinstance(counted, list) else 1


def _refused(request: Request, status: int, message: str) -> Refused:
    return family_refusal(request.url.path, status, message, "sd.request.invalid")
