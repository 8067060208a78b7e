"""Fetching a file from an address that somebody else wrote: guarded against where it leads.

The first address must be the provider's own, or at a host that settings name. From there redirects
are followed by hand: each is resolved, checked and connected to by the address that was checked.
Only the provider gets the key.
"""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from tempfile import TemporaryFile
from threading import Timer
from time import monotonic
from typing import IO
from urllib.parse import urljoin

from django.conf import settings
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util import Url, parse_url

from channels.hosts import is_provider_host
from channels.public_addresses import ForbiddenAddress, addresses_of
from conversations.errors import TemporaryFailure

MOST_REDIRECTS = 3
CONNECT_SECONDS = 5.0
SILENT_SECONDS = 10.0  # between two bytes
ALL_SECONDS = 50.0  # with all redirects; less than the outbox's lease
PIECE = 64 * 1024  # bytes
HOST = re.compile(r"[a-z0-9.-]+|\[[0-9a-f:.]+\]")
REDIRECTS = {301, 302, 303, 307, 308}
REFUSALS = {401, 403}
SUCCESS = 200


class TooLarge(Exception):
    """The file is larger than it may be."""


class Refused(Exception):
    """The other side answered, and not with the file; `status` is its own."""

    def __init__(self, status: int, retry_after: str = "") -> None:
        super().__init__(f"It was refused ({status}).")
        self.status = status
        self.retry_after = retry_after


@dataclass(frozen=True)
class Download:
    """A file that was fetched, and what its host said of it."""

    content: IO[bytes]
    content_type: str
    disposition: str


@contextmanager
def downloaded(url: str, *, key: str, largest: int) -> Iterator[Download]:
    """Fetch a file into a temporary one for the block.

    `key` is the Authorization header for the provider. Raises ForbiddenAddress, TooLarge, Refused
    and TemporaryFailure.
    """
    with TemporaryFile() as content:
        try:
            response = _Journey(key, largest).fetch(url, content)
        except (HTTPError, HTTPException, OSError) as failure:
            name = type(failure).__name__
            raise TemporaryFailure(f"The file did not come: {name}.") from failure
        content.seek(0)
        yield Download(
            content,
            content_type=response.headers.get("Content-Type", ""),
            disposition=response.headers.get("Content-Disposition", ""),
        )


class _Journey:
    """The requests that one file takes: all within one time."""

    def __init__(self, key: str, largest: int) -> None:
        self.key = key
        self.largest = largest
        self.ends_at = monotonic() + ALL_SECONDS

    def fetch(self, url: str, content: IO[bytes]) -> BaseHTTPResponse:
        target = _checked(url, first=True)
        with_key = _is_provider(target)
        redirects = 0
        while redirects <= MOST_REDIRECTS:
            with self._asked(target, with_key=with_key) as response:
                if response.status in REDIRECTS:
                    target = _checked(_onward(target, response))
                    with_key = False
                    redirects += 1
                    continue
                if response.status in REFUSALS and not with_key and _is_provider(target):
                    # It has led us to itself and wants the key there too.
                    with_key = True
                    continue
                if response.status != SUCCESS:
                    raise Refused(response.status, response.headers.get("Retry-After", ""))
                self._save(response, content)
                return response
        raise ForbiddenAddress

    @contextmanager
    def _asked(self, target: Url, *, with_key: bool) -> Iterator[BaseHTTPResponse]:
        connection = self._connected(target)
        # Also what comes byte by byte for ever has to end.
        cut = Timer(max(self.ends_at - monotonic(), 0), _cut, [connection.sock])
        cut.daemon = True
        cut.start()
        try:
            connection.request(
                "GET",
                target.request_uri,
                headers={
                    "Host": target.netloc or "",
                    "Accept": "*/*",
                    "Accept-Encoding": "identity",
                    **({"Authorization": self.key} if with_key else {}),
                },
                preload_content=False,
                decode_content=False,
            )
            yield connection.getresponse()
        finally:
            cut.cancel()
            connection.close()

    def _connected(self, target: Url) -> HTTPConnection:
        host = (target.host or "").strip("[]")
        port = target.port or (443 if target.scheme == "https" else 80)
        failure: Exception = OSError("No address.")
        for address in addresses_of(host, port):
            if monotonic() > self.ends_at:
                break
            connection = _connection(target.scheme or "", host, address, port)
            try:
                connection.connect()
            except (HTTPError, OSError) as unreachable:
                failure = unreachable
            else:
                if connection.sock is not None:
                    connection.sock.settimeout(SILENT_SECONDS)
                return connection
        raise failure

    def _save(self, response: BaseHTTPResponse, content: IO[bytes]) -> None:
        declared = response.headers.get("Content-Length", "")
        if declared.isdigit() and int(declared) > self.largest:
            raise TooLarge
        size = 0
        while piece := response.read1(PIECE):
            size += len(piece)
            if size > self.largest:
                raise TooLarge
            content.write(piece)
        if monotonic() > self.ends_at:
            # Cut by us, where the other side has not said how long the file is.
            raise TemporaryFailure("The file took too long.")


def _connection(scheme: str, host: str, address: str, port: int) -> HTTPConnection:
    if scheme == "http":
        return HTTPConnection(address, port, timeout=CONNECT_SECONDS)
    return HTTPSConnection(
        address,
        port,
        timeout=CONNECT_SECONDS,
        server_hostname=host,
        cert_reqs="CERT_REQUIRED",
        ca_certs=DEFAULT_CA_BUNDLE_PATH,
    )


def _cut(sock: socket.socket) -> None:
    with suppress(OSError):
        # The plain socket's: TLS would want to say good-bye first.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _checked(url: str, *, first: bool = False) -> Url:
    """Return an address in parts, if a request may go there. Raises ForbiddenAddress."""
    try:
        target = parse_url(url)
    except HTTPError as failure:
        raise ForbiddenAddress from failure
    host = target.host or ""
    if target.auth is not None or HOST.fullmatch(host) is None:
        raise ForbiddenAddress
    if target.scheme != "https" and not (settings.SANDBOX and target.scheme == "http"):
        raise ForbiddenAddress
    named = settings.MEDIA_CDN_HOSTS
    if _is_provider(target) or host in named or not (first or named):
        return target
    raise ForbiddenAddress


def _onward(target: Url, response: BaseHTTPResponse) -> str:
    try:
        return urljoin(target.url, response.headers.get("Location", ""))
    except ValueError as failure:
        raise ForbiddenAddress from failure


def _is_provider(target: Url) -> bool:
    return is_provider_host(target.netloc or "")
