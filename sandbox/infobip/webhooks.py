"""Pushes to the product's webhooks: again until it answers 200, at times twice or out of order."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from sandbox.faults import Faults
    from sandbox.store import Store

KIND = "infobip.push"
TAKEN = 200
UNREACHABLE = 0
RETRIES = 7
LARGEST_GROUP = 5
GROUP_SECONDS = 0.5


@dataclass(frozen=True)
class Push:
    """`names` is what a fault's route may match; `message` the ledger number it is about."""

    number: int
    url: str
    content: str
    names: list[str]
    message: int | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Webhooks:
    """A push is stored until it is taken or given up, so that a restart does not lose it."""

    def __init__(
        self, store: Store, faults: Faults, client: httpx.AsyncClient, retry_unit: float
    ) -> None:
        self.store = store
        self._faults = faults
        self._client = client
        self._retry_unit = retry_unit
        self._tasks: set[asyncio.Task[Any]] = set()
        self._held: list[Push] = []
        self.on_taken: Callable[[int], None] = lambda _message: None

    async def push(
        self,
        url: str,
        content: str,
        *names: str,
        message: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> int | None:
        """Push once and return the HTTP status, 0 if unreachable or lost, None if held.

        Further tries go on in the background; of what a fault loses there are none.
        """
        names = (url, *names)
        if self._faults.draw(*names, among=("lost",)):
            return UNREACHABLE
        number = self.store.next_number(KIND)
        push = Push(number, url, content, list(names), message, headers or {})
        self.store.put(KIND, str(push.number), asdict(push))
        if self._faults.draw(*push.names, among=("reorder",)):
            self._hold(push)
            return None
        return await self._deliver(push)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def resume(self) -> None:
        """Go on with the pushes an earlier process had not finished."""
        for document in self.store.all(KIND):
            self.spawn(self._deliver(Push(**document)))

    async def settled(self) -> None:
        """Return when nothing is under way any more."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.aclose()

    def _hold(self, push: Push) -> None:
        self._held.append(push)
        if len(self._held) == 1:
            self.spawn(self._release_later())
        if len(self._held) == LARGEST_GROUP:
            self.spawn(self._release())

    async def _release_later(self) -> None:
        await asyncio.sleep(GROUP_SECONDS)
        await self._release()

    async def _release(self) -> None:
        group, self._held = self._held, []
        for push in reversed(group):
            await self._deliver(push)

    async def _deliver(self, push: Push) -> int:
        status = await self._send(push)
        if status != TAKEN:
            self.spawn(self._retry(push))
        return status

    async def _retry(self, push: Push) -> None:
        for attempt in range(RETRIES):
            await asyncio.sleep(self._retry_unit * (1 + attempt * attempt))
            if await self._send(push) == TAKEN:
                return
        self.store.delete(KIND, str(push.number))

    async def _send(self, push: Push) -> int:
        twice = self._faults.draw(*push.names, among=("duplicate_webhook",)) is not None
        posts = [self._post(push) for _ in range(2 if twice else 1)]
        statuses = await asyncio.gather(*posts)
        if TAKEN not in statuses:
            return statuses[0]
        self.store.delete(KIND, str(push.number))
        if push.message is not None:
            self.on_taken(push.message)
        return TAKEN

    async def _post(self, push: Push) -> int:
        try:
            answer = await self._client.post(
                push.url,
                content=push.content,
                headers={"Content-Type": "application/json", **push.headers},
            )
        except (httpx.HTTPError, httpx.InvalidURL):
            return UNREACHABLE
        return answer.status_code
