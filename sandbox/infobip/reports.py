"""What Infobip tells about a message afterwards: delivery and seen reports, pushed and pulled."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.infobip.clock import now
from sandbox.infobip.dates import wire_time
from sandbox.infobip.scopes import LOGS, SEND_SMS
from sandbox.infobip.service import account_of, infobip_of
from sandbox.infobip.statuses import Fate, error, status

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.infobip.ledger import Message
    from sandbox.infobip.service import Infobip

PULLED_KIND = "infobip.pulled"
KEPT_SECONDS = 48 * 3600
DEFAULT_LIMIT = 50
HIGHEST_LIMIT = 1000


def accept(infobip: Infobip, message: Message, fate: Fate) -> None:
    """Take a message into the ledger and promise its report."""
    message.final, message.final_error = fate.final, fate.error
    if fate.at_once and fate.final:
        message.status, message.error, message.done_at = fate.final, fate.error, now()
    infobip.ledger.record(message)
    if not fate.at_once:
        promise_report(infobip, message)


def promise_report(infobip: Infobip, message: Message) -> None:
    if message.final is not None:
        infobip.webhooks.spawn(_report_later(infobip, message, message.final))


def resume_reports(infobip: Infobip) -> None:
    """Promise again what an earlier process owed."""
    for message in infobip.ledger.sent():
        if message.done_at is None:
            promise_report(infobip, message)


def mark_seen(
    infobip: Infobip, customer: str, company: str | None = None, *, arrived_only: bool = False
) -> list[Message]:
    """The customer reads all WhatsApp messages; a seen report is pushed for each new one.

    Not only those that arrived: a seen report may overtake its delivery report.
    """
    unread = [
        message
        for message in infobip.ledger.sent("whatsapp", customer)
        if message.seen_at is None
        and company in {None, message.company}
        and (message.arrived if arrived_only else _will_arrive(message))
    ]
    for message in unread:
        message.seen_at = now()
        infobip.ledger.save(message)
        _push(infobip, message, seen_report(message), "seen")
    return unread


def delivery_report(message: Message) -> dict[str, Any]:
    report: dict[str, Any] = {
        "bulkId": message.bulk_id or "",
        "price": {"pricePerMessage": 0.0, "currency": "EUR"},
        "status": status(message.status),
        "error": error(message.error),
        "messageId": message.message_id,
        "to": message.customer,
        "sentAt": wire_time(message.at),
        "doneAt": wire_time(message.done_at or message.at),
        "messageCount": message.parts,
    }
    if message.channel == "sms":
        report["sender"] = message.company
        report["platform"] = {}
    if message.callback_data is not None:
        report["callbackData"] = message.callback_data
    return report


def seen_report(message: Message) -> dict[str, Any]:
    return {
        "messageId": message.message_id,
        "from": message.company,
        "to": message.customer,
        "sentAt": wire_time(message.at),
        "seenAt": wire_time(message.seen_at or now()),
    }


async def _report_later(infobip: Infobip, message: Message, final: str) -> None:
    await asyncio.sleep(infobip.config.report_delay)
    message.status, message.error = final, message.final_error
    message.done_at = now()
    infobip.ledger.save(message)
    _push(infobip, message, delivery_report(message), "report")


def _push(infobip: Infobip, message: Message, report: dict[str, Any], name: str) -> None:
    account = infobip.accounts.of_site(message.site)
    url = message.report_url or (account.webhook_url if account else "")
    if url:
        content = json.dumps({"results": [report]}, ensure_ascii=False)
        infobip.webhooks.spawn(
            infobip.webhooks.push(url, content, message.channel, name, message.path)
        )


def _will_arrive(message: Message) -> bool:
    return message.arrived or message.final == "DELIVERED_TO_HANDSET"


async def logs(request: Request) -> Response:
    """Repeatable: every SMS of the last 48 hours that matches the query."""
    messages = _matching(request, LOGS)[-_limit(request) :]
    return JSONResponse({"results": [_log_row(message) for message in reversed(messages)]})


async def pull(request: Request) -> Response:
    """Each report once."""
    store = infobip_of(request).webhooks.store
    fresh = [
        message
        for message in _matching(request, SEND_SMS)
        if message.done_at and store.get(PULLED_KIND, str(message.number)) is None
    ][: _limit(request)]
    for message in fresh:
        store.put(PULLED_KIND, str(message.number), {"number": message.number})
    return JSONResponse({"results": [delivery_report(message) for message in fresh]})


def _matching(request: Request, scopes: Collection[str]) -> list[Message]:
    account, query = account_of(request, scopes), request.query_params
    wanted = {
        "message_id": _choices(query.getlist("messageId")),
        "bulk_id": _choices(query.getlist("bulkId")),
        "customer": _choices(query.getlist("destination")),
        "company": _choices(query.getlist("sender")),
    }
    return [
        message
        for message in infobip_of(request).ledger.sent("sms")
        if message.site == account.site
        and message.at > now() - KEPT_SECONDS
        and all(
            not choices or getattr(message, name) in choices for name, choices in wanted.items()
        )
    ]


def _choices(values: list[str]) -> set[str]:
    return {each.strip() for value in values for each in value.split(",") if each.strip()}


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", "")
    return min(int(text), HIGHEST_LIMIT) if text.isdigit() and int(text) else DEFAULT_LIMIT


def _log_row(message: Message) -> dict[str, Any]:
    row = delivery_report(message) | {
        "destination": message.customer,
        "content": {"text": message.text},
        "mccMnc": "21910",
    }
    del row["to"]
    return row


routes = [
    Route("/sms/3/logs", logs, methods=["GET"]),
    Route("/sms/3/reports", pull, methods=["GET"]),
]
