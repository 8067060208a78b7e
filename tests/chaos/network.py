"""The network between the product and its stores: lines of ours that can be cut, slow or dead."""

import asyncio
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

PIECE = 64 * 1024


@dataclass
class Line:
    """A TCP port of ours before a store's unix socket.

    `delay` is how many seconds every piece takes; while `alive` is not set nothing gets through, in
    either direction, and nobody is told: connections stay open.
    """

    target: str
    port: int = 0
    delay: float = 0.0
    alive: asyncio.Event = field(default_factory=asyncio.Event)
    writers: set = field(default_factory=set)

    async def open(self):
        self.alive.set()
        self.server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]

    def cut(self):
        """Reset every connection."""
        for writer in list(self.writers):
            writer.transport.abort()

    async def close(self):
        self.server.close()
        self.cut()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for each in others:
            each.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _join(self, reader, writer):
        await self.alive.wait()
        try:
            far_reader, far_writer = await asyncio.open_unix_connection(self.target)
        except OSError:
            writer.transport.abort()
            return
        self.writers |= {writer, far_writer}
        there = asyncio.create_task(self._carry(reader, far_writer))
        back = asyncio.create_task(self._carry(far_reader, writer))
        await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
        for each in (there, back):
            each.cancel()
        await asyncio.gather(there, back, return_exceptions=True)
        for each in (writer, far_writer):
            each.close()
        self.writers -= {writer, far_writer}

    async def _carry(self, reader, writer):
        with suppress(OSError):
            while piece := await reader.read(PIECE):
                await self.alive.wait()
                if self.delay:
                    await asyncio.sleep(self.delay)
                writer.write(piece)
                await writer.drain()


class Network:
    """The lines by name, on an event loop in a thread of its own."""

    def __init__(self, loop, lines):
        self._loop = loop
        self._lines = lines

    def address(self, name):
        return f"127.0.0.1:{self._lines[name].port}"

    def cut(self, name):
        self._loop.call_soon_threadsafe(self._lines[name].cut)

    def slow(self, name, seconds):
        self._loop.call_soon_threadsafe(setattr, self._lines[name], "delay", seconds)

    def hold(self, name):
        self._loop.call_soon_threadsafe(self._lines[name].alive.clear)

    def release(self, name):
        """Let what was held go on."""
        self._loop.call_soon_threadsafe(self._lines[name].alive.set)


@contextmanager
def network(**targets):
    """Open a line to each target's unix socket, which need not be there yet."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="network", daemon=True)
    thread.start()
    lines = {name: Line(str(target)) for name, target in targets.items()}
    for line in lines.values():
        asyncio.run_coroutine_threadsafe(line.open(), loop).result(10)
    try:
        yield Network(loop, lines)
    finally:
        for line in lines.values():
            asyncio.run_coroutine_threadsafe(line.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
