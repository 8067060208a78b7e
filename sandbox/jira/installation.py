"""A site gets or loses the app: the lifecycle event, the site's set-up, its Infobip account."""

import asyncio
import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import httpx

from sandbox.config import Config
from sandbox.jira.errors import control_refusal
from sandbox.jira.sites import Site
from sandbox.jira.state import Jira

PROJECT = Path(__file__).resolve().parents[2]
SETUP_TIMEOUT = 120.0


async def install(jira: Jira, slug: str) -> dict[str, Any]:
    """Install the app on a site and return its addresses once it is ready; refuses with 502."""
    jira.sites.register(slug)
    site = jira.sites.update(slug, installed=True)
    if not await jira.forge.tell_installed(site):
        raise control_refusal(502, "The app did not take the installed event.")
    jira.forge.keep_token_fresh(site)
    ready = await _set_up(jira.config, site)
    await _open_infobip_account(jira.config, site, ready["webhook_url"])
    return {key: ready.get(key) for key in ("site", "webhook_url", "console_url")}


async def uninstall(jira: Jira, slug: str) -> dict[str, Any]:
    """Tell the app that it is leaving the site, then take its access away."""
    site = jira.sites.get(slug)
    status = await jira.forge.tell_uninstalling(site)
    jira.forge.stop_ticking(site)
    jira.sites.update(slug, installed=False)
    return {"site": slug, "app_status": status}


def setup_arguments(config: Config, site: Site) -> list[str]:
    """Return what `manage.py setup_site` needs to know about a site of the sandbox."""
    options = {
        "--slug": site.slug,
        "--cloud-id": site.cloud_id,
        "--installation-id": site.installation_id,
        "--site-url": site.url,
        "--api-base-url": site.api_base_url,
        "--infobip-url": config.infobip_url,
        "--sms-sender": site.senders["sms"],
        "--whatsapp-sender": site.senders["whatsapp"],
        "--service-desk": "1",
        "--request-type": "10",
    }
    return [part for option in options.items() for part in option]


async def _set_up(config: Config, site: Site) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "manage.py",
        "setup_site",
        *setup_arguments(config, site),
        cwd=PROJECT,
        env={**os.environ, "INFOBIP_API_KEY": site.infobip_key},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), SETUP_TIMEOUT)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise control_refusal(502, "setup_site did not end in time.") from None
    if process.returncode != 0:
        raise control_refusal(502, f"setup_site failed: {err.decode()[-800:]}")
    return _answer_in(out.decode())


def _answer_in(text: str) -> dict[str, Any]:
    for line in reversed(text.splitlines()):
        # The product may log JSON lines of its own beside the answer.
        with contextlib.suppress(ValueError):
            answer = json.loads(line)
            if isinstance(answer, dict) and "webhook_url" in answer:
                return answer
    raise control_refusal(502, "setup_site printed no line with the site's addresses.")


async def _open_infobip_account(config: Config, site: Site, webhook_url: str) -> None:
    account = {
        "site": site.slug,
        "api_key": site.infobip_key,
        "webhook_url": webhook_url,
        "senders": site.senders,
    }
    url = f"{config.infobip_url}/_sandbox/accounts"
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(url, json=account)
    except httpx.HTTPError as error:
        raise control_refusal(502, f"The sandbox's Infobip does not answer: {error!r}") from None
    if not answer.is_success:
        raise control_refusal(502, f"The sandbox's Infobip refused: {answer.text[:300]}")
