"""The site that the local run shows: how it is set up, registered and described."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from sandbox.environment import (
    CLOUD_ID,
    CONSOLE_USER,
    INFOBIP_API_KEY,
    INSTALLATION_ID,
    OPERATOR_USER,
    SENDERS,
    SITE,
    Addresses,
)

SETUP_ENVIRONMENT = {"INFOBIP_API_KEY": INFOBIP_API_KEY}
SERVICE_DESK = "1"
REQUEST_TYPE = "10"
CANNED_REPLIES = Path(__file__).with_name("canned_replies.json")


@dataclass(frozen=True)
class Site:
    slug: str
    webhook_url: str
    console_url: str

    @classmethod
    def from_setup(cls, answer: dict[str, str]) -> "Site":
        return cls(answer["site"], answer["webhook_url"], answer["console_url"])


def setup_arguments(addresses: Addresses) -> list[str]:
    options = {
        "--slug": SITE,
        "--cloud-id": str(CLOUD_ID),
        "--installation-id": f"ari:cloud:ecosystem::installation/{INSTALLATION_ID}",
        "--site-url": addresses.jira,
        "--api-base-url": f"{addresses.jira_api}/ex/jira/{CLOUD_ID}",
        "--infobip-url": addresses.infobip,
        "--sms-sender": SENDERS["sms"],
        "--whatsapp-sender": SENDERS["whatsapp"],
        "--service-desk": SERVICE_DESK,
        "--request-type": REQUEST_TYPE,
        "--canned-replies": str(CANNED_REPLIES),
    }
    return ["--provision", *(part for option in options.items() for part in option)]


def register(site: Site, addresses: Addresses) -> None:
    """Make the site known to the sandbox's Jira and its account to the sandbox's Infobip."""
    account = {
        "site": site.slug,
        "api_key": INFOBIP_API_KEY,
        "webhook_url": site.webhook_url,
        "senders": SENDERS,
    }
    with httpx.Client(trust_env=False, timeout=10) as client:
        client.post(
            f"{addresses.jira_api}/_sandbox/sites", json={"site": site.slug}
        ).raise_for_status()
        client.post(f"{addresses.infobip}/_sandbox/accounts", json=account).raise_for_status()


def describe(site: Site, addresses: Addresses, environment: dict[str, str]) -> dict[str, Any]:
    """Return what `run.json` holds."""
    return {
        "app": addresses.app,
        "webhook_url": site.webhook_url,
        "console_url": site.console_url,
        "console_user": CONSOLE_USER,
        "console_password": environment["CONSOLE_PASSWORD"],
        "operator_url": f"{addresses.app}/operator/",
        "operator_user": OPERATOR_USER,
        "operator_password": environment["OPERATOR_PASSWORD"],
        "jira": addresses.jira,
        "infobip": addresses.infobip,
        "phones": addresses.phones,
        "site": site.slug,
        "database_url": environment["DATABASE_URL"],
        "senders": SENDERS,
    }


def welcome(described: dict[str, Any], *, seconds: float) -> str:
    user, password = described["console_user"], described["console_password"]
    operator, secret = described["operator_user"], described["operator_password"]
    return "\n".join(
        (
            f"OmniChat is ready after {seconds:.1f} s.",
            "",
            f"  Write as a customer   {described['phones']}",
            f"  Answer in Jira        {described['jira']}",
            f"  Set up the site       {described['console_url']}",
            f"                        user {user}, password {password}",
            f"  Look after all sites  {described['operator_url']}",
            f"                        user {operator}, password {secret}",
            "",
            "Ctrl-C ends everything; the data stays.",
        )
    )
