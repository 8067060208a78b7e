"""The sandbox's Forge: tells the app of events, of its own life on a site, and the time."""

import asyncio
import re
from pathlib import Path
from typing import Any

from sandbox.jira import event_bodies
from sandbox.jira.event_line import EventLine, taken
from sandbox.jira.identity import Identity
from sandbox.jira.issues import Issue
from sandbox.jira.people import APP, People, Person
from sandbox.jira.remote import Remote
from sandbox.jira.request_types import RequestType
from sandbox.jira.scopes import MANIFEST
from sandbox.jira.sites import Site, Sites
from sandbox.jira.workflow import Status

_EVENT = re.compile(r"^\s*- (avi:[a-z:-]+)$", re.MULTILINE)
BYE_TIMEOUT = 55.0
TICK_PAUSE = 20 * 60.0
FIRST_TICK_PAUSE = 1.0


class Forge:
    """Delivers events and ticks to the app; opened and closed with the server."""

    def __init__(
        self,
        sites: Sites,
        identity: Identity,
        people: People,
        remote: Remote,
        line: EventLine,
    ) -> None:
        self._sites = sites
        self._identity = identity
        self._people = people
        self._line = line
        self._wanted = wanted_events(MANIFEST)
        self._ticks: dict[str, asyncio.Task[None]] = {}
        self.remote = remote

    async def close(self) -> None:
        """Stop everything that is still on its way."""
        ticks = list(self._ticks.values())
        for task in ticks:
            task.cancel()
        await asyncio.gather(*ticks, return_exceptions=True)
        await self._line.close()
        await self.remote.close()

    async def settled(self) -> None:
        """Wait until every event published so far was taken or given up."""
        await self._line.settled()

    def keep_token_fresh(self, site: Site) -> None:
        """Tick the app on behalf of the site from now on; a second call changes nothing."""
        if site.ticks and site.slug not in self._ticks:
            work = self._tick_for_ever(site.slug)
            self._ticks[site.slug] = asyncio.get_running_loop().create_task(work)

    def stop_ticking(self, site: Site) -> None:
        """End the ticks of a site."""
        task = self._ticks.pop(site.slug, None)
        if task is not None:
            task.cancel()

    async def tick(self, site: Site) -> int:
        """Tick once; returns the app's status, 0 for silence."""
        return await self.remote.call(site, "tick", event_bodies.scheduled(site, "tick"))

    def tell_updated(
        self,
        site: Site,
        issue: Issue,
        *,
        items: list[dict[str, Any]],
        by: Person,
        statuses: tuple[Status, ...] = (),
    ) -> None:
        """Send that an issue's fields changed; `statuses` are the old and the new one."""
        added = event_bodies.update(items, by, statuses)
        self._publish_about("updated", site, issue, by, added)

    def tell_assigned(
        self, site: Site, issue: Issue, *, items: list[dict[str, Any]], by: Person
    ) -> None:
        """Send that an issue was given to somebody: Jira sends an update as well."""
        self._publish_about("assigned", site, issue, by, {"changelog": {"items": items}})
        self.tell_updated(site, issue, items=items, by=by)

    def tell_commented(
        self, site: Site, issue: Issue, *, comment: dict[str, Any], by: Person
    ) -> None:
        """Send that a comment was added."""
        added = event_bodies.remark(comment, by)
        self._publish_about("commented", site, issue, by, added)

    def tell_deleted(self, site: Site, issue: Issue, *, by: Person) -> None:
        """Send that an issue is gone."""
        self._publish_about("deleted", site, issue, by, {})

    def tell_request_type_changed(
        self, site: Site, kind: RequestType, *, by: Person, change: str = "updated"
    ) -> None:
        """Send that a request type was `created`, `updated` or `deleted`."""
        details = {"id": kind.id, "name": kind.name, "serviceDeskId": kind.desk_id}
        self._publish(site, event_bodies.desk_event("request-type", change, details, by), by)

    def tell_service_desk_changed(
        self, site: Site, desk_id: str, *, by: Person, change: str = "updated"
    ) -> None:
        """Send that a service desk was `created`, `updated` or `deleted`."""
        details = {"id": desk_id}
        self._publish(site, event_bodies.desk_event("service-desk", change, details, by), by)

    async def tell_installed(self, site: Site) -> bool:
        """Send the installed event, again if need be; returns whether the app took it."""
        body = event_bodies.installed(self._identity, site)
        return await self._line.deliver(site.slug, "lifecycle", body)

    async def tell_upgraded(self, site: Site) -> bool:
        """Send that the site has another major version; returns whether the app took it."""
        body = event_bodies.upgraded(self._identity, site)
        return await self._line.deliver(site.slug, "lifecycle", body)

    async def tell_uninstalling(self, site: Site) -> int:
        """Send what Forge sends before an uninstall; returns the app's status, 0 for silence."""
        body = event_bodies.scheduled(site, "bye")
        return await self.remote.call(site, "bye", body, timeout=BYE_TIMEOUT)

    def _publish_about(
        self, name: str, site: Site, issue: Issue, by: Person, added: dict[str, Any]
    ) -> None:
        event = event_bodies.issue_event(name, self._people, site, issue, by)
        self._publish(site, event | added, by)

    def _publish(self, site: Site, event: dict[str, Any], by: Person) -> None:
        # The manifest's triggers say `ignoreSelf`.
        if site.installed and by != APP and event["eventType"] in self._wanted:
            self._line.publish(site.slug, event)

    async def _tick_for_ever(self, slug: str) -> None:
        while True:
            while not taken(await self.tick(self._sites.get(slug))):
                await asyncio.sleep(FIRST_TICK_PAUSE)
            await asyncio.sleep(TICK_PAUSE)


def wanted_events(manifest: Path) -> frozenset[str]:
    """Return the types of events that the manifest's triggers ask for, one a line."""
    return frozenset(_EVENT.findall(manifest.read_text()))
