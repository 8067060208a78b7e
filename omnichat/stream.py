"""The bell of the panels: a raw ASGI app that rings, and never shows anything.

One process holds one listening connection to PostgreSQL and rings the open panels of a conversation
that has changed; they then ask the ordinary view. No ORM, no Django view: an idle panel costs a few
kilobytes. `?conversation=` is not a right: the site comes from the signed token, so a number that
was made up rings a panel at the changes of its own site, and tells nothing but that they happened.
A panel without conversation listens for the one that begins on the issue of its token.
"""

import asyncio
import logging.config
import os
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from time import time
from typing import Any
from urllib.parse import parse_qs

import psycopg
from django.conf import settings
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge

from conversations.bell import BELL, PRESENCE, PresenceRing, Ring, SiteRing
from jira_bridge import panel_session
from omnichat import metrics_server, observing
from omnichat.stream_database import connect, database_address
from tenants.pulses import Heart

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnichat.settings")
logging.config.dictConfig(settings.LOGGING)

logger = logging.getLogger(__name__)

OPEN = Gauge("omnichat_streams_open", "Panels that listen.", multiprocess_mode="livesum")
LISTENING = Gauge(
    "omnichat_stream_listening", "1 while the database rings us.", multiprocess_mode="livemin"
)
RINGS = Counter("omnichat_rings", "Notifications heard from the database.")

PING_SECONDS = 15.0
FORGOTTEN_AFTER = 11.0  # seconds; longer than a process remembers a site
LONGEST_PAUSE = 8.0  # seconds between two tries to reach the database
RESYNC = b"event: resync\ndata: 0\n\n"
SOMEBODY = b"event: presence\ndata: 0\n\n"
PING = b": ping\n\n"

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Subject = tuple[str, int | str]  # a site, and the id of a conversation or of an issue


class Bell:
    """What an open panel has still to hear: of each kind the newest only.

    One that is slow to listen asks once for all it missed.
    """

    def __init__(self, account_id: str = "") -> None:
        self.account_id = account_id
        self.waiting: dict[str, bytes] = {}
        self._rung = asyncio.Event()

    def ring(self, event: bytes, *, kind: str = "") -> None:
        self.waiting[kind] = event
        self._rung.set()

    async def heard(self) -> bytes:
        """Wait for something, and forget it."""
        await self._rung.wait()
        self._rung.clear()
        events, self.waiting = self.waiting, {}
        return b"".join(events.values())


class Stream:
    """The ASGI application: open panels by conversation, and the task that listens for them."""

    def __init__(self) -> None:
        self.bells: dict[Subject, set[Bell]] = defaultdict(set)
        self.listening = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def listen(self, conninfo: str) -> None:
        """Ring for every notification, for ever; a lost connection is made again."""
        pause = 0.25
        while True:
            try:
                async with await connect(conninfo) as connection:
                    await connection.execute(f"LISTEN {BELL}")
                    pause = 0.25
                    self._resync()
                    self.listening.set()
                    LISTENING.set(1)
                    async for notification in connection.notifies():
                        self._ring(notification.payload)
            except psycopg.Error as failure:
                logger.warning("stream.database-lost", extra={"reason": type(failure).__name__})
            finally:
                self.listening.clear()
                LISTENING.set(0)
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311 - jitter
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        observing.begin("stream")
        conninfo = database_address()
        listener = asyncio.create_task(self.listen(conninfo))
        heart = Heart("stream", conninfo)
        heart.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await asyncio.to_thread(heart.stop)
        listener.cancel()
        with suppress(asyncio.CancelledError):
            await listener
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["method"], scope["path"]:
            case "GET", "/healthz":
                await _reply(send, 200, b"ok")
            case "GET", "/readyz":
                ready = self.listening.is_set()
                await _reply(send, 200 if ready else 503, b"ready" if ready else b"no database")
            case "GET", "/metrics":
                await _figures(scope, send)
            case "OPTIONS", "/stream/":
                await _reply(send, 204, b"", _cors(scope, preflight=True))
            case "GET", "/stream/":
                await self._stream(scope, receive, send)
            case _:
                await _reply(send, 404, b"not found")

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        cors = _cors(scope)
        session = panel_session.read(_token(scope))
        if session is None:
            challenge = (b"www-authenticate", b"Bearer")
            await _reply(send, 401, b"a panel session is required", [*cors, challenge])
            return
        agent = session.agent
        subject = (agent.schema_name, _conversation_id(scope) or agent.issue_id)
        bell = Bell(agent.account_id)
        with self._subscribed(bell, subject, _presence_on(agent.schema_name, agent.issue_id)):
            await send({"type": "http.response.start", "status": 200, "headers": _SSE + cors})
            await send(_body(PING))
            gone = asyncio.create_task(_disconnected(receive))
            ringing = asyncio.create_task(_ring_until(session.expires_at, bell, send))
            try:
                await asyncio.wait({gone, ringing}, return_when=asyncio.FIRST_COMPLETED)
                if not gone.done():
                    await send({"type": "http.response.body", "body": b""})
            finally:
                gone.cancel()
                ringing.cancel()
                await asyncio.gather(gone, ringing, return_exceptions=True)

    @contextmanager
    def _subscribed(self, bell: Bell, *subjects: Subject) -> Iterator[None]:
        for subject in subjects:
            self.bells[subject].add(bell)
        OPEN.inc()
        try:
            yield
        finally:
            OPEN.dec()
            for subject in subjects:
                self.bells[subject].discard(bell)
                if not self.bells[subject]:
                    del self.bells[subject]

    def _ring(self, payload: str) -> None:
        RINGS.inc()
        if somebody := PresenceRing.parse(payload):
            self._ring_presence(somebody)
        elif everybody := SiteRing.parse(payload):
            self._ring_site(everybody)
        elif ring := Ring.parse(payload):
            for subject in (ring.conversation_id, ring.issue_id):
                for bell in self.bells.get((ring.schema_name, subject), ()):
                    bell.ring(b"event: ring\ndata: %d\n\n" % ring.version)

    def _ring_presence(self, ring: PresenceRing) -> None:
        """Nobody is told of themselves."""
        for bell in self.bells.get(_presence_on(ring.schema_name, ring.issue_id), ()):
            if bell.account_id != ring.account_id:
                bell.ring(SOMEBODY, kind=PRESENCE)

    def _ring_site(self, ring: SiteRing) -> None:
        """Twice: processes that were not told remember the site as it was for a while."""
        self._resync(ring.schema_name)
        asyncio.get_running_loop().call_later(FORGOTTEN_AFTER, self._resync, ring.schema_name)

    def _resync(self, schema_name: str = "") -> None:
        """Let every panel ask, of this site or of all: what was rung for it is lost or unknown."""
        for (of_site, _subject), bells in self.bells.items():
            if schema_name in {"", of_site}:
                for bell in bells:
                    bell.ring(RESYNC)


async def _ring_until(expires_at: float, bell: Bell, send: Send) -> None:
    while (left := expires_at - time()) > 0:
        try:
            event = await asyncio.wait_for(bell.heard(), min(left, PING_SECONDS))
        except TimeoutError:
            event = PING
        await send(_body(event))


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _presence_on(schema_name: str, issue_id: str) -> Subject:
    return schema_name, f"{PRESENCE}:{issue_id}"


def _body(content: bytes) -> Message:
    return {"type": "http.response.body", "body": content, "more_body": True}


async def _reply(
    send: Send,
    status: int,
    body: bytes,
    headers: list[tuple[bytes, bytes]] | None = None,
    *,
    kind: bytes = b"text/plain",
) -> None:
    plain = [(b"content-type", kind), (b"content-length", b"%d" % len(body))]
    headers = [*plain, *(headers or [])]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _figures(scope: Scope, send: Send) -> None:
    if not metrics_server.may_read(_header(scope, b"authorization")):
        return await _reply(send, 401, b"a token is required", [(b"www-authenticate", b"Bearer")])
    kind = CONTENT_TYPE_LATEST.encode()
    return await _reply(send, 200, metrics_server.of_process(), kind=kind)


_SSE = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


def _cors(scope: Scope, *, preflight: bool = False) -> list[tuple[bytes, bytes]]:
    """Let the panel's page, and no other, read from here: in `make run` it has another origin."""
    headers = [(b"vary", b"origin")]
    origin = _header(scope, b"origin")
    if origin != settings.APP_URL:
        return headers
    headers.append((b"access-control-allow-origin", origin.encode()))
    if preflight:
        headers += [
            (b"access-control-allow-methods", b"GET"),
            (b"access-control-allow-headers", b"authorization"),
            (b"access-control-max-age", b"7200"),
        ]
    return headers


def _token(scope: Scope) -> str:
    scheme, _, token = _header(scope, b"authorization").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _header(scope: Scope, name: bytes) -> str:
    headers: dict[bytes, bytes] = dict(scope["headers"])
    return headers.get(name, b"").decode("latin-1")


def _conversation_id(scope: Scope) -> int:
    """Return the conversation asked for; 0 when there is none yet."""
    value = parse_qs(scope["query_string"].decode("latin-1")).get("conversation", [""])[0]
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0  # noqa: PLR2004


application = Stream()
