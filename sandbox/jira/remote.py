"""One call of the app's backend as Forge makes it: signed, with tokens, and never for long."""

import asyncio
import secrets
from typing import Any

import httpx

from sandbox.config import Config
from sandbox.jira.identity import Identity
from sandbox.jira.issues import Issue
from sandbox.jira.modules import page_context
from sandbox.jira.people import APP, Person
from sandbox.jira.sites import Site

EVENT_TIMEOUT = 5.0
PAGE_TIMEOUT = 25.0
LARGEST_PAGE_ANSWER = 5 * 1024 * 1024


class AnswerTooLarge(Exception):
    """The app answered a page with more than Forge passes on."""


class Remote:
    """Signs and makes calls to the app."""

    def __init__(self, config: Config, identity: Identity, client: httpx.AsyncClient) -> None:
        self._app_url = config.app_url
        self._identity = identity
        self._client = client

    async def close(self) -> None:
        await self._client.aclose()

    async def call(
        self, site: Site, route: str, body: dict[str, Any], *, timeout: float = EVENT_TIMEOUT
    ) -> int:
        """Call a route for Forge itself; returns its status, 0 for no answer in time."""
        fit = self._identity.mint_fit(site, module=("core:endpoint", route))
        url = f"{self._app_url}/forge/v1/{route}"
        try:
            async with asyncio.timeout(timeout):
                answer = await self._client.post(
                    url, json=body, headers=self._headers(site, fit), timeout=timeout
                )
        except (httpx.HTTPError, TimeoutError):
            return 0
        return answer.status_code

    async def call_from_page(
        self,
        site: Site,
        module: tuple[str, str],
        issue: Issue | None,
        by: Person,
        call: dict[str, Any],
    ) -> httpx.Response:
        """Call the app as `invokeRemote` of a page does: signed context and the user's token.

        Raises TimeoutError, AnswerTooLarge and httpx's errors.
        """
        fit = self._identity.mint_fit(
            site,
            module=module,
            context=page_context(site, module, issue),
            principal=by.account_id,
        )
        user_token = self._identity.mint_api_token(site, by.account_id)
        headers = self._headers(site, fit) | {"x-forge-oauth-user": user_token}
        async with asyncio.timeout(PAGE_TIMEOUT):
            answer = await self._client.request(
                call["method"],
                f"{self._app_url}{call['path']}",
                json=call.get("body"),
                headers={**(call.get("headers") or {}), **headers},
                timeout=PAGE_TIMEOUT,
            )
        if len(answer.content) > LARGEST_PAGE_ANSWER:
            raise AnswerTooLarge
        return answer

    def _headers(self, site: Site, fit: str) -> dict[str, str]:
        return {
            "authorization": f"Bearer {fit}",
            "accept": "application/json",
            "x-forge-oauth-system": self._identity.mint_api_token(site, APP.account_id),
            "x-b3-traceid": secrets.token_hex(8),
            "x-b3-spanid": secrets.token_hex(8),
        }
