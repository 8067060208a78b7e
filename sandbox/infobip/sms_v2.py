"""SMS by the API before the present one: flat messages, `from` and `to`, the older envelope."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.infobip import scopes
from sandbox.infobip.ledger import Message
from sandbox.infobip.service import account_of, bare_number, infobip_of
from sandbox.infobip.sms import LONGEST_DESTINATION, new_bulk_id
from sandbox.infobip.sms_parts import measure
from sandbox.infobip.sms_sends import take
from sandbox.infobip.statuses import status
from sandbox.infobip.validation import (
    LONGEST_CALLBACK,
    LONGEST_MESSAGE_ID,
    Fields,
    read_object,
)

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.infobip.accounts import Account

PATH = "/sms/2/text/advanced"


async def send(request: Request) -> Response:
    infobip, account = infobip_of(request), account_of(request, scopes.SEND_SMS)
    body = await read_object(request)
    fields = Fields(body, "", [])
    messages = [message for each in fields.list("messages") for message in _parse(each, account)]
    bulk_id = fields.text("bulkId", 0, 100) or (new_bulk_id() if len(messages) > 1 else "")
    fields.refuse_violations()
    for message in messages:
        message.body, message.bulk_id = body, bulk_id or None
        take(infobip, account, message)
    rows = [_row(message) for message in messages]
    return JSONResponse(({"bulkId": bulk_id} if bulk_id else {}) | {"messages": rows})


def _parse(fields: Fields, account: Account) -> list[Message]:
    sender = fields.text("from", 0, 24) or account.senders.get("sms", "")
    text = fields.text("text", 0, 100_000, required=True)
    report_url = fields.url("notifyUrl")
    callback_data = fields.text("callbackData", 0, LONGEST_CALLBACK) or None
    messages = []
    for destination in fields.list("destinations"):
        # An id that is too long is clipped, not refused.
        message_id = destination.text("messageId", 0, 10**6)[:LONGEST_MESSAGE_ID]
        messages.append(
            Message(
                direction="out",
                channel="sms",
                company=bare_number(sender),
                customer=bare_number(destination.text("to", 0, LONGEST_DESTINATION, required=True)),
                text=text,
                message_id=message_id or str(uuid.uuid4()),
                site=account.site,
                path=PATH,
                report_url=report_url,
                callback_data=callback_data,
                parts=measure(text).parts,
                status="PENDING_ACCEPTED",
                intermediate=fields.value.get("intermediateReport") is True,
            )
        )
    return messages


def _row(message: Message) -> dict[str, Any]:
    return {
        "to": message.customer,
        "messageId": message.message_id,
        "status": status(message.status),
        "smsCount": message.parts,
    }


routes = [Route(PATH, send, methods=["POST"])]
