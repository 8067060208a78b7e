"""Faults on demand: what can go wrong between the product and the world, played when asked for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from fnmatch import fnmatchcase
from time import monotonic
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

QUOTA_KINDS = ("429_quota", "429_site_quota")
REFUSALS = {
    "401": 401,
    "403": 403,
    "429": 429,
    "429_retry_after": 429,
    **dict.fromkeys(QUOTA_KINDS, 429),
    "500": 500,
    "html_502": 502,
}
REQUEST_KINDS = (*REFUSALS, "timeout", "drop_after_accept", "slow")
WEBHOOK_KINDS = ("duplicate_webhook", "reorder", "batch")
EVENT_KINDS = ("lost", "duplicate", "late", "reorder", "wrapped", "bare_status")
KINDS = tuple(dict.fromkeys((*REQUEST_KINDS, *WEBHOOK_KINDS, *EVENT_KINDS)))

LONGEST_SILENCE = 60.0
SLOW_SECONDS = 2.0
RETRY_AFTER_SECONDS = 2


class UnknownFault(ValueError):
    pass


class ConnectionDropped(Exception):
    """Raised where no real connection can be closed, as under a test client."""


@dataclass
class Fault:
    route: str
    kind: str
    times: int
    retry_after: int | None = None
    seconds: float | None = None
    ends_at: float | None = None
    """By the monotonic clock."""

    def concerns(self, name: str) -> bool:
        return self.route in name or fnmatchcase(name, self.route)


class Faults:
    """The faults that are waiting to be played, oldest first."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(
        self,
        route: str,
        kind: str,
        times: int = 1,
        *,
        retry_after: int | None = None,
        seconds: float | None = None,
        lasts: float | None = None,
    ) -> None:
        """Have a fault played the next `times` times, but none after it has lasted so long."""
        if kind not in KINDS:
            raise UnknownFault(f"unknown kind {kind!r}; the kinds are {', '.join(KINDS)}")
        if kind == "429_retry_after" and retry_after is None:
            retry_after = RETRY_AFTER_SECONDS
        ends_at = None if lasts is None else monotonic() + lasts
        self._waiting.append(Fault(route, kind, times, retry_after, seconds, ends_at))

    def take(self, path: str) -> str | None:
        fault = self.draw(path)
        return None if fault is None else fault.kind

    def draw(self, *names: str, among: Collection[str] = KINDS) -> Fault | None:
        """Count down and return the first fault of these kinds that concerns any of the names."""
        self._forget_what_is_over()
        for fault in self._waiting:
            if fault.kind in among and any(map(fault.concerns, names)):
                fault.times -= 1
                self._waiting = [each for each in self._waiting if each.times > 0]
                return fault
        return None

    def clear(self) -> None:
        self._waiting.clear()

    def waiting(self) -> list[dict[str, Any]]:
        self._forget_what_is_over()
        return [{"route": f.route, "kind": f.kind, "times": f.times} for f in self._waiting]

    def _forget_what_is_over(self) -> None:
        now = monotonic()
        self._waiting = [f for f in self._waiting if f.ends_at is None or now < f.ends_at]


def control_route(faults: Faults) -> Route:
    """Serve `/_sandbox/faults`: POST adds one, GET lists, DELETE clears."""

    async def control(request: Request) -> Response:
        if request.method == "DELETE":
            faults.clear()
        elif request.method == "POST":
            try:
                _add(faults, await request.json())
            except (ValueError, TypeError, AttributeError) as error:
                return JSONResponse({"error": str(error)}, status_code=400)
        return JSONResponse({"faults": faults.waiting()})

    return Route("/_sandbox/faults", control, methods=["GET", "POST", "DELETE"])


def _add(faults: Faults, wanted: dict[str, Any]) -> None:
    retry_after = wanted.get("retry_after")
    faults.add(
        str(wanted.get("route", "*")),
        str(wanted.get("kind")),
        int(wanted.get("times", 1)),
        retry_after=None if retry_after is None else int(retry_after),
        seconds=_seconds(wanted, "seconds"),
        lasts=_seconds(wanted, "lasts"),
    )


def _seconds(wanted: dict[str, Any], name: str) -> float | None:
    value = wanted.get(name)
    return None if value is None else float(value)


class FaultMiddleware:
    """Plays the faults of requests. `refusal(path, status)` is the app's own 429 or 500.

    `quota(kind)` is its 429 for a quota, where it has any.

    Use: `Starlette(middleware=[Middleware(FaultMiddleware, faults=faults, refusal=refusal)])`.
    """

    def __init__(
        self,
        app: ASGIApp,
        faults: Faults,
        refusal: Callable[[str, int], Response],
        quota: Callable[[str], Response] | None = None,
    ) -> None:
        self.app = app
        self.faults = faults
        self.refusal = refusal
        self.quota = quota

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox/"):
            await self.app(scope, receive, send)
            return
        fault = self.faults.draw(scope["path"], among=REQUEST_KINDS)
        if fault is None:
            await self.app(scope, receive, send)
        elif fault.kind in REFUSALS:
            await self._refuse(fault, scope["path"])(scope, receive, send)
        elif fault.kind == "timeout":
            await _stay_silent(receive)
        else:
            await self._take(fault, scope, receive, send)

    def _refuse(self, fault: Fault, path: str) -> Response:
        if fault.kind == "html_502":
            page = "<html><head><title>502 Bad Gateway</title></head><body>502</body></html>"
            return HTMLResponse(page, status_code=502)
        if self.quota is not None and fault.kind in QUOTA_KINDS:
            response = self.quota(fault.kind)
        else:
            response = self.refusal(path, REFUSALS[fault.kind])
        if fault.retry_after is not None:
            response.headers["Retry-After"] = str(fault.retry_after)
        return response

    async def _take(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        await self.app(scope, receive, keep)
        if fault.kind == "drop_after_accept":
            await _drop(receive)
            return
        await asyncio.sleep(SLOW_SECONDS if fault.seconds is None else fault.seconds)
        for message in answer:
            await send(message)


async def _stay_silent(receive: Receive) -> None:
    try:
        async with asyncio.timeout(LONGEST_SILENCE):
            await _wait_for_disconnect(receive)
    except TimeoutError:
        await _drop(receive)


async def _drop(receive: Receive) -> None:
    # ASGI has no word for hanging up; uvicorn's `receive` is a method of the object that can.
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionDropped
    transport.close()
    await _wait_for_disconnect(receive)


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
