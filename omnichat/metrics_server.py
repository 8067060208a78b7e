"""Figures of a process for Prometheus: of web workers together, of others on their own port."""

import os
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.conf import settings
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

# prometheus-client's own: where several processes behind one port keep their figures together.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"

StartResponse = Callable[[str, list[tuple[str, str]]], object]


def of_process() -> bytes:
    """Return this process's figures, with those of its siblings where they share a folder."""
    if FOLDER not in os.environ:
        return generate_latest(REGISTRY)
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return generate_latest(together)


def may_read(authorization: str) -> bool:
    """Whether who asks has the token, where settings ask for one."""
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    return not settings.METRICS_TOKEN or constant_time_compare(authorization, wanted)


def start(port: int) -> int:
    """Answer /metrics and /healthz beside the work of this process; returns the port."""
    server = make_server("", port, answer, server_class=_Server, handler_class=_Silent)
    Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server.server_port


def answer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    plain = [("Content-Type", "text/plain; charset=utf-8")]
    match environ.get("PATH_INFO"):
        case "/healthz":
            start_response("200 OK", plain)
            return [b"ok"]
        case "/metrics" if not may_read(environ.get("HTTP_AUTHORIZATION", "")):
            start_response("401 Unauthorized", [*plain, ("WWW-Authenticate", "Bearer")])
            return [b"a token is required"]
        case "/metrics":
            start_response("200 OK", [("Content-Type", CONTENT_TYPE_LATEST)])
            return [generate_latest(REGISTRY)]
    start_response("404 Not Found", plain)
    return [b"not found"]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the library
        """Say nothing: a line for each look would drown the others."""
