"""The app's life on a site: it is installed and set up, changed under way, and uninstalled."""

import asyncio
import contextlib
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from sandbox.config import Config
from sandbox.jira.errors import control_refusal
from sandbox.jira.sites import API_TOKEN_SECONDS, Site
from sandbox.jira.state import Jira

PROJECT = Path(__file__).resolve().parents[2]
SETUP_TIMEOUT = 120.0
CHANGES: dict[str, Callable[[Any], bool]] = {
    "version": lambda value: re.fullmatch(r"\d+\.\d+\.\d+", str(value)) is not None,
    "licence": lambda value: value in {"active", "inactive", "none"},
    "environment": lambda value: value in {"PRODUCTION", "STAGING", "DEVELOPMENT"},
    "token_seconds": lambda value: type(value) is int and 0 < value <= API_TOKEN_SECONDS,
    "ticks": lambda value: isinstance(value, bool),
}


async def install(jira: Jira, slug: str) -> dict[str, Any]:
    """Install the app on a site and return its addresses once it is ready; refuses with 502."""
    site = jira.sites.install(slug)
    if not await jira.forge.tell_installed(site):
        raise control_refusal(502, "The app did not take the installed event.")
    jira.forge.keep_token_fresh(site)
    ready = await _set_up(jira.config, site)
    await _open_infobip_account(jira.config, site, ready["webhook_url"])
    return {key: ready.get(key) for key in ("site", "webhook_url", "console_url")}


async def uninstall(jira: Jira, slug: str) -> dict[str, Any]:
    """Tell the app that it is leaving the site, then take its access away."""
    site = jira.sites.get(slug)
    if not site.installed:
        raise control_refusal(409, f"The app is not installed on {slug}.")
    status = await jira.forge.tell_uninstalling(site)
    jira.forge.stop_ticking(site)
    jira.sites.update(slug, installed=False)
    return {"site": slug, "app_status": status}


async def change_app(jira: Jira, slug: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """Change what tokens of the app say on a site; another major version is told to the app."""
    before = jira.sites.get(slug)
    for name, value in wanted.items():
        if name not in CHANGES:
            raise control_refusal(400, f"{name!r} cannot be changed; {', '.join(CHANGES)} can.")
        if not CHANGES[name](value):
            raise control_refusal(400, f"{name} cannot be {value!r}.")
    site = jira.sites.update(slug, **wanted)
    jira.forge.stop_ticking(site)
    if site.installed:
        jira.forge.keep_token_fresh(site)
        if _major(site.version) != _major(before.version):
            await jira.forge.tell_upgraded(site)
    shown = {name: getattr(site, name) for name in CHANGES}
    return {
        "site": slug,
        "installed": site.installed,
        "installation_id": site.installation_id,
    } | shown


async def tick(jira: Jira, slug: str) -> dict[str, Any]:
    """Tick the app for a site now."""
    site = jira.sites.get(slug)
    if not site.installed:
        raise control_refusal(409, f"The app is not installed on {slug}.")
    return {"site": slug, "app_status": await jira.forge.tick(site)}


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


def _major(version: str) -> str:
    return version.partition(".")[0]


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
