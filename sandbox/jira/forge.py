"""The sandbox's Forge: calls the app as Atlassian would, with signed invocations and retries."""

import asyncio
import logging
import secrets
import uuid
from collections.abc import Coroutine
from http import HTTPStatus
from typing import Any

import httpx

from sandbox.config import Config
from sandbox.jira.identity import APP_VERSION, Identity
from sandbox.jira.issues import Issue, now_ms
from sandbox.jira.people import APP, STAFF, People, Person, platform_user
from sandbox.jira.shapes import adf, browse_url, event_fields
from sandbox.jira.sites import Site
from sandbox.jira.workflow import DESKS, Status

logger = logging.getLogger("sandbox.jira")

EVENT_TIMEOUT = 5.0
BYE_TIMEOUT = 55.0
PAGE_TIMEOUT = 25.0
RETRIES = 4
RETRY_PAUSE = 2.0
"""Units of the sandbox's clock that stand for Forge's minute between two attempts."""
TICK_PAUSE = 20 * 60.0
FIRST_TICK_PAUSE = 1.0


class Forge:
    """Delivers events, ticks and page calls to the app; opened and closed with the server."""

    def __init__(
        self, config: Config, identity: Identity, people: People, client: httpx.AsyncClient
    ) -> None:
        self._config = config
        self._identity = identity
        self._people = people
        self._client = client
        self._queues: dict[str, asyncio.Queue[dict[str, Any]]] = {}
        self._ticks: dict[str, asyncio.Task[Any]] = {}
        self._running: set[asyncio.Task[Any]] = set()

    async def close(self) -> None:
        """Stop everything that is still on its way."""
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._client.aclose()

    async def settled(self) -> None:
        """Wait until every event published so far was taken or given up."""
        for queue in self._queues.values():
            await queue.join()

    def keep_token_fresh(self, site: Site) -> None:
        """Tick the app on behalf of the site from now on; a second call changes nothing."""
        if site.slug not in self._ticks:
            self._ticks[site.slug] = self._start(self._tick_for_ever(site))

    def stop_ticking(self, site: Site) -> None:
        """End the ticks of a site that has left."""
        task = self._ticks.pop(site.slug, None)
        if task is not None:
            task.cancel()

    def tell_updated(
        self,
        site: Site,
        issue: Issue,
        *,
        items: list[dict[str, Any]],
        by: Person,
        statuses: tuple[Status, Status] | None = None,
    ) -> None:
        """Send that an issue's fields changed; `statuses` are the old and the new one."""
        event = self._event("avi:jira:updated:issue", site, issue, by)
        event["changelog"] = {"items": items}
        event["associatedUsers"] = [platform_user(by)]
        resolved = statuses is not None and statuses[1].category == "done"
        event["jiraEventTypeName"] = "issue_resolved" if resolved else "issue_generic"
        if statuses is not None:
            event["associatedStatuses"] = [{"id": s.id, "name": s.name} for s in statuses]
        self._publish(site, event)

    def tell_assigned(
        self, site: Site, issue: Issue, *, items: list[dict[str, Any]], by: Person
    ) -> None:
        """Send that an issue was given to somebody: Jira sends an update as well."""
        event = self._event("avi:jira:assigned:issue", site, issue, by)
        event["changelog"] = {"items": items}
        self._publish(site, event)
        self.tell_updated(site, issue, items=items, by=by)

    def tell_commented(
        self, site: Site, issue: Issue, *, comment: dict[str, Any], by: Person
    ) -> None:
        """Send that a comment was added."""
        event = self._event("avi:jira:commented:issue", site, issue, by)
        event["comment"] = {
            "id": comment["id"],
            "author": platform_user(by),
            "body": adf(comment["body"]),
            "jsdPublic": comment["public"],
        }
        self._publish(site, event)

    def tell_deleted(self, site: Site, issue: Issue, *, by: Person) -> None:
        """Send that an issue is gone."""
        self._publish(site, self._event("avi:jira:deleted:issue", site, issue, by))

    async def tell_installed(self, site: Site) -> bool:
        """Send the installed event, again if need be; returns whether the app took it."""
        body = {
            "eventType": "avi:forge:installed:app",
            "id": site.installation_id.rpartition("/")[2],
            "installerAccountId": STAFF["ana"].account_id,
            "app": {
                "id": self._identity.app_id.rpartition("/")[2],
                "version": APP_VERSION,
                "name": "OmniChat",
                "ownerAccountId": APP.account_id,
            },
            "environment": {"id": self._identity.environment_id.rpartition("/")[2]},
        }
        return await self._deliver(site, "lifecycle", body)

    async def tell_uninstalling(self, site: Site) -> int:
        """Send what Forge sends before an uninstall; returns the app's status, 0 for silence."""
        return await self._try(site, "bye", _scheduled_body(site, "bye"), BYE_TIMEOUT)

    async def invoke_from_page(
        self, site: Site, issue: Issue, by: Person, call: dict[str, Any]
    ) -> httpx.Response:
        """Call the app as `invokeRemote` of a page does: signed context and the user's token."""
        fit = self._identity.mint_fit(
            site,
            module=("jira:issueActivity", "omnichat-activity"),
            context={
                "localId": str(uuid.uuid4()),
                "cloudId": site.cloud_id,
                "moduleKey": "omnichat-activity",
                "siteUrl": site.url,
                "extension": page_extension(site, issue),
            },
            principal=by.account_id,
        )
        user_token = self._identity.mint_api_token(site, by.account_id)
        headers = self._headers(site, fit) | {"x-forge-oauth-user": user_token}
        return await self._client.request(
            call["method"],
            f"{self._config.app_url}{call['path']}",
            json=call.get("body"),
            headers={**call.get("headers", {}), **headers},
            timeout=PAGE_TIMEOUT,
        )

    def _event(self, name: str, site: Site, issue: Issue, by: Person) -> dict[str, Any]:
        fields = event_fields(self._people, site, issue)
        return {
            "eventType": name,
            "selfGenerated": False,
            "timestamp": str(now_ms()),
            "atlassianId": by.account_id,
            "issue": {"id": issue["id"], "key": issue["key"], "fields": fields},
        }

    def _publish(self, site: Site, event: dict[str, Any]) -> None:
        if not site.installed:
            return
        if site.slug not in self._queues:
            self._queues[site.slug] = asyncio.Queue()
            self._start(self._send_queue(site))
        self._queues[site.slug].put_nowait(event)

    async def _send_queue(self, site: Site) -> None:
        """Send first attempts in order; what fails is tried again beside the queue."""
        queue = self._queues[site.slug]
        while True:
            event = await queue.get()
            status = await self._try(site, "events", event, EVENT_TIMEOUT)
            if _taken(status):
                queue.task_done()
            else:
                retry = self._start(self._retry(site, "events", event, status))
                retry.add_done_callback(lambda _: queue.task_done())

    async def _deliver(self, site: Site, route: str, body: dict[str, Any]) -> bool:
        status = await self._try(site, route, body, EVENT_TIMEOUT)
        return _taken(status) or await self._retry(site, route, body, status)

    async def _retry(self, site: Site, route: str, body: dict[str, Any], status: int) -> bool:
        for count in range(1, RETRIES + 1):
            await asyncio.sleep(RETRY_PAUSE * self._config.retry_unit)
            context = {"retryCount": count, "retryReason": _reason(status), "retryData": None}
            status = await self._try(site, route, {**body, "retryContext": context}, EVENT_TIMEOUT)
            if _taken(status):
                return True
        logger.warning("The app did not take %s of site %s: given up.", route, site.slug)
        return False

    async def _tick_for_ever(self, site: Site) -> None:
        while True:
            body = _scheduled_body(site, "token-refresh")
            while not _taken(await self._try(site, "tick", body, EVENT_TIMEOUT)):
                await asyncio.sleep(FIRST_TICK_PAUSE)
            await asyncio.sleep(TICK_PAUSE)

    async def _try(self, site: Site, route: str, body: dict[str, Any], timeout: float) -> int:
        """Call one of the app's back-end routes; returns its status, 0 for no answer in time."""
        fit = self._identity.mint_fit(site, module=("core:endpoint", route))
        url = f"{self._config.app_url}/forge/v1/{route}"
        try:
            async with asyncio.timeout(timeout):
                answer = await self._client.post(
                    url, json=body, headers=self._headers(site, fit), timeout=timeout
                )
        except (httpx.HTTPError, TimeoutError):
            return 0
        return answer.status_code

    def _headers(self, site: Site, fit: str) -> dict[str, str]:
        return {
            "authorization": f"Bearer {fit}",
            "accept": "application/json",
            "x-forge-oauth-system": self._identity.mint_api_token(site, APP.account_id),
            "x-b3-traceid": secrets.token_hex(8),
            "x-b3-spanid": secrets.token_hex(8),
        }

    def _start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task


def page_extension(site: Site, issue: Issue) -> dict[str, Any]:
    """Return what Forge tells a page in the Activity area about where it stands."""
    return {
        "type": "jira:issueActivity",
        "issue": {
            "id": issue["id"],
            "key": issue["key"],
            "type": "[System] Service request",
            "typeId": "10110",
        },
        "project": {
            "id": DESKS[issue["desk_id"]].project_id,
            "key": issue["project"],
            "type": "service_desk",
        },
        "location": browse_url(site, issue["key"]),
    }


def _scheduled_body(site: Site, module_key: str) -> dict[str, Any]:
    context = {"cloudId": site.cloud_id, "moduleKey": module_key}
    return {"context": context, "contextToken": secrets.token_urlsafe(24)}


def _taken(status: int) -> bool:
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def _reason(status: int) -> str:
    if status == 0:
        return "TIMEOUT_ERROR"
    if status == HTTPStatus.UNAUTHORIZED:
        return "INVALID_FORGE_INVOCATION_TOKEN"
    return "INVALID_REMOTE_INVOCATION_ERROR"
