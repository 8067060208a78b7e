"""How a WhatsApp sender stands: its quality and limit, its business profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.infobip import scopes
from sandbox.infobip.account_control import wrong
from sandbox.infobip.clock import now
from sandbox.infobip.envelopes import Refused
from sandbox.infobip.reports import told_time
from sandbox.infobip.service import account_of, bare_number, infobip_of
from sandbox.infobip.validation import Fields, read_object

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

KIND = "infobip.sender"
NOT_FOUND = 404
CHOICES = {
    "qualityRating": ("HIGH", "MEDIUM", "LOW", "UNKNOWN"),
    "status": ("CONNECTED", "BANNED", "FLAGGED", "RESTRICTED", "PENDING", "DISCONNECTED"),
    "currentLimit": (
        "LIMIT_250",
        "LIMIT_1K",
        "LIMIT_10K",
        "LIMIT_100K",
        "UNLIMITED",
    ),
}
AS_EVER = {"qualityRating": "HIGH", "status": "CONNECTED", "currentLimit": "LIMIT_1K"}


async def quality(request: Request) -> Response:
    """Only senders of the account come back."""
    infobip, account = infobip_of(request), account_of(request, scopes.WHATSAPP)
    infobip.limits.take(account.site, "quality")
    fields = Fields(dict(request.query_params), "", [])
    asked = fields.text("senders", 1, 4096, required=True).split(",")
    fields.refuse_violations()
    rows = [
        {"sender": sender} | AS_EVER | {"lastUpdated": _moment()} | _kept(request, sender)
        for sender in map(bare_number, asked)
        if account.owns("whatsapp", sender)
    ]
    return JSONResponse({"results": rows})


async def business_info(request: Request) -> Response:
    account = account_of(request, scopes.WHATSAPP)
    if not account.owns("whatsapp", bare_number(request.path_params["sender"])):
        raise Refused(NOT_FOUND)
    return JSONResponse(
        {
            "about": "We answer within the hour",
            "address": "Ulica 1, 10000 Zagreb",
            "description": f"Service desk of {account.site}",
            "email": f"desk@{account.site}.example",
            "vertical": "PROFESSIONAL_SERVICES",
            "websites": [f"https://{account.site}.example"],
            "displayName": account.site.capitalize(),
        }
    )


async def control(request: Request) -> Response:
    wanted = await read_object(request)
    chosen = {name: wanted[name] for name in CHOICES if name in wanted}
    if not chosen or any(value not in CHOICES[name] for name, value in chosen.items()):
        return wrong("; ".join(f"{name}: {', '.join(each)}" for name, each in CHOICES.items()))
    sender = bare_number(request.path_params["sender"])
    changed = _kept(request, sender) | chosen | {"lastUpdated": _moment()}
    infobip_of(request).store.put(KIND, sender, changed)
    return JSONResponse({"sender": sender} | AS_EVER | changed)


def _kept(request: Request, sender: str) -> dict[str, Any]:
    return infobip_of(request).store.get(KIND, sender) or {}


def _moment() -> str:
    return told_time(now()).replace("+0000", "Z")


routes = [
    Route("/whatsapp/1/senders/quality", quality, methods=["GET"]),
    Route("/whatsapp/1/senders/{sender}/business-info", business_info, methods=["GET"]),
    Route("/_sandbox/senders/{sender}/quality", control, methods=["POST"]),
]
