"""The body of a request to the webhook: as it was signed, and as it is read."""

import zlib
from collections.abc import Mapping
from typing import Any

from django.conf import settings

GZIP = b"\x1f\x8b"


class RequestRefused(Exception):
    """Nothing was kept. The status makes the provider try again; the reason is counted."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


def bodies(environ: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """Return the body of a request, as WSGI brings it: as it came over the wire, and unpacked.

    Raises RequestRefused.
    """
    raw = _received(environ)
    encoding = environ.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if encoding in ("", "identity"):
        return raw, raw
    if encoding not in ("gzip", "x-gzip"):
        raise RequestRefused("encoding", 415)
    # A proxy may have unpacked it and left the header.
    return raw, _unpacked(raw) if raw.startswith(GZIP) else raw


def _received(environ: Mapping[str, Any]) -> bytes:
    limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    length = _announced_length(environ)
    if length is not None and length > limit:
        raise RequestRefused("too-large", 413)
    raw: bytes = environ["wsgi.input"].read(limit + 1 if length is None else length)
    if len(raw) > limit:
        raise RequestRefused("too-large", 413)
    if length is not None and len(raw) < length:
        # Who sent it is gone, or its proxy was: servers hand over what there is.
        raise RequestRefused("cut", 400)
    return raw


def _announced_length(environ: Mapping[str, Any]) -> int | None:
    """Return how long the body is; None where it comes in chunks and the server knows its end."""
    length = environ.get("CONTENT_LENGTH") or ""
    if length.isdecimal():
        return int(length)
    if not length and not environ.get("HTTP_TRANSFER_ENCODING"):
        return 0
    if length or not environ.get("wsgi.input_terminated"):
        raise RequestRefused("no-length", 411)
    return None


def _unpacked(raw: bytes) -> bytes:
    stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        body = stream.decompress(raw, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    except zlib.error as failure:
        raise RequestRefused("encoding", 400) from failure
    if stream.unconsumed_tail:
        raise RequestRefused("too-large", 413)
    if not stream.eof or stream.unused_data:  # cut short, or more than one
        raise RequestRefused("encoding", 400)
    return body
