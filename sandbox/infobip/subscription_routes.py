"""The Subscriptions API: subscriptions, profiles and security, each under an id of one's own."""

from __future__ import annotations

import math
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.infobip import scopes
from sandbox.infobip.envelopes import Refused
from sandbox.infobip.service import account_of, bare_number, infobip_of
from sandbox.infobip.subscriptions import ALGORITHMS, EVENTS
from sandbox.infobip.validation import Fields, read_object

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from sandbox.infobip.subscriptions import Subscriptions

BASE = "/subscriptions/1"
LONGEST_ID = 255
LONGEST_URL = 512
DEFAULT_SIZE, LARGEST_SIZE = 20, 100
NOT_FOUND, CONFLICT = 404, 409
NUMBERS = {
    "maxBucketSize": (1, 2000),
    "windowSize": (20, 10_000),
    "connectTimeout": (300, 30_000),
    "readTimeout": (1000, 90_000),
    "rateLimit": (1, 5000),
}
PROFILE_FIELDS = (*NUMBERS, "webhook", "headers", "enabledSSLProtocols", "clientCertificateId")
SECURITY_TYPES = ("BASIC", "HMAC", "OAUTH", "CUSTOM")
CREDENTIALS = {
    "BASIC": ("username", "password"),
    "HMAC": ("secretKey", "algorithm"),
    "OAUTH": ("tokenUrl", "clientId", "clientSecret"),
}
ID_NAMES = {"subscription": "subscriptionId", "profile": "profileId", "security": "authId"}


class Writer:
    """Reads one request whole, then writes its parts, so that a refusal leaves nothing behind."""

    def __init__(self, kept: Subscriptions, site: str) -> None:
        self.kept = kept
        self.site = site
        self.writes: list[Callable[[], None]] = []

    def subscription(self, fields: Fields, channel: str, known: dict[str, Any] | None) -> str:
        key = known["subscriptionId"] if known else self._new_id(fields, "subscription")
        events = fields.value.get("events") or []
        named = [each.get("event") if isinstance(each, dict) else each for each in events]
        if not set(named) & EVENTS[channel]:
            fields.violate("events", "must not be empty")
        profile = fields.object("profile", required=True)
        document = {
            "subscriptionId": key,
            "channel": channel,
            "name": fields.text("name", 0, LONGEST_ID),
            "events": [
                each for each, name in zip(events, named, strict=True) if name in EVENTS[channel]
            ],
            "resources": [bare_number(str(each)) for each in fields.value.get("resources") or []],
            "criteria": fields.value.get("criteria") or [],
            "profileId": self.profile(profile),
        }
        self._later("subscription", f"{channel}/{key}", document)
        return str(key)

    def profile(self, fields: Fields, known: dict[str, Any] | None = None) -> str:
        """Return the id of the profile: one that exists is only named, a new one is written."""
        named = str(fields.value.get("profileId") or "")
        if known is None and named and not set(PROFILE_FIELDS) & set(fields.value):
            if self.kept.get("profile", self.site, named) is None:
                fields.violate("profileId", "does not exist")
            return named
        key = str(known["profileId"]) if known else self._new_id(fields, "profile")
        webhook = fields.object("webhook", required=True)
        webhook.url("notifyUrl", required=webhook.given, longest=LONGEST_URL)
        for name, (low, high) in NUMBERS.items():
            fields.number(name, low, high)
        document = {name: fields.value[name] for name in PROFILE_FIELDS if name in fields.value}
        security = fields.object("security")
        auth_id = self.security(security) if security.given else None
        self._later("profile", key, {"profileId": key, "authId": auth_id} | document)
        return key

    def security(self, fields: Fields, known: dict[str, Any] | None = None) -> str:
        named = str(fields.value.get("authId") or "")
        if known is None and named and "type" not in fields.value:
            if self.kept.get("security", self.site, named) is None:
                fields.violate("authId", "does not exist")
            return named
        key = str(known["authId"]) if known else self._new_id(fields, "security")
        kind = fields.choice("type", SECURITY_TYPES)
        credentials = fields.object("credentials", required=True)
        for name in CREDENTIALS.get(kind, ()):
            credentials.text(name, 1, LONGEST_ID, required=True)
        if kind == "HMAC":
            credentials.choice("algorithm", tuple(ALGORITHMS))
        document = {"authId": key, "type": kind, "credentials": credentials.value}
        self._later("security", key, document)
        return key

    def write(self, fields: Fields) -> None:
        fields.refuse_violations()
        for write in self.writes:
            write()

    def _new_id(self, fields: Fields, kind: str) -> str:
        name = ID_NAMES[kind]
        key = fields.text(name, 1, LONGEST_ID) or str(uuid.uuid4())
        if quote(key, safe="") != key:
            fields.violate(name, "must not contain characters that require URL encoding")
        # An id is unique in the account, whatever the channel.
        if any(row[name] == key for row in self.kept.all(kind, self.site)):
            raise Refused(CONFLICT)
        return key

    def _later(self, kind: str, key: str, document: dict[str, Any]) -> None:
        self.writes.append(lambda: self.kept.put(kind, self.site, key, document))


async def create(request: Request) -> Response:
    kept, site, kind = _place(request)
    fields = Fields(await read_object(request), "", [])
    writer = Writer(kept, site)
    if kind == "subscription":
        key = writer.subscription(fields, _channel(request), None)
    else:
        key = getattr(writer, kind)(fields)
    writer.write(fields)
    answer = _ids(kept, site, kind, _document(request, kind, key))
    return JSONResponse(answer, 201, headers={"Location": f"{request.url.path}/{key}"})


async def listed(request: Request) -> Response:
    kept, site, kind = _place(request)
    rows, query = kept.all(kind, site), request.query_params
    if kind == "subscription":
        channel, resource = _channel(request), bare_number(query.get("resource", ""))
        rows = [row for row in rows if row["channel"] == channel]
        rows = [row for row in rows if not resource or resource in row["resources"]]
    page, size = _whole(query.get("page"), 0), _whole(query.get("size"), DEFAULT_SIZE)
    size = max(1, min(size, LARGEST_SIZE))
    paging = {
        "page": page,
        "size": size,
        "totalPages": math.ceil(len(rows) / size),
        "totalResults": len(rows),
    }
    shown = [_shown(kept, site, kind, row) for row in rows[page * size : (page + 1) * size]]
    return JSONResponse({"results": shown, "paging": paging})


async def one(request: Request) -> Response:
    kept, site, kind = _place(request)
    return JSONResponse(_shown(kept, site, kind, _found(request, kind)))


async def replace(request: Request) -> Response:
    kept, site, kind = _place(request)
    known = _found(request, kind)
    fields = Fields(await read_object(request), "", [])
    writer = Writer(kept, site)
    if kind == "subscription":
        writer.subscription(fields, _channel(request), known)
    else:
        getattr(writer, kind)(fields, known)
    writer.write(fields)
    return JSONResponse(_ids(kept, site, kind, _found(request, kind)))


async def delete(request: Request) -> Response:
    """What others still point to stays: subscription, then profile, then security."""
    kept, site, kind = _place(request)
    known = _found(request, kind)
    key = str(known[ID_NAMES[kind]])
    users = {"profile": ("subscription", "profileId"), "security": ("profile", "authId")}
    if kind in users:
        user, name = users[kind]
        if any(row.get(name) == key for row in kept.all(user, site)):
            raise Refused(CONFLICT)
    answer = _ids(kept, site, kind, known)
    kept.delete(kind, site, f"{known['channel']}/{key}" if kind == "subscription" else key)
    return JSONResponse(answer)


def _place(request: Request) -> tuple[Subscriptions, str, str]:
    account = account_of(request, scopes.SUBSCRIPTIONS)
    part = request.url.path.removeprefix(BASE).split("/")[1]
    return infobip_of(request).subscriptions, account.site, part.removesuffix("s")


def _channel(request: Request) -> str:
    channel = str(request.path_params["channel"]).upper()
    if channel not in EVENTS:
        raise Refused(NOT_FOUND)
    return channel


def _found(request: Request, kind: str) -> dict[str, Any]:
    return _document(request, kind, request.path_params["key"])


def _document(request: Request, kind: str, key: str) -> dict[str, Any]:
    kept, site, _kind = _place(request)
    key = f"{_channel(request)}/{key}" if kind == "subscription" else key
    document = kept.get(kind, site, key)
    if document is None:
        raise Refused(NOT_FOUND)
    return document


def _ids(kept: Subscriptions, site: str, kind: str, document: dict[str, Any]) -> dict[str, Any]:
    if kind == "subscription":
        profile = kept.get("profile", site, document["profileId"]) or {"profileId": None}
        ids = {"profile": _ids(kept, site, "profile", profile)}
        return {"subscriptionId": document["subscriptionId"]} | ids
    if kind == "profile":
        auth_id = document.get("authId")
        security = {"security": {"authId": auth_id}} if auth_id else {}
        return {"profileId": document["profileId"]} | security
    return {"authId": document["authId"]}


def _shown(kept: Subscriptions, site: str, kind: str, document: dict[str, Any]) -> dict[str, Any]:
    """Return a document as it may be read: secrets are write-only."""
    if kind == "security":
        return {"authId": document["authId"], "type": document["type"]}
    hidden = {"channel", "profileId", "authId"}
    shown = {name: value for name, value in document.items() if name not in hidden}
    return shown | _ids(kept, site, kind, document)


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() else default


def _both(path: str) -> list[Route]:
    return [
        Route(path, listed, methods=["GET"]),
        Route(path, create, methods=["POST"]),
        Route(f"{path}/{{key}}", one, methods=["GET"]),
        Route(f"{path}/{{key}}", replace, methods=["PUT"]),
        Route(f"{path}/{{key}}", delete, methods=["DELETE"]),
    ]


routes = [
    *_both(f"{BASE}/subscription/{{channel}}"),
    *_both(f"{BASE}/profiles"),
    *_both(f"{BASE}/security"),
]
