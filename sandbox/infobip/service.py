"""The one Infobip of a process: accounts, ledger, media, faults and webhooks together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from sandbox.infobip.envelopes import Refused

if TYPE_CHECKING:
    from collections.abc import Collection

    import httpx
    from starlette.requests import Request

    from sandbox.config import Config
    from sandbox.faults import Faults
    from sandbox.infobip.accounts import Account, Accounts
    from sandbox.infobip.batches import Batches
    from sandbox.infobip.blocklist import Blocklist
    from sandbox.infobip.identities import Identities
    from sandbox.infobip.ledger import Ledger
    from sandbox.infobip.limits import Limits
    from sandbox.infobip.marketing import Marketing
    from sandbox.infobip.media import MediaStore
    from sandbox.infobip.subscriptions import Subscriptions
    from sandbox.infobip.template_store import Templates
    from sandbox.infobip.webhooks import Webhooks
    from sandbox.store import Store

UNAUTHORIZED, FORBIDDEN = 401, 403


@dataclass(frozen=True)
class Infobip:
    config: Config
    accounts: Accounts
    ledger: Ledger
    faults: Faults
    webhooks: Webhooks
    store: Store
    media: MediaStore
    limits: Limits
    batches: Batches
    subscriptions: Subscriptions
    templates: Templates
    blocklist: Blocklist
    identities: Identities
    marketing: Marketing
    client: httpx.AsyncClient


def infobip_of(request: Request) -> Infobip:
    return cast("Infobip", request.app.state.infobip)


def account_of(request: Request, scopes: Collection[str]) -> Account:
    """Return the account whose key the request carries; refuse a key without these scopes."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    account = infobip_of(request).accounts.with_key(key.strip())
    if scheme.lower() != "app" or account is None:
        raise Refused(UNAUTHORIZED)
    if not account.may(key.strip(), scopes):
        raise Refused(FORBIDDEN)
    return account


def bare_number(number: str) -> str:
    """Numbers are written with or without the plus and spaces; Infobip answers digits."""
    return number.replace(" ", "").removeprefix("+")
