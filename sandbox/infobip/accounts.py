"""The accounts that may send: one per site, each with its keys, a webhook and its senders."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

    from sandbox.store import Store

KIND = "infobip.account"


@dataclass(frozen=True)
class Account:
    """`senders` is a number by channel, `more_senders` further numbers by channel.

    `api_key` may do everything, one of `keys` what its scopes say. `webhook_url` is the address
    set by hand, for what no subscription covers. `options`: see `docs/sandbox.md`.
    """

    site: str
    api_key: str
    webhook_url: str
    senders: dict[str, str] = field(default_factory=dict)
    more_senders: dict[str, list[str]] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)

    def numbers(self, channel: str) -> list[str]:
        first = self.senders.get(channel)
        return [*([first] if first else []), *self.more_senders.get(channel, [])]

    def owns(self, channel: str, number: str) -> bool:
        return number in self.numbers(channel)

    def has_key(self, api_key: str) -> bool:
        return api_key == self.api_key or api_key in self.keys

    def may(self, api_key: str, scopes: Collection[str]) -> bool:
        return api_key == self.api_key or not set(scopes).isdisjoint(self.keys.get(api_key, []))


class Accounts:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._by_site = {row["site"]: Account(**row) for row in store.all(KIND)}

    def open(self, account: Account) -> None:
        """Open the account or replace the one of the same site."""
        self._by_site[account.site] = account
        self._store.put(KIND, account.site, asdict(account))

    def give_key(self, account: Account, api_key: str, scopes: list[str] | None) -> Account:
        """Give the account a further key with these scopes; without scopes take it away."""
        keys = {name: kept for name, kept in account.keys.items() if name != api_key}
        changed = replace(account, keys=keys if scopes is None else keys | {api_key: scopes})
        self.open(changed)
        return changed

    def all(self) -> list[Account]:
        return list(self._by_site.values())

    def with_key(self, api_key: str) -> Account | None:
        return next((a for a in self.all() if a.has_key(api_key)), None)

    def of_site(self, site: str) -> Account | None:
        return self._by_site.get(site)

    def with_sender(self, channel: str, sender: str) -> Account | None:
        return next((a for a in self.all() if a.owns(channel, sender)), None)

    def first(self) -> Account | None:
        return next(iter(self._by_site.values()), None)
