"""The body of a request to the webhook: as it was signed, and as it is read."""

import zlib

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

GZIP = b"\x1f\x8b"


class RequestRefused(Exception):
    """Nothing was kept. The status makes the provider try again; the reason is counted."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


def bodies(request: HttpRequest) -> tuple[bytes, bytes]:
    """Return the body as it came over the wire, and unpacked.

    Raises RequestRefused.
    """
    if request.META.get("HTTP_TRANSFER_ENCODING") and not request.META.get("CONTENT_LENGTH"):
        # WSGI gives no end to such a body, and Django an empty one in its place.
        raise RequestRefused("no-length", 411)
    try:
        raw = request.body
    except RequestDataTooBig as failure:
        raise RequestRefused("too-large", 413) from failure
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if encoding in ("", "identity"):
        return raw, raw
    if encoding not in ("gzip", "x-gzip"):
        raise RequestRefused("encoding", 415)
    # A proxy may have unpacked it and left the header.
    return raw, _unpacked(raw) if raw.startswith(GZIP) else raw


def _unpacked(raw: bytes) -> bytes:
    stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        body = stream.decompress(raw, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    except zlib.error as failure:
        raise RequestRefused("encoding", 400) from failure
    if stream.unconsumed_tail:
        raise RequestRefused("too-large", 413)
    if not stream.eof:
        raise RequestRefused("encoding", 400)
    return body
