"""Posts webhook bodies over keep-alive connections as fast as they are answered.

Run as a process of its own, so that it does not share the measuring one's interpreter:
`python -m tests.benchmarks.generator '{"urls": [...], "connections": 8, "items": 1, "seconds": 8}'`
prints what it counted. The URLs are those of several sites and take turns. Bare sockets, because a
client library would cost more than the server.
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


class Generator:
    def __init__(self, urls, *, connections, items):
        parts = urlsplit(urls[0])
        self.address = (parts.hostname, parts.port)
        self.paths = cycle(urlsplit(url).path for url in urls)
        self.items = items
        self.run = secrets.token_hex(4)
        self.number = 0
        self.selector = selectors.DefaultSelector()
        for _ in range(connections):
            opened = socket.create_connection(self.address)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.selector.register(opened, selectors.EVENT_READ, Connection(opened))

    def count(self, seconds):
        """Keep every connection busy for a while; answers that come later are not counted."""
        counted = Counted()
        for key in list(self.selector.get_map().values()):
            self._ask(key.data)
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            for key, _events in self.selector.select(timeout=1.0):
                if self._take(key.data, counted):
                    self._ask(key.data)
        return counted

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
        rows = [self._row() for _ in range(self.items)]
        return f'{{"results":[{",".join(rows)}],"messageCount":{self.items}}}'.encode()

    def _row(self):
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


def percentile(sorted_values, share):
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]


def main(asked):
    generator = Generator(asked["urls"], connections=asked["connections"], items=asked["items"])
    generator.count(asked.get("warm_up", 1.0))
    counted = generator.count(asked["seconds"])
    times = sorted(counted.milliseconds)
    rate = len(times) / asked["seconds"]
    found = {
        "requests_per_second": rate,
        "items_per_second": rate * asked["items"],
        "p50_ms": percentile(times, 0.50) if times else None,
        "p99_ms": percentile(times, 0.99) if times else None,
        "refused": counted.refused,
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
