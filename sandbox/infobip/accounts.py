"""The accounts that may send: one per site, each with a key, a webhook and its senders."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.store import Store

KIND = "infobip.account"


@dataclass(frozen=True)
class Account:
    site: str
    api_key: str
    webhook_url: str
    senders: dict[str, str] = field(default_factory=dict)


class Accounts:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._by_site = {row["site"]: Account(**row) for row in store.all(KIND)}

    def open(self, account: Account) -> None:
        """Open the account or replace the one of the same site."""
        self._by_site[account.site] = account
        self._store.put(KIND, account.site, asdict(account))

    def all(self) -> list[Account]:
        return list(self._by_site.values())

    def with_key(self, api_key: str) -> Account | None:
        return next((a for a in self.all() if a.api_key == api_key), None)

    def of_site(self, site: str) -> Account | None:
        return self._by_site.get(site)

    def with_sender(self, channel: str, sender: str) -> Account | None:
        return next((a for a in self.all() if a.senders.get(channel) == sender), None)

    def first(self) -> Account | None:
        return next(iter(self._by_site.values()), None)
