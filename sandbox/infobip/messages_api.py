"""The Messages API: SMS and WhatsApp by one request, its check without sending, its events."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.infobip import reports, scopes
from sandbox.infobip.clock import now
from sandbox.infobip.ledger import Message
from sandbox.infobip.service import account_of, bare_number, infobip_of
from sandbox.infobip.sms import new_bulk_id
from sandbox.infobip.sms_parts import measure
from sandbox.infobip.sms_sends import take
from sandbox.infobip.statuses import status
from sandbox.infobip.validation import (
    LONGEST_CALLBACK,
    LONGEST_MESSAGE_ID,
    Fields,
    read_object,
)
from sandbox.infobip.whatsapp import LONGEST_RECIPIENT, fate
from sandbox.infobip.whatsapp_contents import Content
from sandbox.infobip.whatsapp_events import TYPING_SECONDS

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.infobip.accounts import Account

PATH = "/messages-api/1"
CHANNELS = ("SMS", "WHATSAPP")
EVENTS = ("TYPING_STARTED", "TYPING_STOPPED", "SEEN")
FILES = ("IMAGE", "VIDEO", "AUDIO", "DOCUMENT", "STICKER")
BODIES = ("TEXT", "LOCATION", *FILES)
KNOWN = {"channel", "sender", "destinations", "content", "options", "webhooks", "failover"}


async def send(request: Request) -> Response:
    infobip, account = infobip_of(request), account_of(request, scopes.SEND)
    body = await read_object(request)
    fields = Fields(body, "", [])
    messages = _parse(fields, account)
    fields.refuse_violations()
    bulk_id = new_bulk_id()
    for message in messages:
        message.body, message.bulk_id = body, bulk_id
        if message.channel == "sms":
            take(infobip, account, message)
        else:
            reports.accept(infobip, message, fate(infobip, account, message))
    return JSONResponse({"bulkId": bulk_id, "messages": [_row(each) for each in messages]})


async def validate(request: Request) -> Response:
    """Say what is wrong, or what would be passed over, without sending."""
    account = account_of(request, scopes.SEND)
    infobip_of(request).limits.take(account.site, "validate")
    body = await read_object(request)
    fields = Fields(body, "", [])
    _parse(fields, account)
    if fields.violations:
        answer: dict[str, Any] = {
            "description": "Request cannot be processed.",
            "action": "Check the syntax, violations and adjust the request.",
            "violations": [_violation(*each) for each in fields.violations],
        }
        return JSONResponse(answer, 400)
    unknown = [
        _violation(f"messages[{index}].{name}", "Unknown property")
        for index, message in enumerate(body["messages"])
        for name in message
        if name not in KNOWN
    ]
    answer = {
        "description": "Request can be sent and should be accepted.",
        "action": "No action is required.",
        "skippableViolations": unknown,
    }
    return JSONResponse(answer)


async def events(request: Request) -> Response:
    infobip = infobip_of(request)
    account_of(request, scopes.SEND)
    fields = Fields(await read_object(request), "", [])
    rows = []
    for event in fields.list("events"):
        channel = event.choice("channel", CHANNELS)
        company = bare_number(event.text("sender", 1, 24, required=True))
        kind = event.choice("event", EVENTS)
        for destination in event.list("destinations"):
            customer = bare_number(destination.text("to", 1, LONGEST_RECIPIENT, required=True))
            rows.append(((channel.lower(), customer, company), kind))
    fields.refuse_violations()
    for thread, kind in rows:
        typing = TYPING_SECONDS if kind == "TYPING_STARTED" else 0
        infobip.ledger.note_typing(thread, now() + typing)
    accepted = [
        {
            "messageId": str(uuid.uuid4()),
            "status": status("MESSAGE_ACCEPTED"),
            "destination": thread[1],
        }
        for thread, _kind in rows
    ]
    return JSONResponse({"bulkId": new_bulk_id(), "messages": accepted})


def _parse(fields: Fields, account: Account) -> list[Message]:
    return [
        message
        for each in fields.list("messages")
        for message in _parse_message(each, account, each.choice("channel", CHANNELS).lower())
    ]


def _parse_message(fields: Fields, account: Account, channel: str) -> list[Message]:
    sender = fields.text("sender", 1, 24, required=True)
    body = fields.object("content", required=True).object("body", required=True)
    content = _read(body)
    webhooks = fields.object("webhooks")
    callback_data = webhooks.text("callbackData", 0, LONGEST_CALLBACK) or None
    report_url = webhooks.object("delivery").url("url")
    kind = str(body.value.get("type") or "TEXT").lower()
    if channel == "sms" and kind != "text":
        body.violate("type", "is not supported on this channel")
    return [
        Message(
            direction="out",
            channel=channel,
            company=bare_number(sender),
            customer=bare_number(destination.text("to", 1, LONGEST_RECIPIENT, required=True)),
            text=content.text,
            message_id=destination.text("messageId", 0, LONGEST_MESSAGE_ID) or str(uuid.uuid4()),
            site=account.site,
            path=f"{PATH}/messages",
            report_url=report_url,
            callback_data=callback_data,
            parts=measure(content.text).parts if channel == "sms" else 1,
            status="MESSAGE_ACCEPTED",
            kind=kind,
            content=_in_words_of_whatsapp(body.value),
            media_url=content.media_url,
            media_kind=content.media_kind,
        )
        for destination in fields.list("destinations")
    ]


def _read(body: Fields) -> Content:
    kind = body.choice("type", BODIES) if body.given else "TEXT"
    if kind == "LOCATION":
        body.number("latitude", -90, 90, required=True)
        body.number("longitude", -180, 180, required=True)
        return Content(body.text("name", 0, 1000))
    if kind in FILES:
        caption, name = body.text("text", 0, 3000), "reference" if kind == "STICKER" else "url"
        return Content(caption, body.url(name, required=True), kind.lower())
    return Content(body.text("text", 1, 4096, required=body.given))


def _in_words_of_whatsapp(body: dict[str, Any]) -> dict[str, Any]:
    """A phone shows what it got, whichever API sent it."""
    names = {"url": "mediaUrl", "reference": "mediaUrl"}
    return {names.get(name, name): value for name, value in body.items() if name != "type"}


def _row(message: Message) -> dict[str, Any]:
    return {
        "messageId": message.message_id,
        "status": status(message.status),
        "destination": message.customer,
    }


def _violation(field: str, violation: str) -> dict[str, str]:
    return {"property": field, "violation": violation}


routes = [
    Route(f"{PATH}/messages", send, methods=["POST"]),
    Route(f"{PATH}/messages/validate", validate, methods=["POST"]),
    Route(f"{PATH}/events", events, methods=["POST"]),
]
