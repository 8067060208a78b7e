"""Small signs on WhatsApp: a message was read, somebody types."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.infobip import scopes
from sandbox.infobip.clock import now
from sandbox.infobip.envelopes import Refused
from sandbox.infobip.service import account_of, bare_number, infobip_of
from sandbox.infobip.statuses import status
from sandbox.infobip.validation import Fields, read_object
from sandbox.infobip.whatsapp import LONGEST_RECIPIENT, LONGEST_SENDER

if TYPE_CHECKING:
    from starlette.requests import Request

TYPING_SECONDS = 25
NOT_FOUND = 404


async def mark_read(request: Request) -> Response:
    infobip, account = infobip_of(request), account_of(request, scopes.WHATSAPP)
    infobip.limits.take(account.site, "read")
    message = infobip.ledger.with_id("in", "whatsapp", request.path_params["message_id"])
    sender = bare_number(request.path_params["sender"])
    if message is None or message.company != sender or not account.owns("whatsapp", sender):
        raise Refused(NOT_FOUND)
    for each in infobip.ledger.thread(message.thread):
        if each.direction == "in" and each.number <= message.number and each.read_at is None:
            each.read_at = now()
            infobip.ledger.save(each)
    return Response(status_code=204)


async def events(request: Request) -> Response:
    infobip = infobip_of(request)
    account_of(request, scopes.SEND_WHATSAPP)
    fields = Fields(await read_object(request), "", [])
    rows = []
    for event in fields.list("events"):
        company = event.text("sender", 1, LONGEST_SENDER, required=True)
        event.object("content", required=True).choice("type", ("TYPING_INDICATOR",))
        for destination in event.list("destinations", 1):
            customer = destination.text("to", 1, LONGEST_RECIPIENT, required=True)
            rows.append((bare_number(customer), bare_number(company)))
    fields.refuse_violations()
    for customer, company in rows:
        infobip.ledger.note_typing(("whatsapp", customer, company), now() + TYPING_SECONDS)
    accepted = [
        {
            "messageId": str(uuid.uuid4()),
            "status": status("PENDING_ACCEPTED"),
            "destination": customer,
        }
        for customer, _ in rows
    ]
    return JSONResponse({"bulkId": str(uuid.uuid4()), "messages": accepted})


routes = [
    Route(
        "/whatsapp/1/senders/{sender}/message/{message_id:path}/read", mark_read, methods=["POST"]
    ),
    Route("/whatsapp/1/events", events, methods=["POST"]),
]
