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
    raw = _received(request)
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if encoding in ("", "identity"):
        return raw, raw
    if encoding not in ("gzip", "x-gzip"):
        raise RequestRefused("encoding", 415)
    # A proxy may have unpacked it and left the header.
    return raw, _unpacked(raw) if raw.startswith(GZIP) else raw


def _received(request: HttpRequest) -> bytes:
    if not request.META.get("HTTP_TRANSFER_ENCODING") or request.META.get("CONTENT_LENGTH"):
        try:
            return request.body
        except RequestDataTooBig as failure:
            raise RequestRefused("too-large", 413) from failure
    # Of a body that comes in chunks Django reads nothing; some servers say where it ends.
    if not request.META.get("wsgi.input_terminated"):
        raise RequestRefused("no-length", 411)
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    raw: bytes = request.META["wsgi.input"].read(limit + 1)
    if len(raw) > limit:
        raise RequestRefused("too-large", 413)
    return raw


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
