"""SMS: sending by the v3 API, and the preview of parts."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.infobip import reports, scopes
from sandbox.infobip.ledger import Message
from sandbox.infobip.service import account_of, bare_number, infobip_of
from sandbox.infobip.sms_parts import NATIONAL, measure, too_long, transliterate
from sandbox.infobip.statuses import Fate, fate_of, status
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
    from sandbox.infobip.service import Infobip

PATH = "/sms/3/messages"
LONGEST_DESTINATION = 64
LONGEST_PREVIEW = 10_000
SENDER = re.compile(r"\d{3,14}|[^\W_][\w .&-]{2,10}")
DESTINATION = re.compile(r"[1-9]\d{2,14}")


async def send(request: Request) -> Response:
    infobip, account = infobip_of(request), account_of(request, scopes.SEND_SMS)
    body = await read_object(request)
    messages = _parse(Fields(body, "", []), account)
    bulk_id = str(uuid.uuid4().int)[:19]
    options = body.get("options")
    counted = isinstance(options, dict) and options.get("includeSmsCountInResponse") is True
    rows = []
    for message in messages:
        message.body, message.bulk_id = body, bulk_id
        rows.append(_take(infobip, message, counted=counted))
    return JSONResponse({"bulkId": bulk_id, "messages": rows})


async def preview(request: Request) -> Response:
    account_of(request, scopes.PREVIEW)
    fields = Fields(await read_object(request), "", [])
    text = fields.text("text", 0, LONGEST_PREVIEW, required=True)
    language = fields.text("languageCode", 0, 16) or "NONE"
    transliteration = fields.text("transliteration", 0, 32) or "NONE"
    fields.refuse_violations()
    previews = [_preview(text, "NONE", "NONE")]
    if transliteration != "NONE" or language in NATIONAL:
        previews.append(_preview(text, language, transliteration))
    return JSONResponse({"originalText": text, "previews": previews})


def _parse(fields: Fields, account: Account) -> list[Message]:
    messages = [
        message for each in fields.list("messages") for message in _parse_message(each, account)
    ]
    fields.refuse_violations()
    return messages


def _parse_message(fields: Fields, account: Account) -> list[Message]:
    sender = fields.text("sender", 0, 24) or account.senders.get("sms", "")
    content = fields.object("content", required=True)
    text = content.text("text", 0, 100_000, required=content.given)
    webhooks = fields.object("webhooks")
    callback_data = webhooks.text("callbackData", 0, LONGEST_CALLBACK) or None
    report_url = webhooks.object("delivery").url("url")
    return [
        Message(
            direction="out",
            channel="sms",
            company=bare_number(sender),
            customer=bare_number(
                destination.text("to", 0, LONGEST_DESTINATION, required=True),
            ),
            text=text,
            message_id=destination.text("messageId", 0, LONGEST_MESSAGE_ID) or str(uuid.uuid4()),
            site=account.site,
            path=PATH,
            report_url=report_url,
            callback_data=callback_data,
            parts=measure(text).parts,
            status="PENDING_ACCEPTED",
        )
        for destination in fields.list("destinations")
    ]


def _take(infobip: Infobip, message: Message, *, counted: bool) -> dict[str, Any]:
    known = infobip.ledger.with_id("out", "sms", message.message_id)
    if known is not None and known.site == message.site:
        known.duplicates += 1
        infobip.ledger.save(known)
        message.status = "REJECTED_DUPLICATE_MESSAGE_ID"
    else:
        reports.accept(infobip, message, _fate(message))
    row: dict[str, Any] = {
        "messageId": message.message_id,
        "status": status(message.status),
        "destination": message.customer,
    }
    if counted:
        row["details"] = {"messageCount": message.parts}
    return row


def _fate(message: Message) -> Fate:
    if not SENDER.fullmatch(message.company):
        return Fate("REJECTED_SENDER", at_once=True)
    if not DESTINATION.fullmatch(message.customer):
        return Fate("REJECTED_DESTINATION", at_once=True)
    if too_long(message.text):
        return Fate("REJECTED_MESSAGE_TOO_LONG", at_once=True)
    return fate_of("sms", message.customer)


def _preview(text: str, language: str, transliteration: str) -> dict[str, Any]:
    shown = text if transliteration == "NONE" else transliterate(text)
    size = measure(shown, language)
    return {
        "textPreview": shown,
        "messageCount": size.parts,
        "charactersRemaining": size.left,
        "configuration": {
            "language": {"languageCode": language},
            "transliteration": transliteration,
        },
    }


routes = [
    Route(PATH, send, methods=["POST"]),
    Route("/sms/1/preview", preview, methods=["POST"]),
]
