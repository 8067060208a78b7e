"""Reports that are pushed together, as Infobip does when there are many: the fault `batch`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sandbox.infobip.publishing import publish

if TYPE_CHECKING:
    from sandbox.infobip.accounts import Account
    from sandbox.infobip.publishing import Occasion
    from sandbox.infobip.service import Infobip

LARGEST = 100
GATHERING_SECONDS = 0.5


class Batches:
    """The rows that wait for others of the same kind and address."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, ...], list[dict[str, Any]]] = {}

    def publish_row(
        self, infobip: Infobip, account: Account, occasion: Occasion, row: dict[str, Any]
    ) -> None:
        """Push the row, alone or, where a fault asks for it, with those that come soon."""
        names = (occasion.channel.lower(), *occasion.names)
        if not infobip.faults.draw(*names, among=("batch",)):
            self._push(infobip, account, occasion, [row])
            return
        key = (account.site, occasion.channel, occasion.event, occasion.sender, occasion.url)
        waiting = self._rows.setdefault(key, [])
        waiting.append(row)
        if len(waiting) == LARGEST:
            self._push(infobip, account, occasion, self._rows.pop(key))
        elif len(waiting) == 1:
            infobip.webhooks.spawn(self._release_later(infobip, account, occasion, key))

    async def _release_later(
        self, infobip: Infobip, account: Account, occasion: Occasion, key: tuple[str, ...]
    ) -> None:
        await asyncio.sleep(GATHERING_SECONDS)
        if rows := self._rows.pop(key, []):
            self._push(infobip, account, occasion, rows)

    def _push(
        self, infobip: Infobip, account: Account, occasion: Occasion, rows: list[dict[str, Any]]
    ) -> None:
        body = {"results": rows}
        infobip.webhooks.spawn(publish(infobip, account, occasion, lambda _format: body))
