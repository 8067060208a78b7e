"""Whom an account must not write to: the blocklist, its API and its events."""

from __future__ import annotations

import math
import uuid
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.infobip import scopes
from sandbox.infobip.account_control import account_wanted, wrong
from sandbox.infobip.clock import now
from sandbox.infobip.people import number_of
from sandbox.infobip.publishing import Occasion, publish_later
from sandbox.infobip.reports import told_time
from sandbox.infobip.service import account_of, bare_number, infobip_of
from sandbox.infobip.validation import Fields, read_object

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.infobip.accounts import Account
    from sandbox.infobip.ledger import Message
    from sandbox.infobip.service import Infobip
    from sandbox.store import Store

PATH = "/platform/1/blocklists"
KIND = "infobip.block"
CHANNELS = ("SMS", "EMAIL", "VIBER", "RCS", "MMS", "WHATSAPP")
STOP_WORDS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"}
START_WORDS = {"START", "UNSTOP", "SUBSCRIBE"}
DEFAULT_SIZE = 10
ACCEPTED = 202


@dataclass(frozen=True)
class Block:
    """An empty sender or channel stands for all of them."""

    site: str
    destination: str
    sender: str = ""
    channel: str = ""
    source: str = "CUSTOM"
    at: float = 0

    @property
    def key(self) -> str:
        return "/".join((self.site, self.channel, self.sender, self.destination))


class Blocklist:
    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self, site: str) -> list[Block]:
        return [block for row in self._store.all(KIND) if (block := Block(**row)).site == site]

    def put(self, block: Block) -> None:
        self._store.put(KIND, block.key, asdict(block))

    def remove(self, block: Block) -> None:
        self._store.delete(KIND, block.key)

    def holds(self, site: str, message: Message) -> bool:
        return any(
            block.destination == number_of(message.customer)
            and block.sender in {"", message.company}
            and block.channel in {"", message.channel.upper()}
            for block in self.all(site)
        )


def hear(infobip: Infobip, account: Account, message: Message) -> None:
    """A customer's STOP as an SMS blocks at Infobip, START lifts it, where the account has it."""
    word = message.text.strip().upper()
    if message.channel != "sms" or not account.options.get("stop_blocks"):
        return
    block = Block(account.site, message.customer, message.company, "SMS", "MO", now())
    if word in STOP_WORDS:
        infobip.blocklist.put(block)
        tell(infobip, account, "BLOCK", block, message)
    elif word in START_WORDS:
        infobip.blocklist.remove(block)
        tell(infobip, account, "UNBLOCK", block, message)


def tell(
    infobip: Infobip, account: Account, event: str, block: Block, heard: Message | None = None
) -> None:
    content: dict[str, Any] = {
        "sender": block.sender or None,
        "destination": block.destination,
        "channel": block.channel or None,
        "sourceType": block.source,
    }
    if heard is not None:
        content["inboundMessageReference"] = {"inboundMessageId": heard.message_id}
    row = {
        "event": event,
        "receivedAt": told_time(now()),
        "messageId": str(uuid.uuid4().int)[:19],
        "content": content,
    }
    occasion = Occasion("BLOCKLIST", event, block.sender, names=("blocklist",))
    publish_later(infobip, account, occasion, lambda _format: {"results": [row]})


async def listed(request: Request) -> Response:
    infobip, account = _allowed(request)
    query = request.query_params
    wanted = {
        "destination": bare_number(query.get("destination", "")),
        "sender": bare_number(query.get("sender", "")),
        "channel": query.get("channel", ""),
        "source": query.get("sourceType", ""),
    }
    found = [
        block
        for block in infobip.blocklist.all(account.site)
        if all(getattr(block, name) == value for name, value in wanted.items() if value)
    ]
    page, size = (
        int(query[name]) if query.get(name, "").isdigit() else default
        for name, default in (("page", 0), ("size", DEFAULT_SIZE))
    )
    size = max(size, 1)
    paging = {
        "page": page,
        "size": size,
        "totalPages": math.ceil(len(found) / size),
        "totalResults": len(found),
    }
    rows = [_row(block) for block in found[page * size : (page + 1) * size]]
    return JSONResponse({"results": rows, "paging": paging})


async def change(request: Request) -> Response:
    infobip, account = _allowed(request)
    added = request.method == "POST"
    for block in _blocks(await read_object(request), account, "CUSTOM" if added else ""):
        if added:
            infobip.blocklist.put(block)
            tell(infobip, account, "BLOCK", block)
            continue
        for kept in infobip.blocklist.all(account.site):
            if _concerns(block, kept):
                infobip.blocklist.remove(kept)
                tell(infobip, account, "UNBLOCK", kept)
    return Response(status_code=ACCEPTED)


async def control(request: Request) -> Response:
    """Block or unblock as if the customer or a colleague had: tells the subscription."""
    infobip, wanted = infobip_of(request), await read_object(request)
    account = account_wanted(infobip, wanted)
    destination = bare_number(str(wanted.get("destination") or ""))
    event = str(wanted.get("event") or "BLOCK").upper()
    if account is None or not destination or event not in {"BLOCK", "UNBLOCK"}:
        return wrong("destination is a number, event BLOCK or UNBLOCK")
    block = Block(
        account.site,
        destination,
        bare_number(str(wanted.get("sender") or "")),
        str(wanted.get("channel") or "").upper(),
        str(wanted.get("source") or "MO"),
        now(),
    )
    (infobip.blocklist.put if event == "BLOCK" else infobip.blocklist.remove)(block)
    tell(infobip, account, event, block)
    return JSONResponse({"blocklist": [_row(each) for each in infobip.blocklist.all(account.site)]})


def _allowed(request: Request) -> tuple[Infobip, Account]:
    infobip, account = infobip_of(request), account_of(request, scopes.BLOCKLIST)
    infobip.limits.take(account.site, "blocklist")
    return infobip, account


def _blocks(body: dict[str, Any], account: Account, default_source: str) -> list[Block]:
    fields = Fields(body, "", [])
    blocks = []
    for entry in fields.list("blocklist"):
        sender = bare_number(entry.text("sender", 0, 64))
        given = entry.value.get("channel") is not None
        channel = entry.choice("channel", CHANNELS) if given else ""
        source = entry.value.get("sourceType") or default_source
        for destination in entry.list("destinations"):
            to = bare_number(destination.text("to", 1, 64, required=True))
            blocks.append(Block(account.site, to, sender, channel, source, now()))
    fields.refuse_violations()
    return blocks


def _concerns(wanted: Block, kept: Block) -> bool:
    """A block is removed by all of its properties; only its source may be left out."""
    return (wanted.destination, wanted.sender, wanted.channel) == (
        kept.destination,
        kept.sender,
        kept.channel,
    ) and wanted.source in {"", kept.source}


def _row(block: Block) -> dict[str, Any]:
    moment = told_time(block.at).replace("+0000", "Z")
    row = {"destination": block.destination, "sourceType": block.source, "createdDate": moment}
    named = {"sender": block.sender, "channel": block.channel}
    return row | {name: value for name, value in named.items() if value}


routes = [
    Route(PATH, listed, methods=["GET"]),
    Route(PATH, change, methods=["POST", "DELETE"]),
    Route("/_sandbox/blocklist", control, methods=["POST"]),
]
