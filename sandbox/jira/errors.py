"""Refusals in the shapes Jira answers with: one per REST family, and its gateway's."""

from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response


class Refused(Exception):
    """A request Jira turns down, with the status, body and headers it answers."""

    def __init__(
        self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = headers


def jsm_refusal(status: int, message: str, i18n_key: str) -> Refused:
    """Refuse the way /rest/servicedeskapi does."""
    translated = {"i18nKey": i18n_key, "parameters": []}
    return Refused(status, {"errorMessage": message, "i18nErrorMessage": translated})


def platform_refusal(status: int, message: str, **fields: str) -> Refused:
    """Refuse the way /rest/api/3 does; `fields` are the errors of single fields."""
    return Refused(status, {"errorMessages": [message] if message else [], "errors": fields})


def family_refusal(path: str, status: int, message: str, i18n_key: str) -> Refused:
    """Refuse in the words of the REST family that the path belongs to."""
    if "/servicedeskapi/" in path:
        return jsm_refusal(status, message, i18n_key)
    return platform_refusal(status, message)


def gateway_refusal(status: int, message: str) -> Refused:
    """Refuse the way the gateway in front of both families does."""
    return Refused(status, {"code": status, "message": message})


def control_refusal(status: int, message: str) -> Refused:
    """Refuse a control route's caller in words."""
    return Refused(status, {"error": message})


async def answer_refusal(_request: Request, refused: Exception) -> Response:
    """Turn a refusal raised anywhere into its answer."""
    if not isinstance(refused, Refused):
        raise refused
    return JSONResponse(refused.body, status_code=refused.status, headers=refused.headers)


async def answer_unknown_route(request: Request, unknown: Exception) -> Response:
    """Answer for a path, or a method at a path, that there is not."""
    if not isinstance(unknown, HTTPException):
        raise unknown
    status = unknown.status_code
    if not request.url.path.startswith("/ex/jira/"):
        return PlainTextResponse(unknown.detail, status_code=status, headers=unknown.headers)
    text = HTTPStatus(status).phrase
    body = family_refusal(request.url.path, status, text, "sd.route.unknown").body
    return JSONResponse(body, status_code=status, headers=unknown.headers)
