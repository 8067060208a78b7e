"""How Infobip refuses: two envelopes side by side, chosen by the route."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

API_ERROR_ROUTES = ("/sms/3/", "/messages-api/", "/whatsapp/1/events", "/whatsapp/1/templates")

SERVICE_EXCEPTIONS = {
    400: ("BAD_REQUEST", "Bad request"),
    401: ("UNAUTHORIZED", "Invalid login details"),
    403: ("FORBIDDEN", "Forbidden"),
    404: ("NOT_FOUND", "Not found"),
    409: ("CONFLICT", "Conflict"),
    405: ("METHOD_NOT_ALLOWED", "Method not allowed"),
    429: ("TOO_MANY_REQUESTS", "Too many requests"),
    500: ("GENERAL_ERROR", "Something went wrong. Please contact support."),
}

API_ERRORS = {
    400: (
        "Request cannot be processed.",
        "Check the syntax, violations and adjust the request.",
    ),
    401: (
        "The request lacks valid authentication credentials for the requested resource.",
        "Check the resources and adjust authentication credentials.",
    ),
    403: ("Insufficient permissions to access the requested resource.", None),
    429: (
        "Too many requests sent.",
        "Check request rate limit specified in the API endpoint documentation resource.",
    ),
    500: ("Something went wrong.", "Contact the support."),
}

RESOURCES = {
    401: [
        {
            "name": "API Authentication",
            "url": "https://www.infobip.com/docs/essentials/api-authentication",
        }
    ]
}

Violation = tuple[str, str]


class Refused(Exception):
    """A request that is not taken: answered with the status in the envelope of its route."""

    def __init__(self, status: int, violations: list[Violation] | None = None) -> None:
        super().__init__(status, violations)
        self.status = status
        self.violations = violations or []


async def answer(request: Request, error: Exception) -> Response:
    """Answer what a route raised: a refusal, an unknown route, a breakdown."""
    if isinstance(error, Refused):
        return refusal(request.url.path, error.status, error.violations)
    if isinstance(error, HTTPException):
        return JSONResponse(_service_exception(error.status_code, []), error.status_code)
    return refusal(request.url.path, 500)


def refusal(path: str, status: int, violations: list[Violation] | None = None) -> Response:
    if path.startswith(API_ERROR_ROUTES) and status in API_ERRORS:
        return JSONResponse(_api_error(status, violations or []), status)
    return JSONResponse(_service_exception(status, violations or []), status)


def _service_exception(status: int, violations: list[Violation]) -> dict[str, Any]:
    message_id, text = SERVICE_EXCEPTIONS[status]
    exception: dict[str, Any] = {"messageId": message_id, "text": text}
    for field, violation in violations:
        exception.setdefault("validationErrors", {}).setdefault(field, []).append(violation)
    return {"requestError": {"serviceException": exception}}


def _api_error(status: int, violations: list[Violation]) -> dict[str, Any]:
    description, action = API_ERRORS[status]
    return {
        "errorCode": f"E{status}",
        "description": description,
        "action": action,
        "violations": [{"property": field, "violation": text} for field, text in violations],
        "resources": RESOURCES.get(status, []),
    }
