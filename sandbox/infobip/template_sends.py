"""Sending a template: checked against what was approved; no session is needed."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.infobip import reports, scopes
from sandbox.infobip.service import account_of, infobip_of
from sandbox.infobip.template_store import SENDABLE, filled, placeholders_in
from sandbox.infobip.validation import Fields, read_object
from sandbox.infobip.whatsapp import LONGEST_SENDER, PATH, answer, fate, read_message
from sandbox.infobip.whatsapp_contents import Content

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.infobip.ledger import Message
    from sandbox.infobip.service import Infobip
    from sandbox.infobip.template_store import Template

INVALID_ARGUMENTS, INVALID_TEMPLATE = "EC_INVALID_TEMPLATE_ARGS", "EC_INVALID_TEMPLATE"
MARKETING_OPT_OUT = "EC_MARKETING_OPT_OUT"
LONGEST_SMS = 4096
LONGEST_BULK_ID = 100
LONGEST_PARAMETER = {"QUICK_REPLY": 128, "COPY_CODE": 15}
HEADERS = ("TEXT", "IMAGE", "VIDEO", "GIF", "DOCUMENT", "LOCATION")
MEDIA_KINDS = {"IMAGE": "image", "VIDEO": "video", "GIF": "video", "DOCUMENT": "document"}


async def send(request: Request) -> Response:
    infobip, account = infobip_of(request), account_of(request, scopes.SEND_WHATSAPP)
    body = await read_object(request)
    fields = Fields(body, "", [])
    bulk_id = fields.text("bulkId", 0, LONGEST_BULK_ID)
    messages = []
    for each in fields.list("messages"):
        message = read_message(each, account, "template", _read(each.object("content")))
        if not each.object("content").given:
            each.violate("content", "must not be null")
        message.failover = _read_failover(each.object("smsFailover"))
        messages.append(message)
    fields.refuse_violations()
    if len(messages) > 1:
        bulk_id = bulk_id or str(uuid.uuid4().int)[:19]
    for message in messages:
        message.body, message.bulk_id = body, bulk_id or None
        template = _template_of(infobip, message)
        if template is not None:
            message.text = _rendered(template, message)
        wrong = _wrong(infobip, template, message)
        reports.accept(infobip, message, fate(infobip, account, message, wrong))
    rows = {"messages": [answer(message) for message in messages]}
    return JSONResponse(rows | ({"bulkId": bulk_id} if bulk_id else {}))


def _read(content: Fields) -> Content:
    content.text("templateName", 1, 512, required=True)
    content.text("language", 1, 16, required=True)
    given = content.object("templateData", required=True)
    body = given.object("body", required=True)
    values = body.value.get("placeholders")
    if body.given and not isinstance(values, list):
        body.violate("placeholders", "must not be null")
    for index, value in enumerate(values if isinstance(values, list) else []):
        name = f"placeholders[{index}]"
        Fields({name: value}, body.path, body.violations).line(name, 0, 1024, required=True)
    for button in given.list("buttons", 10, required=False):
        kind = str(button.value.get("type"))
        button.text("type", 1, 32, required=True)
        button.text("parameter", 0, LONGEST_PARAMETER.get(kind, 2000))
    return _read_header(given.object("header"))


def _read_header(header: Fields) -> Content:
    if not header.given:
        return Content()
    kind = header.choice("type", HEADERS)
    if kind == "TEXT":
        header.line("placeholder", 1, 60, required=True)
    if kind == "LOCATION":
        header.number("latitude", -90, 90, required=True)
        header.number("longitude", -180, 180, required=True)
    if kind not in MEDIA_KINDS:
        return Content()
    header.text("filename", 0, 240, required=kind == "DOCUMENT")
    return Content("", header.url("mediaUrl", required=True), MEDIA_KINDS[kind])


def _read_failover(failover: Fields) -> dict[str, Any] | None:
    if not failover.given:
        return None
    failover.text("from", 1, LONGEST_SENDER, required=True)
    failover.text("text", 1, LONGEST_SMS, required=True)
    return failover.value


def _template_of(infobip: Infobip, message: Message) -> Template | None:
    content = message.content
    return infobip.templates.find(
        message.site, str(content.get("templateName")), str(content.get("language"))
    )


def _rendered(template: Template, message: Message) -> str:
    values = message.content["templateData"]["body"]["placeholders"]
    return filled(str((template.structure.get("body") or {}).get("text") or ""), values)


def _wrong(infobip: Infobip, template: Template | None, message: Message) -> str:
    """Return the name of the error the report will tell, or nothing."""
    if template is None or template.status not in SENDABLE:
        return INVALID_TEMPLATE
    given = message.content["templateData"]
    if not (
        _fits_body(template.structure, given)
        and _fits_header(template.structure, given)
        and _fits_buttons(template.structure, given)
    ):
        return INVALID_ARGUMENTS
    if template.category == "MARKETING" and infobip.marketing.has_stopped(
        message.company, message.customer
    ):
        return MARKETING_OPT_OUT
    return ""


def _fits_body(structure: dict[str, Any], given: dict[str, Any]) -> bool:
    text = str((structure.get("body") or {}).get("text") or "")
    return len(placeholders_in(text)) == len(given["body"]["placeholders"])


def _fits_header(structure: dict[str, Any], given: dict[str, Any]) -> bool:
    header, told = structure.get("header") or {}, (given.get("header") or {}).get("type")
    kind = header.get("format")
    if kind == "TEXT" and not placeholders_in(str(header.get("text"))):
        kind = None
    return kind == told


def _fits_buttons(structure: dict[str, Any], given: dict[str, Any]) -> bool:
    """Quick replies may be left out; a link that varies and a code may not."""
    told = [str(button.get("type")) for button in given.get("buttons") or []]
    for button in structure.get("buttons") or []:
        kind = str(button.get("type"))
        varies = kind == "URL" and placeholders_in(str(button.get("url")))
        if not (varies or kind in LONGEST_PARAMETER):
            continue
        if told and told[0] == kind:
            told.pop(0)
        elif kind != "QUICK_REPLY":
            return False
    return not told


routes = [Route(f"{PATH}template", send, methods=["POST"])]
