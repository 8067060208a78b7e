"""Infobip fetches a file of ours before it sends it: without credentials, by type and size."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message as Header
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import httpx

if TYPE_CHECKING:
    from sandbox.infobip.ledger import Message
    from sandbox.infobip.service import Infobip

MEGABYTE = 1024 * 1024
TIMEOUT_SECONDS = 5
OK = 200

HOSTING, UPLOAD, METADATA, UNSUPPORTED = (
    "EC_MEDIA_HOSTING_ERROR",
    "EC_MEDIA_UPLOAD_ERROR",
    "EC_MEDIA_METADATA_ERROR",
    "EC_MEDIA_UNSUPPORTED",
)


@dataclass(frozen=True)
class Limit:
    """`types` empty: any; `beginnings`: what the content starts with, at this offset."""

    largest: int
    types: frozenset[str] = frozenset()
    beginnings: tuple[tuple[int, bytes], ...] = ()


LIMITS = {
    "image": Limit(
        5 * MEGABYTE,
        frozenset({"image/jpeg", "image/png"}),
        ((0, b"\xff\xd8\xff"), (0, b"\x89PNG\r\n\x1a\n")),
    ),
    "document": Limit(100 * MEGABYTE),
    "audio": Limit(
        16 * MEGABYTE,
        frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/opus"}),
    ),
    "voice": Limit(16 * MEGABYTE, frozenset({"audio/ogg", "audio/opus"}), ((0, b"OggS"),)),
    "video": Limit(16 * MEGABYTE, frozenset({"video/mp4", "video/3gpp"})),
    "sticker": Limit(500 * 1024, frozenset({"image/webp"}), ((8, b"WEBP"),)),
}


class CannotFetch(Exception):
    """The file cannot be sent; the text is the name of Infobip's error."""


async def fetch(infobip: Infobip, message: Message) -> str:
    """Fetch the file the message names into the media store; "" or the name of the error."""
    try:
        content_type, name, content = await _get(
            infobip.client, message.media_url, LIMITS[message.media_kind]
        )
    except CannotFetch as error:
        return str(error)
    name = message.content.get("filename") or name
    message.media_id = infobip.media.keep(content, content_type, name, sender=message.company)
    infobip.ledger.save(message)
    return ""


async def _get(client: httpx.AsyncClient, url: str, limit: Limit) -> tuple[str, str, bytes]:
    """HEAD for type and size where it is answered, then the content."""
    try:
        head = await client.head(url, timeout=TIMEOUT_SECONDS, follow_redirects=True)
        if head.status_code == OK:
            _check(head, limit)
        async with client.stream(
            "GET", url, timeout=TIMEOUT_SECONDS, follow_redirects=True
        ) as answer:
            if answer.status_code != OK:
                raise CannotFetch(HOSTING)
            content_type = _check(answer, limit)
            content = await _read(answer, limit)
            name = _name_of(answer)
    except (httpx.HTTPError, httpx.InvalidURL):
        raise CannotFetch(HOSTING) from None
    if limit.beginnings and not any(
        content.startswith(beginning, offset) for offset, beginning in limit.beginnings
    ):
        raise CannotFetch(UNSUPPORTED)
    return content_type, name, content


def _check(answer: httpx.Response, limit: Limit) -> str:
    content_type = str(answer.headers.get("Content-Type", "")).partition(";")[0].strip().lower()
    if not content_type or (limit.types and content_type not in limit.types):
        raise CannotFetch(UNSUPPORTED)
    length = answer.headers.get("Content-Length", "0")
    if length.isdigit() and int(length) > limit.largest:
        raise CannotFetch(METADATA)
    return content_type


async def _read(answer: httpx.Response, limit: Limit) -> bytes:
    content = bytearray()
    try:
        async for piece in answer.aiter_bytes():
            content += piece
            if len(content) > limit.largest:
                raise CannotFetch(METADATA)
    except httpx.HTTPError:
        # It was there and broke off: that is told as another error than a host that refuses.
        raise CannotFetch(UPLOAD) from None
    if not content:
        raise CannotFetch(METADATA)
    return bytes(content)


def _name_of(answer: httpx.Response) -> str:
    header = Header()
    header["Content-Disposition"] = answer.headers.get("Content-Disposition", "")
    path = urlsplit(str(answer.url)).path.rstrip("/")
    return str(header.get_filename() or unquote(path.rpartition("/")[2]))
