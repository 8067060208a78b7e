"""SMS: sending by the v3 API, and the preview of parts."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.infobip import scopes
from sandbox.infobip.ledger import Message
from sandbox.infobip.service import account_of, bare_number, infobip_of
from sandbox.infobip.sms_parts import NATIONAL, measure, transliterate
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

PATH = "/sms/3/messages"
LONGEST_DESTINATION = 64
LONGEST_PREVIEW = 10_000
LONGEST_ENTITY = 255
TIME_UNITS = ("SECONDS", "MINUTES", "HOURS")
TRANSLITERATIONS = (
    "NONE",
    "TURKISH",
    "GREEK",
    "CYRILLIC",
    "SERBIAN_CYRILLIC",
    "BULGARIAN_CYRILLIC",
    "CENTRAL_EUROPEAN",
    "BALTIC",
    "NON_UNICODE",
    "PORTUGUESE",
    "COLOMBIAN",
    "ALL",
)


async def send(request: Request) -> Response:
    infobip, account = infobip_of(request), account_of(request, scopes.SEND_SMS)
    body = await read_object(request)
    messages = _parse(Fields(body, "", []), account)
    bulk_id = new_bulk_id()
    options = body.get("options")
    counted = isinstance(options, dict) and options.get("includeSmsCountInResponse") is True
    for message in messages:
        message.body, message.bulk_id = body, bulk_id
        take(infobip, account, message)
    rows = [_row(message, counted=counted) for message in messages]
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


def new_bulk_id() -> str:
    return str(uuid.uuid4().int)[:19]


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
    if content.value.get("transliteration") is not None:
        content.choice("transliteration", TRANSLITERATIONS)
    _check_options(fields.object("options"))
    webhooks = fields.object("webhooks")
    callback_data = webhooks.text("callbackData", 0, LONGEST_CALLBACK) or None
    delivery = webhooks.object("delivery")
    report_url = delivery.url("url")
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
            notify=delivery.value.get("notify") is not False,
            intermediate=delivery.value.get("intermediateReport") is True,
        )
        for destination in fields.list("destinations")
    ]


def _check_options(options: Fields) -> None:
    options.text("campaignReferenceId", 0, LONGEST_ENTITY)
    for name in ("entityId", "applicationId"):
        options.object("platform").text(name, 0, LONGEST_ENTITY)
    validity = options.object("validityPeriod")
    if validity.given:
        validity.number("amount", 1, 10**6, required=True)
        if validity.value.get("timeUnit") is not None:
            validity.choice("timeUnit", TIME_UNITS)


def _row(message: Message, *, counted: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "messageId": message.message_id,
        "status": status(message.status),
        "destination": message.customer,
    }
    return row | ({"details": {"messageCount": message.parts}} if counted else {})


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
