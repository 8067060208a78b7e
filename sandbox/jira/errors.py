"""Refusals in the two shapes Jira answers with, one per REST family."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class Refused(Exception):
    """A request Jira turns down, with the status and body it answers."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


def jsm_refusal(status: int, message: str, i18n_key: str) -> Refused:
    """Refuse the way /rest/servicedeskapi does."""
    translated = {"i18nKey": i18n_key, "parameters": []}
    return Refused(status, {"errorMessage": message, "i18nErrorMessage": translated})


def platform_refusal(status: int, message: str, **fields: str) -> Refused:
    """Refuse the way /rest/api/3 does; `fields` are the errors of single fields."""
    return Refused(status, {"errorMessages": [message] if message else [], "errors": fields})


def control_refusal(status: int, message: str) -> Refused:
    """Refuse a control route's caller in words."""
    return Refused(status, {"error": message})


async def answer_refusal(_request: Request, refused: Exception) -> Response:
    """Turn a refusal raised anywhere into its answer."""
    if not isinstance(refused, Refused):
        raise refused
    return JSONResponse(refused.body, status_code=refused.status)
