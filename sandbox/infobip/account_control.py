"""Steering an account of the sandbox's Infobip: keys, options, quality, limits and the clock."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.infobip.clock import clock, now
from sandbox.infobip.dates import wire_time
from sandbox.infobip.service import infobip_of
from sandbox.infobip.validation import read_object

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.infobip.accounts import Account
    from sandbox.infobip.service import Infobip

OPTIONS = ("signature_header", "stop_blocks", "flood_filter")


async def keys(request: Request) -> Response:
    """Give the account a further key; "scopes": null takes it away."""
    infobip, wanted = infobip_of(request), await read_object(request)
    account, scopes = account_wanted(infobip, wanted), wanted.get("scopes")
    fits = scopes is None or (isinstance(scopes, list) and all(isinstance(s, str) for s in scopes))
    if account is None or not isinstance(wanted.get("key"), str) or not fits:
        return wrong("key is a text, scopes a list of texts, site one that has an account")
    return JSONResponse(asdict(infobip.accounts.give_key(account, wanted["key"], scopes)))


async def options(request: Request) -> Response:
    infobip, wanted = infobip_of(request), await read_object(request)
    account = account_wanted(infobip, wanted)
    chosen = {name: wanted[name] for name in OPTIONS if name in wanted}
    if account is None or not chosen:
        return wrong(f"the options are {', '.join(OPTIONS)}")
    changed = replace(account, options=account.options | chosen)
    infobip.accounts.open(changed)
    return JSONResponse(asdict(changed))


async def limits(request: Request) -> Response:
    """Enforce the limits or not; DELETE forgets what was spent."""
    kept = infobip_of(request).limits
    if request.method == "POST":
        kept.enforced = (await read_object(request)).get("enforced") is not False
    if request.method == "DELETE":
        kept.forget()
    return JSONResponse({"enforced": kept.enforced})


async def time_of_day(request: Request) -> Response:
    """Tell the sandbox's time, or set how many seconds it is ahead of the machine's."""
    if request.method == "POST":
        seconds = (await read_object(request)).get("ahead_seconds")
        if not isinstance(seconds, int | float) or isinstance(seconds, bool):
            return wrong("ahead_seconds is a number")
        clock.set_ahead(infobip_of(request).store, float(seconds))
    return JSONResponse({"ahead_seconds": clock.ahead_seconds, "now": wire_time(now())})


def account_wanted(infobip: Infobip, wanted: dict[str, Any]) -> Account | None:
    """Return the account of the site that is named, or the first one."""
    site = wanted.get("site")
    return infobip.accounts.of_site(str(site)) if site else infobip.accounts.first()


def wrong(reason: str) -> Response:
    return JSONResponse({"error": reason}, status_code=400)


routes = [
    Route("/_sandbox/keys", keys, methods=["POST"]),
    Route("/_sandbox/options", options, methods=["POST"]),
    Route("/_sandbox/limits", limits, methods=["GET", "POST", "DELETE"]),
    Route("/_sandbox/clock", time_of_day, methods=["GET", "POST"]),
]
