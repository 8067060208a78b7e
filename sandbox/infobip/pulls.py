"""What an account can fetch itself: logs again and again, reports and what came in once each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.infobip import scopes
from sandbox.infobip.clock import clock, now
from sandbox.infobip.dates import epoch, wire_time
from sandbox.infobip.formats import payload_of
from sandbox.infobip.reports import MESSAGES_API_PATH, NETWORK, delivery_report
from sandbox.infobip.service import account_of, infobip_of
from sandbox.infobip.texts import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.infobip.ledger import Message

PULLED_KIND = "infobip.pulled"
KEPT_SECONDS = 48 * 3600
DEFAULT_LIMIT = 50
HIGHEST_LIMIT = 1000


async def logs(request: Request) -> Response:
    """Repeatable: the newest SMS of the last 48 hours that match the query."""
    account = account_of(request, scopes.LOGS)
    infobip_of(request).limits.take(account.site, "logs")
    query = request.query_params
    found = [m for m in _sent(request, scopes.LOGS) if m.channel == "sms" and _in_time(m, query)]
    found.reverse()
    limit, start = _limit(request), _start(query.get("cursor"))
    answer: dict[str, Any] = {
        "results": [_log_row(message) for message in found[start : start + limit]]
    }
    if query.get("useCursor") == "true":
        more = start + limit < len(found)
        answer["cursor"] = {"limit": limit, "nextCursor": str(start + limit) if more else None}
    return JSONResponse(answer)


async def reports(request: Request) -> Response:
    """Each report of an SMS once; again when its status changed since."""
    done = [
        message
        for message in _sent(request, scopes.SEND_SMS)
        if message.channel == "sms" and message.done_at
    ]
    fresh, _left = _once(request, done, lambda message: message.status)
    return JSONResponse({"results": [delivery_report(message) for message in fresh]})


async def messages_api_reports(request: Request) -> Response:
    channel = request.query_params.get("channel", "").lower()
    done = [
        message
        for message in _sent(request, scopes.SEND)
        if message.path.startswith(MESSAGES_API_PATH)
        and message.done_at
        and channel in {"", message.channel}
    ]
    fresh, _left = _once(request, done, lambda message: message.status)
    return JSONResponse({"results": [delivery_report(message) for message in fresh]})


async def inbox(request: Request) -> Response:
    """Each SMS of a customer once, whether or not a webhook took it."""
    return _inbound(request, scopes.INBOUND_SMS, "sms", "default")


async def messages_api_inbound(request: Request) -> Response:
    channel = request.query_params.get("channel", "").lower()
    return _inbound(request, scopes.INBOUND, channel, "messages_api")


def _inbound(request: Request, allowed: Collection[str], channel: str, form: str) -> Response:
    account = account_of(request, allowed)
    received = [
        message
        for message in infobip_of(request).ledger.received(channel)
        if message.site == account.site and message.at > now() - KEPT_SECONDS
    ]
    fresh, left = _once(request, received, lambda _message: "")
    rows = [payload_of(_text(message, form))["results"][0] for message in fresh]
    return JSONResponse({"results": rows, "messageCount": len(rows), "pendingMessageCount": left})


def _text(message: Message, form: str) -> Text:
    return Text(
        channel=message.channel,
        customer=message.customer,
        company=message.company,
        message=message.content or {"type": "TEXT", "text": message.text},
        message_id=message.message_id,
        received_at=wire_time(message.at - clock.ahead_seconds),
        name=message.name,
        format="mms" if form == "default" and message.kind != "text" else form,
    )


def _once(
    request: Request, messages: Iterable[Message], version: Callable[[Message], str]
) -> tuple[list[Message], int]:
    """Return those that were not handed out before, and how many of them are left.

    What is returned is remembered as handed out.
    """
    store = infobip_of(request).store

    def handed_out(message: Message) -> bool:
        kept = store.get(PULLED_KIND, str(message.number))
        return kept is not None and kept.get("version", version(message)) == version(message)

    fresh = [message for message in messages if not handed_out(message)]
    now_out = fresh[: _limit(request)]
    for message in now_out:
        store.put(PULLED_KIND, str(message.number), {"version": version(message)})
    return now_out, len(fresh) - len(now_out)


def _sent(request: Request, allowed: Collection[str]) -> list[Message]:
    account, query = account_of(request, allowed), request.query_params
    wanted = {
        "message_id": _choices(query.getlist("messageId")),
        "bulk_id": _choices(query.getlist("bulkId")),
        "customer": _choices(query.getlist("destination")),
        "company": _choices(query.getlist("sender")),
    }
    return [
        message
        for message in infobip_of(request).ledger.sent()
        if message.site == account.site
        and message.at > now() - KEPT_SECONDS
        and all(
            not choices or getattr(message, name) in choices for name, choices in wanted.items()
        )
    ]


def _in_time(message: Message, query: Any) -> bool:
    since, until = (epoch(query.get(name, "")) for name in ("sentSince", "sentUntil"))
    at = message.at - clock.ahead_seconds
    return (since is None or at >= since) and (until is None or at <= until)


def _choices(values: list[str]) -> set[str]:
    return {each.strip() for value in values for each in value.split(",") if each.strip()}


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", "")
    return min(int(text), HIGHEST_LIMIT) if text.isdigit() and int(text) else DEFAULT_LIMIT


def _start(cursor: str | None) -> int:
    return int(cursor) if cursor and cursor.isdigit() else 0


def _log_row(message: Message) -> dict[str, Any]:
    row = delivery_report(message) | {
        "destination": message.customer,
        "sender": message.company,
        "messageCount": message.parts,
        "content": {"text": message.text},
        "mccMnc": NETWORK,
    }
    return {name: value for name, value in row.items() if name not in {"to", "from", "smsCount"}}


routes = [
    Route("/sms/3/logs", logs, methods=["GET"]),
    Route("/sms/3/reports", reports, methods=["GET"]),
    Route("/sms/1/inbox/reports", inbox, methods=["GET"]),
    Route("/messages-api/1/reports", messages_api_reports, methods=["GET"]),
    Route("/messages-api/1/inbound", messages_api_inbound, methods=["GET"]),
]
