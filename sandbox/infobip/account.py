"""What an account can ask about itself: its balance and its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.infobip import scopes
from sandbox.infobip.service import account_of, infobip_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

DEFAULT_LIMIT = 50


async def balance(request: Request) -> Response:
    account_of(request, scopes.ACCOUNT)
    return JSONResponse({"balance": 118.25, "currency": "EUR"})


async def numbers(request: Request) -> Response:
    account, query = account_of(request, scopes.NUMBERS), request.query_params
    infobip_of(request).limits.take(account.site, "numbers")
    capabilities: dict[str, list[str]] = {}
    for channel in dict.fromkeys((*account.senders, *account.more_senders)):
        for number in account.numbers(channel):
            capabilities.setdefault(number, []).append(channel.upper())
    rows = [
        _number(number, channels)
        for number, channels in capabilities.items()
        if number.isdigit() and query.get("number", number) == number
    ]
    limit, page = _whole(query.get("limit"), DEFAULT_LIMIT), _whole(query.get("page"), 0)
    shown = rows[page * limit : (page + 1) * limit]
    return JSONResponse({"numbers": shown, "numberCount": len(rows)})


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() else default


def _number(number: str, capabilities: list[str]) -> dict[str, Any]:
    return {
        "numberKey": f"{int(number):032X}",
        "number": number,
        "country": "HR",
        "countryName": "Croatia",
        "type": "VIRTUAL_LONG_NUMBER",
        "capabilities": capabilities,
        "shared": False,
        "price": {"pricePerMonth": 4.5, "setupPrice": 0, "currency": "EUR"},
        "keywords": [],
        "additionalSetupRequired": False,
    }


routes = [
    Route("/account/1/balance", balance, methods=["GET"]),
    Route("/numbers/1/numbers", numbers, methods=["GET"]),
]
