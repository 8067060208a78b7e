"""The phones' page and its API; what they write and read goes through the sandbox's Infobip."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.infobip import identities, marketing
from sandbox.infobip.clock import clock
from sandbox.infobip.control import receive
from sandbox.infobip.envelopes import Refused
from sandbox.infobip.people import user_id
from sandbox.infobip.reports import mark_seen
from sandbox.infobip.service import bare_number, infobip_of
from sandbox.infobip.validation import read_object
from sandbox.infobip.wishes import NoSuchPhone
from sandbox.phones.bubbles import bubbles, media_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sandbox.config import Config
    from sandbox.infobip import ledger

STATIC = Path(__file__).parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-cache",
}
# Shown in the page; any other file is only ever saved.
SHOWN = ("image/jpeg", "image/png", "image/webp", "image/gif", "audio/", "video/")
ADDRESSING = frozenset({"channel", "number", "to", "hidden", "ago"})
HOUR_SECONDS = 3600
MOST_HOURS = 24 * 60


def create_app(config: Config, infobip: Starlette) -> Starlette:
    app = Starlette(
        routes=[
            Route("/", page, methods=["GET"]),
            Route("/api/senders", senders, methods=["GET"]),
            Route("/api/thread", thread, methods=["GET"]),
            Route("/api/messages", write, methods=["POST"]),
            Route("/api/read", read, methods=["POST"]),
            Route("/api/clock", set_clock, methods=["POST"]),
            Route("/api/marketing", marketing.control, methods=["POST"]),
            Route("/api/identity", identities.control, methods=["POST"]),
            Route("/media/{number:int}", media, methods=["GET"]),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(SecureHeaders)],
        exception_handlers={NoSuchPhone: _refuse, Refused: _refuse},
    )
    app.state.infobip = infobip.state.infobip
    app.state.jira_url = config.jira_url
    return app


class SecureHeaders:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS.items()]
            await send(message)

        await self.app(scope, receive, send_with_headers)


async def page(_request: Request) -> Response:
    return FileResponse(STATIC / "phones.html")


async def senders(request: Request) -> Response:
    """Return the numbers one can write to, and where the company reads it.

    With a `number`, also other senders that wrote to it, such as the name of a fallback, and
    the last message of each.
    """
    infobip, number = infobip_of(request), bare_number(request.query_params.get("number", ""))
    rows = {
        (channel, each): account.site
        for account in infobip.accounts.all()
        for channel in account.senders
        for each in account.numbers(channel)
    }
    latest: dict[tuple[str, str], int] = {}
    for message in infobip.ledger.sent("", number) if number else ():
        if message.arrived:
            rows.setdefault((message.channel, message.company), message.site)
            latest[message.channel, message.company] = message.number
    listed = [
        {"site": site, "channel": key[0], "number": key[1], "latest": latest.get(key, 0)}
        for key, site in rows.items()
    ]
    return JSONResponse({"senders": listed, "jira_url": request.app.state.jira_url})


async def thread(request: Request) -> Response:
    """Return the messages as the phone has them, how many it has not read, and the time there."""
    infobip, key = infobip_of(request), _thread_of(request.query_params)
    shown = [m for m in infobip.ledger.thread(key) if m.direction == "in" or m.arrived]
    # Inbound times have milliseconds only, like those on the wire.
    shown.sort(key=lambda m: (int((m.done_at or m.at) * 1000), m.number))
    return JSONResponse(
        {
            "messages": bubbles(infobip, shown),
            "unread": sum(m.direction == "out" and m.seen_at is None for m in shown),
            "typing": infobip.ledger.is_typing(key),
            "now": clock.now(),
            "ahead": clock.ahead_seconds,
            "heard_at": infobip.ledger.last_heard(key) or None,
        }
    )


async def write(request: Request) -> Response:
    """Send what the page puts together, in the words of the sandbox's `inbound` route."""
    wanted = await read_object(request)
    channel, customer, company = _thread_of(wanted)
    message = {name: value for name, value in wanted.items() if name not in ADDRESSING}
    message |= {"channel": channel, "to": company, "type": wanted.get("type") or "text"}
    hidden = channel == "whatsapp" and wanted.get("hidden") is True
    message |= {"from": None, "user_id": user_id(customer)} if hidden else {"from": customer}
    if ago := _positive(wanted.get("ago")):
        message["received_at"] = time.time() - ago
    return JSONResponse(await receive(infobip_of(request), message))


async def read(request: Request) -> Response:
    channel, customer, company = _thread_of(await read_object(request))
    if channel != "whatsapp":
        return JSONResponse({"seen": []})
    seen = mark_seen(infobip_of(request), customer, company, arrived_only=True)
    return JSONResponse({"seen": [message.message_id for message in seen]})


async def set_clock(request: Request) -> Response:
    """Let hours pass for Infobip and the phones; no hours: back to the machine's time."""
    hours = _positive((await read_object(request)).get("hours"))
    if hours > MOST_HOURS:
        raise NoSuchPhone("At most 60 days at once.")
    ahead = clock.ahead_seconds + hours * HOUR_SECONDS if hours else 0.0
    clock.set_ahead(infobip_of(request).store, ahead)
    return JSONResponse({"now": clock.now(), "ahead": ahead})


async def media(request: Request) -> Response:
    infobip = infobip_of(request)
    message = infobip.ledger.with_number(request.path_params["number"])
    file = media_of(infobip, message) if message else None
    if file is None:
        return JSONResponse({"error": "There is no such file."}, status_code=404)
    shown = file.content_type.startswith(SHOWN)
    return FileResponse(
        infobip.media.path_of(file),
        media_type=file.content_type if shown else "application/octet-stream",
        filename=file.name or "file",
        content_disposition_type="inline" if shown else "attachment",
    )


def _thread_of(wanted: Mapping[str, Any]) -> ledger.Thread:
    customer = bare_number(str(wanted.get("number") or ""))
    if not customer.isdigit():
        raise NoSuchPhone("A number is written in digits, like 385991903327.")
    channel = str(wanted.get("channel") or "sms").lower()
    return channel, customer, bare_number(str(wanted.get("to") or ""))


def _positive(value: Any) -> float:
    """Return a count from the page as a number, 0 for anything that is none."""
    return float(value) if isinstance(value, int | float) and value > 0 else 0.0


async def _refuse(_request: Request, error: Exception) -> Response:
    reason = str(error) if isinstance(error, NoSuchPhone) else "The request is not understood."
    return JSONResponse({"error": reason}, status_code=400)
