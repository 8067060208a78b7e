"""Handing out a stored file: with the type we decided, in ranges, and so that it can do nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from conversations.byte_ranges import ByteRange, Unsatisfiable, asked_range
from conversations.file_names import safe_name
from conversations.file_types import HARMLESS, UNKNOWN
from conversations.models import Attachment
from conversations.pictures import THUMBNAIL_TYPE

PIECE = 64 * 1024  # bytes
# Whatever a browser takes it for, it is nobody's page: no script, no form, no origin of ours.
POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"


@dataclass(frozen=True)
class Served:
    """A file as it is handed out; its tag changes with its bytes."""

    stored_as: str
    name: str
    content_type: str
    size: int
    tag: str


def served(attachment: Attachment, *, thumbnail: bool = False) -> Served | None:
    """Return what to hand out of a row; None when it is not there."""
    if attachment.state != Attachment.State.STORED:
        return None
    if not thumbnail:
        return Served(
            attachment.file.name or "",
            attachment.name,
            attachment.content_type,
            attachment.size,
            f'"{attachment.sha256}"',
        )
    if not attachment.thumbnail:
        return None
    try:
        size = attachment.thumbnail.size
    except OSError:
        return None
    tag = f'"{attachment.sha256}-small"'
    return Served(attachment.thumbnail.name or "", "thumbnail.webp", THUMBNAIL_TYPE, size, tag)


def file_response(
    request: HttpRequest, file: Served, *, download: bool = False, keep_seconds: int = 0
) -> HttpResponseBase:
    """Answer GET and HEAD; `keep_seconds` is how long the asker's browser may keep the file."""
    common = _headers(file, download=download, keep_seconds=keep_seconds)
    if request.headers.get("If-None-Match") == file.tag:
        return HttpResponse(status=304, headers=common)
    try:
        part = asked_range(_range_header(request, file), file.size)
    except Unsatisfiable:
        return HttpResponse(status=416, headers=common | {"Content-Range": f"bytes */{file.size}"})
    whole = part or ByteRange(0, file.size - 1)
    common["Content-Length"] = str(whole.size)
    if part is not None:
        common["Content-Range"] = f"bytes {part.first}-{part.last}/{file.size}"
    status = 200 if part is None else 206
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=common)
    try:
        content = default_storage.open(file.stored_as)
    except (FileNotFoundError, ValueError):
        return HttpResponse("Not found.", status=404, content_type="text/plain")
    return StreamingHttpResponse(_Pieces(content, whole), status=status, headers=common)


class _Pieces:
    """The bytes of a range, read as they are sent; the response closes the file."""

    def __init__(self, content: IO[bytes], part: ByteRange) -> None:
        self.content = content
        self.part = part

    def __iter__(self) -> Iterator[bytes]:
        self.content.seek(self.part.first)
        left = self.part.size
        while left > 0 and (piece := self.content.read(min(PIECE, left))):
            left -= len(piece)
            yield piece

    def close(self) -> None:
        self.content.close()


def _range_header(request: HttpRequest, file: Served) -> str:
    condition = request.headers.get("If-Range")
    # Of a file that has changed meanwhile the whole is wanted; dates are no proof of sameness.
    if condition is not None and condition != file.tag:
        return ""
    return request.headers.get("Range", "")


def _headers(file: Served, *, download: bool, keep_seconds: int) -> dict[str, str]:
    shown = file.content_type in HARMLESS and not download
    name = safe_name(file.name) or "file"
    kept = f"private, max-age={keep_seconds}" if keep_seconds else "no-store"
    return {
        "Content-Type": file.content_type or UNKNOWN,
        "Content-Disposition": content_disposition_header(not shown, name) or "attachment",
        "Accept-Ranges": "bytes",
        "ETag": file.tag,
        "Cache-Control": kept,
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
    }
