"""Posts webhook bodies over keep-alive connections as fast as they are answered.

Run as a process of its own, so that it does not share the measuring one's interpreter:
`python -m tests.benchmarks.generator` reads `{"urls": [...], "connections": 8, "items": 1,
"seconds": 8, "kind": "messages"}` and prints what it counted. The URLs are those of several sites
and take turns. Bare sockets, because a client library would cost more than the server.
"""

import json
import secrets
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field
from itertools import cycle
from urllib.parse import urlsplit

from tests.benchmarks.results import percentile

SENDER = "385951006719"


@dataclass
class Connection:
    socket: socket.socket
    asked_at: float = 0.0
    received: bytes = b""


@dataclass
class Counted:
    """Milliseconds of each request that was answered with 200, and how many were not."""

    milliseconds: list[float] = field(default_factory=list)
    refused: int = 0
    own_cpu: float = 0.0  # of one processor


class Generator:
    def __init__(self, urls, *, connections, items, kind):
        parts = urlsplit(urls[0])
        self.address = (parts.hostname, parts.port)
        self.paths = cycle(urlsplit(url).path for url in urls)
        self.items = items
        self.row = {"messages": self._message, "reports": self._report}[kind]
        self.run = secrets.token_hex(4)
        self.number = 0
        self.selector = selectors.DefaultSelector()
        for _ in range(connections):
            opened = socket.create_connection(self.address)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.selector.register(opened, selectors.EVENT_READ, Connection(opened))

    def count(self, warm_up, seconds):
        """Keep every connection busy for a while, and count the answers that come after a warm-up.

        Those that come later are not counted.
        """
        for key in list(self.selector.get_map().values()):
            self._ask(key.data)
        self._answer_until(time.perf_counter() + warm_up, Counted())
        counted, cpu = Counted(), time.process_time()
        self._answer_until(time.perf_counter() + seconds, counted)
        counted.own_cpu = (time.process_time() - cpu) / seconds
        self._hear_the_rest()
        return counted

    def _hear_the_rest(self):
        """Take the answers that are under way, so that nothing is kept after this has ended."""
        waiting = {key.data.socket for key in self.selector.get_map().values()}
        while waiting:
            for key, _events in self.selector.select(timeout=1.0):
                if self._take(key.data, Counted()):
                    self.selector.unregister(key.data.socket)
                    waiting.discard(key.data.socket)

    def _answer_until(self, until, counted):
        while time.perf_counter() < until:
            for key, _events in self.selector.select(timeout=1.0):
                if self._take(key.data, counted):
                    self._ask(key.data)

    def _ask(self, connection):
        body = self._body()
        head = (
            f"POST {next(self.paths)} HTTP/1.1\r\nHost: {self.address[0]}:{self.address[1]}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        connection.received = b""
        connection.asked_at = time.perf_counter()
        connection.socket.sendall(head.encode() + body)

    def _take(self, connection, counted):
        """Read what came; says whether the answer is complete (all answers have an empty body)."""
        connection.received += connection.socket.recv(65536)
        if not connection.received:
            raise ConnectionError("The server closed the connection.")
        if b"\r\n\r\n" not in connection.received:
            return False
        if connection.received.startswith(b"HTTP/1.1 200 "):
            counted.milliseconds.append((time.perf_counter() - connection.asked_at) * 1000)
        else:
            counted.refused += 1
        return True

    def _body(self):
        rows = [self.row() for _ in range(self.items)]
        return f'{{"results":[{",".join(rows)}],"messageCount":{self.items}}}'.encode()

    def _message(self):
        """Return a customer's SMS of our own wording, about as long as the real ones are."""
        self.number += 1
        customer = f"38591{self.number % 10**7:07d}"
        return (
            f'{{"messageId":"{self.run}-{self.number:012d}","from":"{customer}",'
            f'"to":"{SENDER}","text":"Good morning, has my parcel left your depot? I am at home '
            'until noon and would rather not miss it a second time. Thank you, Marija.",'
            '"cleanText":"Good morning, has my parcel left your depot? I am at home until noon and '
            'would rather not miss it a second time. Thank you, Marija.","keyword":"",'
            '"receivedAt":"2026-11-20T09:30:00.000+0000","smsCount":1,'
            '"price":{"pricePerMessage":0,"currency":"EUR"},"callbackData":""}'
        )

    def _report(self):
        """Return the report of an SMS that has arrived, about as long as the real ones are."""
        self.number += 1
        return (
            f'{{"bulkId":"{self.run}","messageId":"{self.run}-{self.number:012d}",'
            f'"to":"38591{self.number % 10**7:07d}","sender":"{SENDER}",'
            '"sentAt":"2026-11-20T09:30:00.000+0000","doneAt":"2026-11-20T09:30:01.000+0000",'
            '"messageCount":1,"mccMnc":"21910","callbackData":"","platform":{},'
            '"price":{"pricePerMessage":0.0,"currency":"EUR"},'
            '"status":{"groupId":3,"groupName":"DELIVERED","id":5,"name":"DELIVERED_TO_HANDSET",'
            '"description":"Message delivered to handset"},'
            '"error":{"groupId":0,"groupName":"OK","id":0,"name":"NO_ERROR",'
            '"description":"No Error","permanent":false}}'
        )


def main(asked):
    generator = Generator(
        asked["urls"], connections=asked["connections"], items=asked["items"], kind=asked["kind"]
    )
    counted = generator.count(asked["warm_up"], asked["seconds"])
    times = sorted(counted.milliseconds)
    rate = len(times) / asked["seconds"]
    found = {
        "requests_per_second": rate,
        "items_per_second": rate * asked["items"],
        "p50_ms": percentile(times, 0.50) if times else None,
        "p99_ms": percentile(times, 0.99) if times else None,
        "refused": counted.refused,
        "own_cpu": counted.own_cpu,
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(json.load(sys.stdin))
