"""How tests and phones read and steer this Infobip, without a key: see docs/sandbox.md."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.infobip import inbound
from sandbox.infobip.accounts import Account
from sandbox.infobip.reports import mark_seen
from sandbox.infobip.service import bare_number, infobip_of
from sandbox.infobip.template_seeds import seeds
from sandbox.infobip.validation import read_object
from sandbox.infobip.wishes import NoSuchPhone

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.infobip.service import Infobip


async def list_accounts(request: Request) -> Response:
    accounts = infobip_of(request).accounts.all()
    return JSONResponse({"accounts": [asdict(account) for account in accounts]})


async def open_account(request: Request) -> Response:
    body = await read_object(request)
    wanted = {name: body.get(name) for name in ("site", "api_key", "webhook_url")}
    if not all(isinstance(value, str) and value for value in wanted.values()):
        return _wrong("site, api_key and webhook_url are needed")
    senders = body.get("senders") or {}
    if not isinstance(senders, dict):
        return _wrong("senders is an object of channel and number")
    accounts = infobip_of(request).accounts
    known = accounts.of_site(str(wanted["site"]))
    account = Account(
        site=str(wanted["site"]),
        api_key=str(wanted["api_key"]),
        webhook_url=str(wanted["webhook_url"]),
        senders={str(name).lower(): bare_number(str(to)) for name, to in senders.items()},
        more_senders=body.get("more_senders") or (known.more_senders if known else {}),
        keys=known.keys if known else {},
        options=known.options if known else {},
    )
    accounts.open(account)
    if account.numbers("whatsapp"):
        infobip_of(request).templates.seed(account.site, seeds(account.site))
    return JSONResponse(asdict(account))


async def messages(request: Request) -> Response:
    query = request.query_params
    sent = infobip_of(request).ledger.sent(
        query.get("channel", "").lower(), bare_number(query.get("to", ""))
    )
    return JSONResponse({"messages": [message.row() for message in sent]})


async def write(request: Request) -> Response:
    infobip, wanted = infobip_of(request), await read_object(request)
    try:
        return JSONResponse(await receive(infobip, wanted))
    except NoSuchPhone as error:
        return _wrong(str(error))


async def receive(infobip: Infobip, wanted: dict[str, Any]) -> dict[str, Any]:
    """Push what a customer writes and tell how the webhook took it the first time.

    A `payload` without a `type` is a whole body; with it, that of a template's button.
    """
    if "payload" in wanted and "type" not in wanted:
        account = inbound.account_for(infobip, wanted.get("site"))
        status = await inbound.push_raw(infobip, account, wanted["payload"])
        return {"status": status, "message_id": _first_id(wanted["payload"])}
    account, text = inbound.compose(infobip, wanted)
    status = await inbound.push_text(infobip, account, text)
    answer = {"status": status, "message_id": text.message_id, "site": account.site}
    return answer if status is not None else answer | {"held": True}


async def read(request: Request) -> Response:
    wanted = await read_object(request)
    if str(wanted.get("channel", "whatsapp")).lower() != "whatsapp":
        return _wrong("only WhatsApp tells that a message was read")
    seen = mark_seen(infobip_of(request), bare_number(str(wanted.get("to", ""))))
    return JSONResponse({"seen": [message.message_id for message in seen]})


def _first_id(payload: Any) -> str | None:
    try:
        return str(payload["results"][0]["messageId"])
    except (KeyError, IndexError, TypeError):
        return None


def _wrong(reason: str) -> Response:
    return JSONResponse({"error": reason}, status_code=400)


routes = [
    Route("/_sandbox/accounts", list_accounts, methods=["GET"]),
    Route("/_sandbox/accounts", open_account, methods=["POST"]),
    Route("/_sandbox/messages", messages, methods=["GET"]),
    Route("/_sandbox/inbound", write, methods=["POST"]),
    Route("/_sandbox/read", read, methods=["POST"]),
]
