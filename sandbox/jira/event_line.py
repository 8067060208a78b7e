"""How Forge's events travel to the app: in order and tried again, unless a fault was asked for."""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Coroutine
from http import HTTPStatus
from typing import Any

from sandbox.faults import EVENT_KINDS, Fault, Faults
from sandbox.jira.remote import Remote
from sandbox.jira.sites import Sites

logger = logging.getLogger("sandbox.jira")

RETRIES = 4
MINUTE = 2.0
"""Units of the sandbox's clock that stand for a minute of Forge's."""
LATEST = 3 * MINUTE
LARGEST_EVENT = 200_000

Body = dict[str, Any]


class EventLine:
    """Brings bodies to a route of the app. Faults concern `events`, or an event by its type."""

    def __init__(self, sites: Sites, remote: Remote, faults: Faults, retry_unit: float) -> None:
        self._sites = sites
        self._remote = remote
        self._faults = faults
        self._unit = retry_unit
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._held: defaultdict[str, list[asyncio.Event]] = defaultdict(list)
        self._under_way: set[asyncio.Task[Any]] = set()

    def publish(self, slug: str, event: Body) -> None:
        """Send an event, or what the faults that wait for it make of it."""
        drawn = [self._faults.draw("events", event["eventType"], among=(k,)) for k in EVENT_KINDS]
        faults = {fault.kind: fault for fault in drawn if fault is not None}
        if len(json.dumps(event).encode()) > LARGEST_EVENT:
            logger.warning("An event of more than 200 kB: not delivered.")
            return
        if "lost" in faults:
            return
        if "bare_status" in faults:
            event["issue"]["fields"]["status"].pop("statusCategory", None)
        body = {"payload": event} if "wrapped" in faults else event
        for _copy in range(2 if "duplicate" in faults else 1):
            self._start(self._travel(slug, body, faults))

    async def deliver(self, slug: str, route: str, body: Body) -> bool:
        """Call a route of the app, again if need be; returns whether the app took it."""
        status = await self._call(slug, route, body)
        return taken(status) or await self._retry(slug, route, body, status)

    async def settled(self) -> None:
        """Wait until every event published so far was taken or given up."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def close(self) -> None:
        """Stop everything that is still on its way."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _travel(self, slug: str, body: Body, faults: dict[str, Fault]) -> None:
        if "late" in faults:
            wanted = faults["late"].seconds
            await asyncio.sleep(LATEST * self._unit if wanted is None else wanted)
        if "reorder" in faults:
            await self._be_overtaken(slug)
        # Locks are given in the order in which they are asked for: first attempts keep theirs.
        async with self._turns[slug]:
            status = await self._call(slug, "events", body)
        for held in self._held.pop(slug, []):
            held.set()
        if not taken(status):
            await self._retry(slug, "events", body, status)

    async def _be_overtaken(self, slug: str) -> None:
        overtaken = asyncio.Event()
        self._held[slug].append(overtaken)
        try:
            async with asyncio.timeout(MINUTE * max(self._unit, 1)):
                await overtaken.wait()
        except TimeoutError:
            logger.info("No event came to overtake the one that was held back.")

    async def _retry(self, slug: str, route: str, body: Body, status: int) -> bool:
        for count in range(1, RETRIES + 1):
            await asyncio.sleep(MINUTE * self._unit)
            context = {"retryCount": count, "retryReason": _reason(status), "retryData": None}
            status = await self._call(slug, route, _again(body, context))
            if taken(status):
                return True
        logger.warning("The app did not take %s of site %s: given up.", route, slug)
        return False

    async def _call(self, slug: str, route: str, body: Body) -> int:
        site = self._sites.get(slug)
        # What was under way when the app left is dropped, as by Forge.
        return await self._remote.call(site, route, body) if site.installed else HTTPStatus.OK

    def _start(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)


def taken(status: int) -> bool:
    """Return whether an answer with this status ends the tries."""
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def _again(body: Body, context: Body) -> Body:
    if "payload" in body:
        return {"payload": {**body["payload"], "retryContext": context}}
    return {**body, "retryContext": context}


def _reason(status: int) -> str:
    if status == 0:
        return "TIMEOUT_ERROR"
    if status == HTTPStatus.UNAUTHORIZED:
        return "INVALID_FORGE_INVOCATION_TOKEN"
    return "INVALID_REMOTE_INVOCATION_ERROR"
