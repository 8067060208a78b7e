"""The phones' page and its API; what they write and read goes through the sandbox's Infobip."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import FileResponse, JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.infobip.control import receive
from sandbox.infobip.envelopes import Refused
from sandbox.infobip.reports import mark_seen
from sandbox.infobip.service import bare_number, infobip_of
from sandbox.infobip.validation import read_object
from sandbox.infobip.wishes import NoSuchPhone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sandbox.config import Config
    from sandbox.infobip import ledger

STATIC = Path(__file__).parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-cache",
}


def create_app(config: Config, infobip: Starlette) -> Starlette:
    app = Starlette(
        routes=[
            Route("/", page, methods=["GET"]),
            Route("/api/senders", senders, methods=["GET"]),
            Route("/api/thread", thread, methods=["GET"]),
            Route("/api/messages", write, methods=["POST"]),
            Route("/api/read", read, methods=["POST"]),
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
    """Return the numbers one can write to, and where the company reads it."""
    rows = [
        {"site": account.site, "channel": channel, "number": number}
        for account in infobip_of(request).accounts.all()
        for channel, number in account.senders.items()
    ]
    return JSONResponse({"senders": rows, "jira_url": request.app.state.jira_url})


async def thread(request: Request) -> Response:
    """Return the messages as the phone has them, and how many of them it has not read."""
    book, key = infobip_of(request).ledger, _thread_of(request.query_params)
    shown = [m for m in book.thread(key) if m.direction == "in" or m.arrived]
    shown.sort(key=lambda m: m.done_at or m.at)
    return JSONResponse(
        {
            "messages": [_bubble(message) for message in shown],
            "unread": sum(m.direction == "out" and m.seen_at is None for m in shown),
            "typing": book.is_typing(key),
        }
    )


async def write(request: Request) -> Response:
    wanted = await read_object(request)
    channel, customer, company = _thread_of(wanted)
    message = {"channel": channel, "from": customer, "to": company, "text": wanted.get("text")}
    return JSONResponse(await receive(infobip_of(request), message))


async def read(request: Request) -> Response:
    channel, customer, company = _thread_of(await read_object(request))
    if channel != "whatsapp":
        return JSONResponse({"seen": []})
    seen = mark_seen(infobip_of(request), customer, company, arrived_only=True)
    return JSONResponse({"seen": [message.message_id for message in seen]})


def _thread_of(wanted: Mapping[str, Any]) -> ledger.Thread:
    customer = bare_number(str(wanted.get("number") or ""))
    if not customer.isdigit():
        raise NoSuchPhone("A number is written in digits, like 385991903327.")
    channel = str(wanted.get("channel") or "sms").lower()
    return channel, customer, bare_number(str(wanted.get("to") or ""))


def _bubble(message: ledger.Message) -> dict[str, Any]:
    mine = message.direction == "in"
    return {
        "id": message.number,
        "direction": "mine" if mine else "theirs",
        "text": message.text,
        "at": message.at,
        "state": _state_of_mine(message) if mine else message.state,
    }


def _state_of_mine(message: ledger.Message) -> str:
    if message.read_at:
        return "read"
    return "sent" if message.taken_at else "sending"


async def _refuse(_request: Request, error: Exception) -> Response:
    reason = str(error) if isinstance(error, NoSuchPhone) else "The request is not understood."
    return JSONResponse({"error": reason}, status_code=400)
