"""Thousands of open streams that listen: `python -m tests.benchmarks.hearers`.

Reads `stream` (host and port), `pid` (of the stream process), `tokens`, `database_url`, `schema`,
`rounds` and `idle_seconds`; prints when each ring was heard and what the process used. All listen
to one conversation, and one more to another, so that rings to all and to one are told apart by
their versions. Bare sockets in one thread: it shares the machine with what it measures.
"""

import json
import re
import selectors
import socket
import sys
import time
from pathlib import Path

import psycopg

from conversations.bell import BELL, Ring, SiteRing
from tests.benchmarks.processes import Group, megabytes

ALL, ONE = 1, 2  # conversations
BATCH = 100  # streams that are opened before the first of them must have answered
PATIENCE_SECONDS = 30.0
EVENT = re.compile(rb"event: (\w+)\ndata: (\d+)")


class Hearers:
    def __init__(self, asked):
        self.address = tuple(asked["stream"])
        self.selector = selectors.DefaultSelector()
        self.heard = {}  # what each socket has heard last, and when
        self.connection = psycopg.connect(asked["database_url"], autocommit=True)
        self.schema = asked["schema"]
        self.version = 0

    def open(self, tokens, conversation):
        """Open a stream for each token; returns the sockets."""
        opened = []
        for place in range(0, len(tokens), BATCH):
            batch = [self._ask(token, conversation) for token in tokens[place : place + BATCH]]
            self._listen(batch, lambda heard: heard is not None)
            opened += batch
        return opened

    def ring(self, sockets, conversation):
        """Ring a conversation; returns the seconds until each of the sockets has heard."""
        self.version += 1
        said = str(Ring(self.schema, conversation, self.version))
        return self._time(sockets, said, (b"ring", self.version))

    def ring_site(self, sockets):
        return self._time(sockets, str(SiteRing(self.schema)), (b"resync", 0))

    def rest(self, seconds):
        """Hear the pings only."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._hear(until - time.monotonic())

    def _time(self, sockets, said, event):
        for each in sockets:
            self.heard[each] = ((b"", 0), 0.0)
        began = time.perf_counter()
        self.connection.execute("SELECT pg_notify(%s, %s)", (BELL, said))
        self._listen(sockets, lambda heard: heard[0] == event)
        return [self.heard[each][1] - began for each in sockets]

    def _ask(self, token, conversation):
        opened = socket.create_connection(self.address)
        head = f"GET /stream/?conversation={conversation} HTTP/1.1\r\nHost: {self.address[0]}\r\n"
        opened.sendall(f"{head}Authorization: Bearer {token}\r\n\r\n".encode())
        self.selector.register(opened, selectors.EVENT_READ)
        return opened

    def _listen(self, sockets, done):
        deadline = time.monotonic() + PATIENCE_SECONDS
        waiting = set(sockets)
        while waiting:
            if time.monotonic() > deadline:
                sys.exit(f"{len(waiting)} of {len(sockets)} streams did not hear.")
            waiting -= {
                each for each in self._hear(1.0) if each in waiting and self._is(each, done)
            }

    def _is(self, each, done):
        return each in self.heard and done(self.heard[each])

    def _hear(self, patience):
        """Read what has come; returns who has heard anything."""
        found = []
        for key, _events in self.selector.select(timeout=max(0.0, patience)):
            data = key.fileobj.recv(65536)
            if not data or data.startswith(b"HTTP/1.1 4"):
                sys.exit("The stream process refused or closed a stream.")
            events = EVENT.findall(data)
            if events or key.fileobj not in self.heard:
                kind, number = events[-1] if events else (b"", 0)
                self.heard[key.fileobj] = ((kind, int(number)), time.perf_counter())
            found.append(key.fileobj)
        return found


def main(asked):
    process, pid = Group("stream", asked["pid"]), asked["pid"]
    hearers, found = Hearers(asked), {}
    (alone,) = hearers.open(asked["tokens"][:1], ONE)
    found["alone"] = [hearers.ring([alone], ONE)[0] for _round in range(asked["rounds"])]
    before, began = megabytes(pid), time.perf_counter()
    many = hearers.open(asked["tokens"][1:], ALL)
    found["opening"] = time.perf_counter() - began
    found["megabytes"], found["megabytes_before"] = megabytes(pid), before
    found["descriptors"] = len(list(Path(f"/proc/{pid}/fd").iterdir()))

    cpu, own = process.seconds({}), time.process_time()
    found["all"] = [hearers.ring(many, ALL) for _round in range(asked["rounds"])]
    found["ring_cpu"] = (process.seconds({}) - cpu) / asked["rounds"]
    found["own_cpu"] = (time.process_time() - own) / asked["rounds"]
    found["one"] = [hearers.ring([alone], ONE)[0] for _round in range(asked["rounds"])]

    cpu = process.seconds({})
    hearers.rest(asked["idle_seconds"])
    found["idle_cpu"] = (process.seconds({}) - cpu) / asked["idle_seconds"]
    found["site"] = hearers.ring_site([alone, *many])
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.load(sys.stdin))) + "\n")
