"""Customers' identities: a new phone is another hash, which the company may have to confirm."""

from __future__ import annotations

import base64
import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.infobip import scopes
from sandbox.infobip.account_control import account_wanted, wrong
from sandbox.infobip.clock import now
from sandbox.infobip.envelopes import Refused
from sandbox.infobip.people import user_id
from sandbox.infobip.publishing import Occasion, publish_later
from sandbox.infobip.reports import told_time
from sandbox.infobip.service import account_of, bare_number, infobip_of
from sandbox.infobip.validation import Fields, read_object

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.store import Store

KIND = "infobip.identity"
PATH = "/whatsapp/1/{sender}/contacts/{customer}/identity"
NOT_FOUND, CONFLICT, NO_CONTENT = 404, 409, 204


@dataclass
class Identity:
    sender: str
    customer: str
    hash: str
    acknowledged: bool
    at: float


class Identities:
    """Only those who changed are kept; everybody else is as ever."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, sender: str, customer: str) -> Identity | None:
        kept = self._store.get(KIND, f"{sender}/{customer}")
        return None if kept is None else Identity(**kept)

    def put(self, identity: Identity) -> None:
        self._store.put(KIND, f"{identity.sender}/{identity.customer}", asdict(identity))

    def change(self, sender: str, customer: str) -> Identity:
        new_hash = base64.b64encode(secrets.token_bytes(8)).decode()
        identity = Identity(sender, customer, new_hash, acknowledged=False, at=now())
        self.put(identity)
        return identity

    def is_confirmed(self, sender: str, customer: str) -> bool:
        identity = self.get(sender, customer)
        return identity is None or identity.acknowledged


async def read(request: Request) -> Response:
    _identities, identity = _place(request)
    moment = told_time(identity.at)
    return JSONResponse(
        {"acknowledged": identity.acknowledged, "hash": identity.hash, "createdAt": moment}
    )


async def confirm(request: Request) -> Response:
    identities, identity = _place(request)
    fields = Fields(await read_object(request), "", [])
    told = fields.text("hash", 1, 255, required=True)
    fields.refuse_violations()
    if told != identity.hash:
        raise Refused(CONFLICT)
    identity.acknowledged = True
    identities.put(identity)
    return Response(status_code=NO_CONTENT)


async def forget(request: Request) -> Response:
    identities, identity = _place(request)
    identity.acknowledged = False
    identities.put(identity)
    return Response(status_code=NO_CONTENT)


async def control(request: Request) -> Response:
    """The customer takes another phone: the company is told, and has to confirm."""
    infobip, wanted = infobip_of(request), await read_object(request)
    account = account_wanted(infobip, wanted)
    customer = bare_number(str(wanted.get("customer") or ""))
    if account is None or not customer or not account.numbers("whatsapp"):
        return wrong("customer is a number, site one that has a WhatsApp sender")
    sender = bare_number(str(wanted.get("sender") or account.numbers("whatsapp")[0]))
    identity = infobip.identities.change(sender, customer)
    body = {
        "from": sender,
        "content": {
            "description": "Security code changed.",
            "hash": identity.hash,
            "type": "user_identity_changed",
            "userNumber": customer,
            "userId": user_id(customer),
        },
        "createdAt": told_time(identity.at),
    }
    occasion = Occasion("WHATSAPP", "IDENTITY_CHANGE", sender, names=("identity",))
    publish_later(infobip, account, occasion, lambda _format: body)
    return JSONResponse({"hash": identity.hash})


def _place(request: Request) -> tuple[Identities, Identity]:
    account = account_of(request, scopes.WHATSAPP)
    sender = bare_number(request.path_params["sender"])
    identities = infobip_of(request).identities
    identity = identities.get(sender, bare_number(request.path_params["customer"]))
    if identity is None or not account.owns("whatsapp", sender):
        raise Refused(NOT_FOUND)
    return identities, identity


routes = [
    Route(PATH, read, methods=["GET"]),
    Route(PATH, confirm, methods=["PUT"]),
    Route(PATH, forget, methods=["DELETE"]),
    Route("/_sandbox/identity", control, methods=["POST"]),
]
