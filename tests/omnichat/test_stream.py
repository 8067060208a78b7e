"""The stream process: it rings whose conversation changed, and tells nobody anything else."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from time import time

import psycopg
import pytest
import time_machine
from django.conf import settings

from conversations.bell import BELL, PresenceRing, Ring, SiteRing
from jira_bridge import panel_session
from omnichat.stream import FORGOTTEN_AFTER, PING, RESYNC, SOMEBODY, Bell, Stream, database_address
from tenants.directory import REMEMBER_SECONDS
from tenants.side_connection import conninfo
from tests.factories import AgentFactory

PATIENCE_SECONDS = 20
ORIGIN = (b"origin", settings.APP_URL.encode())


class Panel:
    """One client of the stream: what it asks, what it hears, and when it leaves."""

    def __init__(self, stream, *, method="GET", path="/stream/", query="", headers=()):
        self.stream = stream
        self.scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": list(headers),
        }
        self.messages = asyncio.Queue()
        self.left = asyncio.Event()

    async def run(self):
        await self.stream(self.scope, self._receive, self.messages.put)

    async def answer(self):
        await self.run()
        start, body = self.messages.get_nowait(), self.messages.get_nowait()
        return start["status"], dict(start["headers"]), body["body"]

    async def hear(self):
        message = await asyncio.wait_for(self.messages.get(), PATIENCE_SECONDS)
        return message.get("body", message.get("status"))

    async def _receive(self):
        await self.left.wait()
        return {"type": "http.disconnect"}


def bearer(**agent):
    return b"authorization", f"Bearer {panel_session.issue(AgentFactory(**agent))}".encode()


@asynccontextmanager
async def open_panel(stream, conversation_id, **agent):
    panel = Panel(stream, query=f"conversation={conversation_id}", headers=[bearer(**agent)])
    running = asyncio.create_task(panel.run())
    assert (await panel.hear(), await panel.hear()) == (200, PING)
    yield panel
    panel.left.set()
    await asyncio.wait_for(running, PATIENCE_SECONDS)


@asynccontextmanager
async def listening(address):
    stream = Stream()
    listener = asyncio.create_task(stream.listen(address))
    await asyncio.wait_for(stream.listening.wait(), PATIENCE_SECONDS)
    yield stream
    listener.cancel()


@pytest.fixture
def address(db):
    return conninfo()


def notify(address, payload):
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SELECT pg_notify(%s, %s)", (BELL, str(payload)))


def test_panel_hears_that_its_conversation_changed(address):
    async def play():
        async with listening(address) as stream, open_panel(stream, 7) as panel:
            await asyncio.to_thread(notify, address, Ring("site_acme", 7, 42))
            return await panel.hear()

    assert asyncio.run(play()) == b"event: ring\ndata: 42\n\n"


def test_panel_without_conversation_hears_that_one_begins_on_its_request(address):
    async def play():
        async with listening(address) as stream, open_panel(stream, 0) as panel:
            await asyncio.to_thread(notify, address, Ring("site_acme", 8, 1, "10102"))
            await asyncio.to_thread(notify, address, Ring("site_acme", 7, 2, "10101"))
            return await panel.hear()

    assert asyncio.run(play()) == b"event: ring\ndata: 2\n\n"


@pytest.mark.parametrize("issue_id", ["", "10101"])
def test_ring_is_read_as_it_was_written(issue_id):
    ring = Ring("site_acme", 7, 42, issue_id)

    assert Ring.parse(str(ring)) == ring


@pytest.mark.parametrize(
    "foreign", [Ring("site_globex", 7, 41), Ring("site_acme", 8, 41), "nonsense", "a:b:c"]
)
def test_what_is_not_its_own_never_rings(address, foreign):
    async def play():
        async with listening(address) as stream, open_panel(stream, 7) as panel:
            await asyncio.to_thread(notify, address, foreign)
            await asyncio.to_thread(notify, address, Ring("site_acme", 7, 42))
            return await panel.hear()

    assert asyncio.run(play()) == b"event: ring\ndata: 42\n\n"


def test_a_slow_panel_keeps_only_the_newest_ring():
    async def play():
        stream, bell = Stream(), Bell()
        with stream._subscribed(bell, ("site_acme", 7)):
            for version in range(1, 1001):
                stream._ring(str(Ring("site_acme", 7, version)))
            return await bell.heard(), bell.waiting

    assert asyncio.run(play()) == (b"event: ring\ndata: 1000\n\n", {})


def test_panel_hears_of_a_colleague_on_its_request(address):
    async def play():
        async with listening(address) as stream, open_panel(stream, 7) as panel:
            await asyncio.to_thread(notify, address, PresenceRing("site_acme", "10101", "712:b"))
            return await panel.hear()

    assert asyncio.run(play()) == SOMEBODY


@pytest.mark.parametrize(
    "foreign",
    [
        PresenceRing("site_globex", "10101", "712:b"),
        PresenceRing("site_acme", "10102", "712:b"),
        PresenceRing("site_acme", "10101", "712:a"),
        "presence:site_acme:10101",
    ],
)
def test_colleagues_elsewhere_and_oneself_never_ring(address, foreign):
    async def play():
        agent = {"account_id": "712:a"}
        async with listening(address) as stream, open_panel(stream, 7, **agent) as panel:
            await asyncio.to_thread(notify, address, foreign)
            await asyncio.to_thread(notify, address, Ring("site_acme", 7, 42))
            return await panel.hear()

    assert asyncio.run(play()) == b"event: ring\ndata: 42\n\n"


def test_colleague_drives_no_change_out():
    async def play():
        bell = Bell()
        bell.ring(b"event: ring\ndata: 42\n\n")
        bell.ring(SOMEBODY, kind="presence")
        return await bell.heard()

    assert asyncio.run(play()) == b"event: ring\ndata: 42\n\n" + SOMEBODY


def test_presence_is_read_as_it_was_written():
    ring = PresenceRing("site_acme", "10101", "712020:4f:1")

    assert PresenceRing.parse(str(ring)) == ring
    assert Ring.parse(str(ring)) is None


def test_a_burst_rings_each_of_two_hundred_panels_once_and_for_the_newest(address):
    """What a panel has not heard yet is one ring: it asks once for all of the burst."""

    async def play():
        async with listening(address) as stream, AsyncExitStack() as stack:
            panels = [await stack.enter_async_context(open_panel(stream, 7)) for _ in range(200)]
            for version in range(1, 11):
                stream._ring(str(Ring("site_acme", 7, version)))
            heard = [await panel.hear() for panel in panels]
            await asyncio.to_thread(notify, address, Ring("site_acme", 7, 11))
            return set(heard), {await panel.hear() for panel in panels}

    first, second = asyncio.run(play())
    assert (first, second) == ({b"event: ring\ndata: 10\n\n"}, {b"event: ring\ndata: 11\n\n"})


def test_site_rings_its_panels_and_once_more_when_nobody_remembers_it_as_it_was(
    address, monkeypatch
):
    assert FORGOTTEN_AFTER > REMEMBER_SECONDS
    monkeypatch.setattr("omnichat.stream.FORGOTTEN_AFTER", 0)

    async def play():
        async with listening(address) as stream, open_panel(stream, 7) as panel:
            await asyncio.to_thread(notify, address, SiteRing("site_globex"))
            await asyncio.to_thread(notify, address, Ring("site_acme", 7, 42))
            heard = [await panel.hear()]
            await asyncio.to_thread(notify, address, SiteRing("site_acme"))
            return [*heard, await panel.hear(), await panel.hear()]

    assert asyncio.run(play()) == [b"event: ring\ndata: 42\n\n", RESYNC, RESYNC]


def test_everybody_asks_after_the_database_was_lost(address):
    async def play():
        async with listening(address) as stream, open_panel(stream, 7) as panel:
            await asyncio.to_thread(cut_off_listeners, address)
            return await panel.hear()

    assert asyncio.run(play()) == RESYNC


def test_who_leaves_is_forgotten():
    async def play():
        stream = Stream()
        async with open_panel(stream, 7):
            during = sum(len(bells) for bells in stream.bells.values())
        return during, len(stream.bells)

    assert asyncio.run(play()) == (2, 0)


def test_it_ends_with_the_token(monkeypatch):
    # The stream's clock alone: the event loop's own must not jump with it.
    now = [time()]
    monkeypatch.setattr("omnichat.stream.time", lambda: now[0])

    async def play():
        stream = Stream()
        async with open_panel(stream, 7) as panel:
            stream._ring(str(Ring("site_acme", 7, 42)))
            heard = [await panel.hear()]
            now[0] += panel_session.LIFETIME_SECONDS + 1
            stream._ring(str(Ring("site_acme", 7, 43)))
            while heard[-1]:  # the second ring may or may not have been on its way already
                heard.append(await panel.hear())
            return heard

    heard = asyncio.run(play())

    assert heard[0] == b"event: ring\ndata: 42\n\n"
    assert heard[-1] == b""


def test_without_a_token_nobody_listens():
    status, headers, _body = asyncio.run(Panel(Stream(), headers=[ORIGIN]).answer())

    assert (status, headers[b"www-authenticate"]) == (401, b"Bearer")
    assert headers[b"access-control-allow-origin"] == settings.APP_URL.encode()


@pytest.mark.parametrize("value", [b"Bearer nonsense", b"Basic YTpi", b"Bearer "])
def test_a_token_that_is_not_ours_is_refused(value):
    panel = Panel(Stream(), headers=[(b"authorization", value)])

    assert asyncio.run(panel.answer())[0] == 401


def test_an_old_token_is_refused():
    with time_machine.travel(0, tick=False) as clock:
        header = bearer()
        clock.shift(panel_session.LIFETIME_SECONDS)
        status, _headers, _body = asyncio.run(Panel(Stream(), headers=[header]).answer())

    assert status == 401


def test_the_panels_page_may_ask_with_a_header():
    panel = Panel(Stream(), method="OPTIONS", headers=[ORIGIN])
    status, headers, _body = asyncio.run(panel.answer())

    assert status == 204
    assert headers[b"access-control-allow-headers"] == b"authorization"


@pytest.mark.parametrize("origin", [b"https://evil.example", b"null", b""])
def test_no_other_page_may(origin):
    panel = Panel(Stream(), method="OPTIONS", headers=[(b"origin", origin)])
    _status, headers, _body = asyncio.run(panel.answer())

    assert b"access-control-allow-origin" not in headers


def test_operators_see_whether_it_listens(address):
    async def play():
        deaf = await Panel(Stream(), path="/readyz").answer()
        async with listening(address) as stream:
            return [deaf[0]] + [
                (await Panel(stream, path=path).answer())[0] for path in ("/readyz", "/healthz")
            ]

    assert asyncio.run(play()) == [503, 200, 200]


# Else a heart whose server is gone without a word would wait for a quarter of an hour.
NOTICED = {"keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3"}


def test_it_finds_the_database_without_django(monkeypatch):
    database = {
        "NAME": "omnichat",
        "HOST": "db.example",
        "PORT": 5433,
        "USER": "app",
        "PASSWORD": "it's a 'secret'",
        "OPTIONS": {
            "sslmode": "require",
            "target_session_attrs": "primary",
            "tcp_user_timeout": 10_000,
            "pool": True,
        },
    }
    monkeypatch.setitem(settings.DATABASES, "default", database)

    assert psycopg.conninfo.conninfo_to_dict(database_address()) == {
        "dbname": "omnichat",
        "host": "db.example",
        "port": "5433",
        "user": "app",
        "password": "it's a 'secret'",
        "sslmode": "require",
        "target_session_attrs": "primary",
        "tcp_user_timeout": "10000",
        **NOTICED,
    }


def test_socket_folder_of_a_url_is_part_of_the_address(monkeypatch):
    """`postgresql://postgres@/omnichat?host=/run/pg`, as the local run's embedded server has it."""
    database = {"NAME": "omnichat", "HOST": "", "USER": "postgres", "OPTIONS": {"host": "/run/pg"}}
    monkeypatch.setitem(settings.DATABASES, "default", database)

    assert psycopg.conninfo.conninfo_to_dict(database_address()) == {
        "dbname": "omnichat",
        "host": "/run/pg",
        "user": "postgres",
        **NOTICED,
    }


def cut_off_listeners(address):
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'omnichat-stream'"
        )
