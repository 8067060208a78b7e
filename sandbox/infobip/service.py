"""The one Infobip of a process: accounts, ledger, faults and webhooks together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from sandbox.infobip.envelopes import Refused

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.config import Config
    from sandbox.faults import Faults
    from sandbox.infobip.accounts import Account, Accounts
    from sandbox.infobip.ledger import Ledger
    from sandbox.infobip.webhooks import Webhooks

UNAUTHORIZED = 401


@dataclass(frozen=True)
class Infobip:
    config: Config
    accounts: Accounts
    ledger: Ledger
    faults: Faults
    webhooks: Webhooks


def infobip_of(request: Request) -> Infobip:
    return cast("Infobip", request.app.state.infobip)


def account_of(request: Request) -> Account:
    """Return the account whose key the request carries; refuse any other request."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    account = infobip_of(request).accounts.with_key(key.strip())
    if scheme.lower() != "app" or account is None:
        raise Refused(UNAUTHORIZED)
    return account


def bare_number(number: str) -> str:
    """Numbers are written with or without the plus and spaces; Infobip answers digits."""
    return number.replace(" ", "").removeprefix("+")
