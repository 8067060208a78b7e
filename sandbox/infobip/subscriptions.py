"""Subscriptions as they are kept: who is told which events, where, and with what security."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.store import Store

KINDS = ("subscription", "profile", "security")
EVENTS = {
    "SMS": {"CLICK", "DELIVERY", "INBOUND_MESSAGE"},
    "WHATSAPP": {
        "ACCOUNT_REGISTRATION",
        "ACCOUNT_UPDATE_NOTIFICATION",
        "BILLING",
        "BUSINESS_APP_CONTACT_SYNC",
        "BUSINESS_APP_MESSAGE_ECHO",
        "BUSINESS_APP_MESSAGE_HISTORY",
        "CLICK",
        "DELIVERY",
        "IDENTITY_CHANGE",
        "INBOUND_MESSAGE",
        "MARKETING_SUBSCRIPTION_UPDATE",
        "PAYMENT_STATUS",
        "SEEN",
        "TEMPLATE_UPDATE",
    },
    "BLOCKLIST": {"BLOCK", "UNBLOCK"},
    "MMS": {"DELIVERY", "INBOUND_MESSAGE"},
}
ALGORITHMS = {
    f"HMAC_{name}": name.replace("_", "")
    for name in ("MD5", "SHA_1", "SHA_224", "SHA_256", "SHA_384", "SHA_512")
}


@dataclass(frozen=True)
class Subscription:
    """One subscription with its profile and security, ready to push."""

    events: list[Any]
    resources: list[str]
    url: str
    static_headers: dict[str, str]
    security: dict[str, Any]

    def wants(self, event: str) -> bool:
        return any(_name(each) == event for each in self.events)

    def format_of(self, event: str) -> str:
        formats = [
            each.get("format") or ""
            for each in self.events
            if isinstance(each, dict) and _name(each) == event
        ]
        return str(formats[0]) if formats else ""

    def headers(self, content: bytes, signature_header: str) -> dict[str, str]:
        """Return the static headers and the proof that Infobip is who pushes."""
        credentials = self.security.get("credentials") or {}
        headers = dict(self.static_headers)
        if self.security.get("type") == "BASIC":
            pair = f"{credentials.get('username')}:{credentials.get('password')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        if self.security.get("type") == "HMAC":
            name = ALGORITHMS[credentials["algorithm"]]
            secret = str(credentials["secretKey"]).encode()
            digest = hmac.new(secret, content, name.lower()).hexdigest()
            headers[signature_header] = f"{name}={digest}"
        return headers


class Subscriptions:
    """Documents of three kinds by account; a subscription names a profile, that a security."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, kind: str, site: str, key: str, document: dict[str, Any]) -> None:
        self._store.put(f"infobip.{kind}", f"{site}/{key}", {"site": site} | document)

    def get(self, kind: str, site: str, key: str) -> dict[str, Any] | None:
        kept = self._store.get(f"infobip.{kind}", f"{site}/{key}")
        return None if kept is None else _without_site(kept)

    def all(self, kind: str, site: str) -> list[dict[str, Any]]:
        rows = self._store.all(f"infobip.{kind}")
        return [_without_site(row) for row in rows if row["site"] == site]

    def delete(self, kind: str, site: str, key: str) -> None:
        self._store.delete(f"infobip.{kind}", f"{site}/{key}")

    def covering(self, site: str, channel: str, sender: str) -> list[Subscription]:
        """Return the channel's subscriptions for this sender; one without resources is for all."""
        return [
            self._read(site, row)
            for row in self.all("subscription", site)
            if row["channel"] == channel.upper()
            and (not row["resources"] or not sender or sender in row["resources"])
        ]

    def _read(self, site: str, row: dict[str, Any]) -> Subscription:
        profile = self.get("profile", site, row["profileId"]) or {}
        security = self.get("security", site, str(profile.get("authId"))) or {}
        return Subscription(
            events=row["events"],
            resources=row["resources"],
            url=str((profile.get("webhook") or {}).get("notifyUrl") or ""),
            static_headers=profile.get("headers") or {},
            security=security,
        )


def _name(event: Any) -> str:
    return str(event.get("event") if isinstance(event, dict) else event)


def _without_site(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "site"}
