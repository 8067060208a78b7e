"""Files at Infobip: what customers sent, for the company to fetch, and what it was sent.

One media id in three answers 302 to a CDN, which is this server under another host name and
refuses whoever brings an Authorization header.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import uuid
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.infobip import scopes
from sandbox.infobip.envelopes import Refused
from sandbox.infobip.service import account_of, bare_number, infobip_of
from sandbox.infobip.validation import Fields, read_object

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from sandbox.infobip.service import Infobip
    from sandbox.store import Store

KIND = "infobip.media"
REDIRECTED = 3
HANG = "hang"
LONGEST_HANG = 60.0
OK, FORBIDDEN, NOT_FOUND = 200, 403, 404


@dataclass(frozen=True)
class Media:
    media_id: str
    sender: str
    content_type: str
    name: str | None
    size: int
    cdn_token: str


class MediaStore:
    """Contents as files in a folder, what is known of them in the store."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._folder = folder
        self._scripts: dict[str, list[int | str]] = {}

    def keep(
        self, content: bytes, content_type: str, name: str | None = None, *, sender: str = ""
    ) -> str:
        """Keep a file of the thread with this sender; return its media id."""
        media_id = str(uuid.uuid4())
        media = Media(media_id, sender, content_type, name, len(content), secrets.token_urlsafe(16))
        self._folder.mkdir(parents=True, exist_ok=True)
        self.path_of(media).write_bytes(content)
        self._store.put(KIND, media_id, asdict(media))
        return media_id

    def get(self, media_id: str) -> Media | None:
        kept = self._store.get(KIND, media_id)
        return None if kept is None else Media(**kept)

    def path_of(self, media: Media) -> Path:
        return self._folder / media.media_id

    def delete(self, media: Media) -> None:
        self._store.delete(KIND, media.media_id)
        self.path_of(media).unlink(missing_ok=True)

    def play(self, media_id: str, answers: list[int | str]) -> None:
        """Let the next requests for the file be answered so: a status, or "hang"."""
        self._scripts[media_id] = list(answers)

    def next_answer(self, media_id: str) -> int | str:
        script = self._scripts.get(media_id)
        return script.pop(0) if script else OK


def url_of(infobip: Infobip, sender: str, media_id: str) -> str:
    """Return the address under which an inbound message names the file."""
    return f"{infobip.config.infobip_url}/whatsapp/1/senders/{sender}/media/{media_id}"


def register(
    infobip: Infobip, sender: str, content: bytes, content_type: str, name: str | None = None
) -> str:
    """Keep a file that a customer sends to this sender; return the URL for the message."""
    return url_of(infobip, sender, infobip.media.keep(content, content_type, name, sender=sender))


def goes_by_cdn(media_id: str) -> bool:
    return sum(media_id.encode()) % REDIRECTED == 0


async def download(request: Request) -> Response:
    infobip = infobip_of(request)
    account = account_of(request, scopes.INBOUND_WHATSAPP)
    infobip.limits.take(account.site, "media")
    sender = bare_number(request.path_params["sender"])
    # What comes by MMS lies at the same address, under the SMS number that it came to.
    if not any(account.owns(channel, sender) for channel in ("whatsapp", "sms")):
        raise Refused(FORBIDDEN)
    media = infobip.media.get(request.path_params["media_id"])
    if media is None or media.sender != sender:
        raise Refused(NOT_FOUND)
    answer = infobip.media.next_answer(media.media_id)
    if answer == HANG:
        await asyncio.sleep(LONGEST_HANG)
    elif answer != OK:
        raise Refused(int(answer))
    if goes_by_cdn(media.media_id):
        # `localhost` is another host to whoever asked 127.0.0.1.
        host = f"http://localhost:{infobip.config.infobip_port}"
        return RedirectResponse(f"{host}/cdn/{media.media_id}/{media.cdn_token}", 302)
    return _file(infobip, media)


async def from_cdn(request: Request) -> Response:
    infobip = infobip_of(request)
    if "Authorization" in request.headers:
        return Response("Only one auth mechanism allowed", 400, media_type="text/plain")
    media = infobip.media.get(request.path_params["media_id"])
    if media is None or not secrets.compare_digest(media.cdn_token, request.path_params["token"]):
        return Response("Not found", NOT_FOUND, media_type="text/plain")
    return _file(infobip, media)


async def delete(request: Request) -> Response:
    infobip = infobip_of(request)
    account = account_of(request, scopes.INBOUND_WHATSAPP)
    infobip.limits.take(account.site, "media delete")
    sender = bare_number(request.path_params["sender"])
    fields = Fields(await read_object(request), "", [])
    address = fields.url("url", required=True)
    fields.refuse_violations()
    media = infobip.media.get(urlsplit(address).path.rpartition("/")[2])
    if media is None or media.sender != sender or not account.owns("whatsapp", sender):
        raise Refused(NOT_FOUND)
    infobip.media.delete(media)
    return Response(status_code=204)


async def control(request: Request) -> Response:
    """Script the next answers for a file: {"answers": [500, 404, "hang", 200]}."""
    media_store, media_id = infobip_of(request).media, request.path_params["media_id"]
    try:
        answers = json.loads(await request.body())["answers"]
    except (ValueError, KeyError, TypeError):
        answers = None
    if media_store.get(media_id) is None or not _is_script(answers):
        return JSONResponse({"error": 'answers is a list of statuses and "hang"'}, 400)
    media_store.play(media_id, answers)
    return JSONResponse({"media_id": media_id, "answers": answers})


def _is_script(answers: Any) -> bool:
    return isinstance(answers, list) and all(
        each == HANG or each in (OK, 401, 403, NOT_FOUND, 429, 500) for each in answers
    )


def _file(infobip: Infobip, media: Media) -> Response:
    headers = {}
    if media.name:
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(media.name)}"
    path = infobip.media.path_of(media)
    return FileResponse(path, media_type=media.content_type, headers=headers)


routes = [
    Route("/whatsapp/1/senders/{sender}/media/{media_id}", download, methods=["GET"]),
    Route("/whatsapp/1/senders/{sender}/media", delete, methods=["DELETE"]),
    Route("/cdn/{media_id}/{token}", from_cdn, methods=["GET"]),
    Route("/_sandbox/media/{media_id}", control, methods=["POST"]),
]
