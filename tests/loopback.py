"""A neighbour on the loopback that gives the answers a test has prepared, and keeps what it got."""

import json
import socket
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


@dataclass(frozen=True)
class Received:
    method: str
    path: str
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Neighbour:
    """Answers each request with the first prepared answer for its path; without one with 404."""

    def __init__(self):
        self.requests = []
        self._answers = []
        self._closing = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    def __enter__(self):
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *failure):
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def host(self):
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self):
        return f"http://{self.host}"

    @property
    def paths(self):
        return [request.path for request in self.requests]

    def answer(self, status=200, body="", *, path="/", headers=(), times=1):
        """Prepare an answer, or several the same; `body` is JSON unless it is text or bytes."""
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        content = text if isinstance(text, bytes) else text.encode()
        self._answers += [(path, status, dict(headers), content)] * times

    def forget_answers(self):
        self._answers.clear()

    def hang_up(self, *, path="/"):
        """Prepare to close the connection once the request was read."""
        self._answers.append((path, 0, {}, b""))

    def fall_silent(self, *, path="/"):
        """Prepare to read the request and say nothing until the test has ended."""
        self._answers.append((path, -1, {}, b""))

    def drip(self, *, path="/"):
        """Prepare an answer that comes byte by byte and has no end until the test has."""
        self._answers.append((path, -2, {}, b""))

    def _handler(self):
        neighbour = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                neighbour._take(self)

            do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the names http.server asks for

            def log_message(self, *arguments):
                pass

        return Handler

    def _take(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.requests.append(Received(handler.command, handler.path, headers, body))
        prepared = next((one for one in self._answers if handler.path.startswith(one[0])), None)
        if prepared is None:
            handler.send_error(404)
            return
        self._answers.remove(prepared)
        _path, status, more, answer = prepared
        if status == -1:
            self._closing.wait(10)
        if status == -2:
            self._drip(handler)
        if status > 0:
            handler.send_response(status)
            for name, value in more.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(answer)

    def _drip(self, handler):
        handler.send_response(200)
        handler.end_headers()
        with suppress(OSError):
            while not self._closing.wait(0.02):
                handler.wfile.write(b"x")


def closed_address():
    """Return an address on the loopback where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"
