"""WhatsApp: free-form messages of every kind within the 24-hour session."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.infobip import flooding, reports, scopes
from sandbox.infobip.ledger import Message
from sandbox.infobip.service import account_of, bare_number, infobip_of
from sandbox.infobip.statuses import (
    BLOCKLISTED,
    DELIVERED,
    FLOODING,
    SENDER_NOT_REGISTERED,
    Fate,
    fate_of,
    status,
    undeliverable,
)
from sandbox.infobip.validation import (
    LONGEST_CALLBACK,
    LONGEST_MESSAGE_ID,
    Fields,
    read_object,
)
from sandbox.infobip.whatsapp_contents import CONTENTS

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.infobip.accounts import Account
    from sandbox.infobip.service import Infobip
    from sandbox.infobip.whatsapp_contents import Content

PATH = "/whatsapp/1/message/"
LONGEST_SENDER = 24
LONGEST_RECIPIENT = 150
LONGEST_ENTITY = 255
SESSION_SECONDS = 24 * 3600


async def send(request: Request) -> Response:
    """No check for duplicates: WhatsApp documents none, so the same id is a second message."""
    infobip, account = infobip_of(request), account_of(request, scopes.SEND_WHATSAPP)
    kind = request.url.path.removeprefix(PATH)
    body = await read_object(request)
    fields = Fields(body, "", [])
    content = fields.object("content", required=True)
    message = read_message(fields, account, kind, CONTENTS[kind](content))
    fields.refuse_violations()
    message.body = body
    reports.accept(infobip, message, fate(infobip, account, message))
    return JSONResponse(answer(message))


def read_message(fields: Fields, account: Account, kind: str, content: Content) -> Message:
    """Read what the messages of all kinds have; its violations are still to be refused."""
    for name in ("entityId", "applicationId"):
        fields.text(name, 0, LONGEST_ENTITY)
    value = fields.value.get("content")
    return Message(
        direction="out",
        channel="whatsapp",
        company=bare_number(fields.text("from", 1, LONGEST_SENDER, required=True)),
        customer=bare_number(fields.text("to", 1, LONGEST_RECIPIENT, required=True)),
        text=content.text,
        message_id=fields.text("messageId", 0, LONGEST_MESSAGE_ID) or str(uuid.uuid4()),
        site=account.site,
        path=PATH + kind,
        report_url=fields.url("notifyUrl"),
        callback_data=fields.text("callbackData", 0, LONGEST_CALLBACK) or None,
        kind=kind,
        content=value if isinstance(value, dict) else {},
        media_url=content.media_url,
        media_kind=content.media_kind,
        quotes=fields.object("context").text("replyToMessageId", 0, LONGEST_ENTITY),
    )


def answer(message: Message) -> dict[str, Any]:
    return {
        "to": message.customer,
        "messageCount": 1,
        "messageId": message.message_id,
        "status": status(message.status),
    }


def fate(infobip: Infobip, account: Account, message: Message, wrong: str = "") -> Fate:
    """Tell what becomes of it; `wrong` is the error that its template has, if any."""
    if not account.owns("whatsapp", message.company):
        return SENDER_NOT_REGISTERED
    if infobip.blocklist.holds(account.site, message):
        return BLOCKLISTED
    by_number = fate_of("whatsapp", message.customer)
    if by_number == DELIVERED and flooding.is_flood(infobip, account, message):
        return FLOODING
    problem = wrong or _problem(infobip, message)
    return undeliverable(problem) if by_number == DELIVERED and problem else by_number


def _problem(infobip: Infobip, message: Message) -> str:
    if not infobip.identities.is_confirmed(message.company, message.customer):
        return "EC_USER_IDENTITY_CHANGED"
    heard = infobip.ledger.last_heard(message.thread)
    if message.kind != "template" and heard < message.at - SESSION_SECONDS:
        return "EC_NO_SESSION"
    return ""


routes = [Route(PATH + kind, send, methods=["POST"]) for kind in CONTENTS]
