"""Customers who stopped the marketing messages of a sender on their phone, and those who resume."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.infobip.account_control import account_wanted, wrong
from sandbox.infobip.clock import now
from sandbox.infobip.publishing import Occasion, publish_later
from sandbox.infobip.reports import told_time
from sandbox.infobip.service import bare_number, infobip_of
from sandbox.infobip.validation import read_object

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.store import Store

KIND = "infobip.marketing"


class Marketing:
    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, sender: str, customer: str, *, stopped: bool) -> None:
        self._store.put(KIND, f"{sender}/{customer}", {"stopped": stopped})

    def has_stopped(self, sender: str, customer: str) -> bool:
        kept = self._store.get(KIND, f"{sender}/{customer}")
        return kept is not None and bool(kept["stopped"])


async def control(request: Request) -> Response:
    infobip, wanted = infobip_of(request), await read_object(request)
    account = account_wanted(infobip, wanted)
    customer, said = bare_number(str(wanted.get("customer") or "")), wanted.get("says", "stop")
    if account is None or not customer or said not in {"stop", "resume"}:
        return wrong("customer is a number, says stop or resume")
    sender = bare_number(str(wanted.get("sender") or account.senders.get("whatsapp", "")))
    infobip.marketing.put(sender, customer, stopped=said == "stop")
    body = {
        "from": customer,
        "content": {
            "sender": sender,
            "from": customer,
            "notificationMessagesStatus": said,
            "description": f"User requested to {said} marketing messages",
        },
        "createdAt": told_time(now()),
    }
    occasion = Occasion("WHATSAPP", "MARKETING_SUBSCRIPTION_UPDATE", sender, names=("marketing",))
    publish_later(infobip, account, occasion, lambda _format: body)
    return JSONResponse(body)


routes = [Route("/_sandbox/marketing", control, methods=["POST"])]
