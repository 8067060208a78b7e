"""The three sandbox servers in one process: `python -m sandbox.world`."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import TYPE_CHECKING

import uvicorn

import sandbox.infobip.app
import sandbox.jira.app
import sandbox.phones.app
from sandbox.config import Config
from sandbox.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.applications import Starlette


class Server(uvicorn.Server):
    """A uvicorn server that leaves the signals to `serve`, which has three to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def hang_up(self) -> None:
        """Close what is open, be it in the middle of an answer, and stop."""
        for connection in self.server_state.connections:
            connection.transport.close()
        self.should_exit = True


async def serve(config: Config) -> None:
    """Serve until SIGTERM or SIGINT, then hang up within a second."""
    store = Store(config.state_dir / "sandbox.sqlite3")
    infobip = sandbox.infobip.app.create_app(config, store)
    servers = [
        _server(infobip, config.infobip_port),
        _server(sandbox.jira.app.create_app(config, store), config.jira_port),
        _server(sandbox.phones.app.create_app(config, infobip), config.phones_port),
    ]

    def stop() -> None:
        for server in servers:
            server.hang_up()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    await asyncio.gather(*(server.serve() for server in servers))
    store.close()


def _server(app: Starlette, port: int) -> Server:
    return Server(
        uvicorn.Config(
            app,
            host="127.0.0.1",
            port=port,
            access_log=False,
            log_level="warning",
            timeout_graceful_shutdown=1,
        )
    )


if __name__ == "__main__":
    asyncio.run(serve(Config.from_environment()))
