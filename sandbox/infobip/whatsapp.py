"""WhatsApp: free-form text within the 24-hour session, marking as read, typing."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.infobip import reports, scopes
from sandbox.infobip.clock import now
from sandbox.infobip.envelopes import Refused
from sandbox.infobip.ledger import Message
from sandbox.infobip.service import account_of, bare_number, infobip_of
from sandbox.infobip.statuses import (
    DELIVERED,
    NO_SESSION,
    SENDER_NOT_REGISTERED,
    Fate,
    fate_of,
    status,
)
from sandbox.infobip.validation import (
    LONGEST_CALLBACK,
    LONGEST_MESSAGE_ID,
    Fields,
    read_object,
)

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.infobip.accounts import Account
    from sandbox.infobip.service import Infobip

TEXT_PATH = "/whatsapp/1/message/text"
LONGEST_SENDER = 24
LONGEST_RECIPIENT = 150
LONGEST_TEXT = 4096
SESSION_SECONDS = 24 * 3600
TYPING_SECONDS = 25
NOT_FOUND = 404


async def send_text(request: Request) -> Response:
    """No check for duplicates: WhatsApp documents none, so the same id is a second message."""
    infobip, account = infobip_of(request), account_of(request, scopes.SEND_WHATSAPP)
    body = await read_object(request)
    message = _parse_text(Fields(body, "", []), account)
    message.body = body
    reports.accept(infobip, message, _fate(infobip, account, message))
    return JSONResponse(
        {
            "to": message.customer,
            "messageCount": 1,
            "messageId": message.message_id,
            "status": status(message.status),
        }
    )


async def mark_read(request: Request) -> Response:
    infobip, account = infobip_of(request), account_of(request, scopes.WHATSAPP)
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
        event.object("content", required=True).text("type", 1, 64, required=True)
        for destination in event.list("destinations"):
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


def _parse_text(fields: Fields, account: Account) -> Message:
    content = fields.object("content", required=True)
    message = Message(
        direction="out",
        channel="whatsapp",
        company=bare_number(fields.text("from", 1, LONGEST_SENDER, required=True)),
        customer=bare_number(fields.text("to", 1, LONGEST_RECIPIENT, required=True)),
        text=content.text("text", 1, LONGEST_TEXT, required=content.given),
        message_id=fields.text("messageId", 0, LONGEST_MESSAGE_ID) or str(uuid.uuid4()),
        site=account.site,
        path=TEXT_PATH,
        report_url=fields.url("notifyUrl"),
        callback_data=fields.text("callbackData", 0, LONGEST_CALLBACK) or None,
    )
    fields.refuse_violations()
    return message


def _fate(infobip: Infobip, account: Account, message: Message) -> Fate:
    if not account.owns("whatsapp", message.company):
        return SENDER_NOT_REGISTERED
    by_number = fate_of("whatsapp", message.customer)
    if by_number != DELIVERED:
        return by_number
    if infobip.ledger.last_heard(message.thread) < message.at - SESSION_SECONDS:
        return NO_SESSION
    return DELIVERED


routes = [
    Route(TEXT_PATH, send_text, methods=["POST"]),
    Route(
        "/whatsapp/1/senders/{sender}/message/{message_id:path}/read", mark_read, methods=["POST"]
    ),
    Route("/whatsapp/1/events", events, methods=["POST"]),
]
