"""Customers who write and agents who answer, at a pace, over bare connections.

Run as a process of its own: `python -m tests.benchmarks.exchange` reads what to do and prints the
seconds that each message took. Every agent's panel does what the page does (static/panel/live.js):
it holds a stream, asks for updates when it is rung, once at a time, and once more if it was rung
meanwhile; while it sends, a ring waits for the answer. A message is due at its place in the pace,
whatever became of those before it, and its time counts from then.

Asked: `webhook`, `app` and `stream` (host and port of each), `panels` (of each: `path` of its
site's webhook, `channel`, `number`, `sender`, `issue`, `conversation`, `token`, `sender_id`,
`address_id`), `processes` (of each: name and process id), `per_second`, `count`, and `act`: `write`
(phone to screen) or `answer` (agents post; it tells when each was due, for the provider knows when
it arrived).
"""

import asyncio
import json
import re
import secrets
import sys
import time
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.benchmarks.processes import Group, seconds_of

MARK = re.compile(rb"bench-(\w+)-(\d+)")
RING = re.compile(rb"event: (\w+)\ndata: (\d+)\n\n")
PATIENCE_SECONDS = 120.0
READY_SECONDS = 120.0
HELD_BACK_SECONDS = 0.5
AT_ONCE = 16  # requests of panels that are just being opened


class Client:
    """Keeps connections to one server alive, as many as are needed at once."""

    def __init__(self, host, port):
        self.address = (host, port)
        self.idle = []
        self.opened = 0

    async def ask(self, method, path, headers=(), body=b""):
        """Return status, headers and body of the answer."""
        reader, writer = await self._connection()
        head = [f"{method} {path} HTTP/1.1", f"Host: {self.address[0]}:{self.address[1]}"]
        head += [*headers, f"Content-Length: {len(body)}"] if body else headers
        writer.write("\r\n".join([*head, "", ""]).encode() + body)
        answer = await _answer(reader)
        self.idle.append((reader, writer))
        return answer

    async def _connection(self):
        while self.idle:
            reader, writer = self.idle.pop()
            if not reader.at_eof():  # the server ends those that have long been idle
                return reader, writer
        self.opened += 1
        return await asyncio.open_connection(*self.address)


@dataclass
class Panel:
    """An agent's open panel: where it stands, and what it has been rung for."""

    at: dict
    app: Client
    seen: "Seen"
    cursor: int = 0
    marks: str = ""
    asking: bool = False
    again: bool = False
    rung: int = 0
    sends: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def bearer(self):
        return f"Authorization: Bearer {self.at['token']}"

    async def view(self):
        _status, headers, _body = await self.app.ask(
            "GET", f"/panel/{self.at['issue']}/view", [self.bearer]
        )
        self._stand(headers)

    async def listen(self, host, port):
        reader, writer = await asyncio.open_connection(host, port)
        path = f"/stream/?conversation={self.at['conversation']}"
        head = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n{self.bearer}\r\n\r\n"
        writer.write(head.encode())
        kept = b""
        while data := await reader.read(65536):
            self.open.set()
            kept += data
            for ring in RING.finditer(kept):
                self.hear(ring[1], int(ring[2]))
            # What is whole has been heard; an event may have come in part.
            kept = kept.rpartition(b"\n\n")[2]

    def hear(self, kind, version):
        if kind == b"presence":
            return
        self.rung, self.again = max(self.rung, version), self.again or kind == b"resync"
        if self.sends:
            asyncio.get_running_loop().call_later(HELD_BACK_SECONDS, self.catch_up)
        else:
            self.catch_up()

    def catch_up(self):
        if not self.asking and (self.again or self.rung > self.cursor):
            self.asking = True
            _spawn(self.refresh())

    async def refresh(self):
        while True:
            self.again, self.rung = False, 0
            query = urlencode({"after": self.cursor, "seen": self.marks})
            status, headers, body = await self.app.ask(
                "GET", f"/panel/{self.at['issue']}/updates?{query}", [self.bearer]
            )
            if status not in (200, 204):
                self.seen.refused[status] += 1
                break
            self.seen.look(body)
            self._stand(headers)
            if not (self.again or self.rung > self.cursor):
                break
        self.asking = False

    async def post(self, text):
        """Answer the customer, as the page's form does."""
        form = {
            "text": text,
            "client_id": str(uuid.uuid4()),
            "after": self.cursor,
            "seen": self.marks,
        }
        form |= {"sender": self.at["sender_id"], "address": self.at["address_id"]}
        headers = [self.bearer, "Content-Type: application/x-www-form-urlencoded"]
        self.sends += 1
        status, headers, _body = await self.app.ask(
            "POST", f"/panel/{self.at['issue']}/messages", headers, urlencode(form).encode()
        )
        self.sends -= 1
        if status == 200:
            self._stand(headers)
        else:
            self.seen.refused[status] += 1
        self.catch_up()

    def _stand(self, headers):
        self.cursor = max(self.cursor, int(headers["x-cursor"]))
        self.marks = headers["x-seen"]


@dataclass
class Seen:
    """When each message was due, and when it was first in an answer that a panel got."""

    run: bytes = field(default_factory=lambda: secrets.token_hex(3).encode())
    due: dict[int, float] = field(default_factory=dict)
    at: dict[int, float] = field(default_factory=dict)
    taken: dict[int, float] = field(default_factory=dict)
    refused: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def text(self, number):
        return f"Has parcel bench-{self.run.decode()}-{number} left your depot? I am at home."

    def look(self, body):
        now = time.time()
        for run, number in MARK.findall(body):
            if run == self.run:
                self.at.setdefault(int(number), now)


async def main(asked):
    app, webhook, seen = Client(*asked["app"]), Client(*asked["webhook"]), Seen()
    panels = [Panel(at, app, seen) for at in asked["panels"]]
    await _open(panels, asked["stream"])
    # Once all panels are open: what that costs is another matter.
    before = seconds_of([Group(name, pid) for name, pid in asked["processes"]])
    began, cpu = time.time(), time.process_time()

    async def write(number):
        panel = panels[number % len(panels)]
        shape = _sms if panel.at["channel"] == "sms" else _whatsapp
        row = _row(panel.at, f"{seen.run.decode()}-{number}") | shape(seen.text(number))
        body = json.dumps({"results": [row], "messageCount": 1, "pendingMessageCount": 0}).encode()
        headers = ["Content-Type: application/json"]
        status, _headers, _body = await webhook.ask("POST", panel.at["path"], headers, body)
        if status != 200:
            seen.refused[status] += 1

    async def answer(number):
        await panels[number % len(panels)].post(seen.text(number))

    act = {"write": write, "answer": answer}[asked["act"]]
    doing = []
    for number in range(asked["count"]):
        seen.due[number] = began + number / asked["per_second"]
        await asyncio.sleep(max(0.0, seen.due[number] - time.time()))
        doing.append(_spawn(_timed(act, number, seen)))
    await asyncio.gather(*doing)
    if asked["act"] == "write":
        await _until_all(seen)
    seconds = time.time() - began
    return {
        "began": {seen.text(number): at for number, at in seen.due.items()},
        "acts": [seen.taken[number] - at for number, at in seen.due.items()],
        "screen": [seen.at[number] - at for number, at in seen.due.items() if number in seen.at],
        "missing": len(seen.due) - len(seen.at),
        "refused": seen.refused,
        "seconds": seconds,
        "began_at": began,
        "before": before,
        "own_cpu": (time.process_time() - cpu) / seconds,
        "connections": app.opened + webhook.opened,
    }


async def _open(panels, stream):
    """Open all panels as pages do, and wait until each holds its stream."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(panel):
        async with gate:
            await panel.view()
            _spawn(panel.listen(*stream))
            await panel.open.wait()

    await asyncio.wait_for(asyncio.gather(*map(one, panels)), READY_SECONDS)


async def _timed(act, number, seen):
    await act(number)
    seen.taken[number] = time.time()


async def _until_all(seen):
    until = time.monotonic() + PATIENCE_SECONDS
    while len(seen.at) < len(seen.due) and time.monotonic() < until:
        await asyncio.sleep(0.05)


async def _answer(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status = int(head[0].split()[1])
    pairs = (line.partition(":") for line in head[1:] if line)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    if headers.get("transfer-encoding") == "chunked":
        body = b"".join([piece async for piece in _chunks(reader)])
    else:
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    return status, headers, body


async def _chunks(reader):
    while size := int(await reader.readline(), 16):
        yield await reader.readexactly(size)
        await reader.readline()
    await reader.readline()


def _row(at, message_id):
    received = time.strftime("%Y-%m-%dT%H:%M:%S.000+0000", time.gmtime())
    row = {"messageId": f"bench-{message_id}", "from": at["number"], "to": at["sender"]}
    price = {"pricePerMessage": 0, "currency": "EUR"}
    return row | {"receivedAt": received, "price": price, "callbackData": ""}


def _sms(text):
    return {"text": text, "cleanText": text, "keyword": "", "smsCount": 1}


def _whatsapp(text):
    return {"integrationType": "WHATSAPP", "message": {"type": "TEXT", "text": text}, "contact": {}}


_doing = set()


def _spawn(coroutine):
    """Start a task, and hold it: the loop alone would let it be collected."""
    task = asyncio.get_running_loop().create_task(coroutine)
    _doing.add(task)
    task.add_done_callback(_done)
    return task


def _done(task):
    _doing.discard(task)
    if not task.cancelled() and task.exception():
        sys.stderr.write(f"{task.exception()!r}\n")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(main(json.load(sys.stdin)))) + "\n")
