"""Infobip's subscriptions: what it posts to which address, and how it proves itself there.

Source: Infobip's OpenAPI document of subscriptions. Three things hang together, each with an id of
ours: security (the secret), a profile (the address) and one subscription a channel. Each is put in
its place where it exists and made where it does not, so that a second try mends a first one.
"""

from typing import Any

from django.utils.translation import gettext_lazy

from channels.infobip import client
from channels.models import ProviderAccount
from conversations.contracts import Channel
from conversations.errors import PermanentFailure

PATH = "/subscriptions/1"
MESSAGES_IN_A_REQUEST = 100
EVENTS = {
    "SMS": ["INBOUND_MESSAGE", "DELIVERY"],
    "WHATSAPP": [
        "INBOUND_MESSAGE",
        "DELIVERY",
        "SEEN",
        "TEMPLATE_UPDATE",
        "IDENTITY_CHANGE",
        "MARKETING_SUBSCRIPTION_UPDATE",
    ],
    "MMS": ["INBOUND_MESSAGE"],
    "BLOCKLIST": ["BLOCK", "UNBLOCK"],
}
NAMES: dict[str, str] = {Channel.SMS: "SMS", Channel.WHATSAPP: "WHATSAPP"}
# An MMS to one of our SMS numbers comes by a channel of its own.
EXTRAS = {"MMS": (Channel.SMS,), "BLOCKLIST": (Channel.SMS, Channel.WHATSAPP)}
LABELS = {
    "SMS": "SMS",
    "WHATSAPP": "WhatsApp",
    "MMS": "MMS",
    "BLOCKLIST": gettext_lazy("Blocklist"),
}
NOT_FOUND = "404"
BAD_REQUEST = "400"


def sign_with_hmac(account: ProviderAccount, auth_id: str, secret: str) -> None:
    """Have every request signed. Raises as `client.put` does; so do the others."""
    credentials = {"secretKey": secret, "algorithm": "HMAC_SHA_256"}
    _place(account, "security", "authId", auth_id, {"type": "HMAC", "credentials": credentials})


def sign_with_basic(account: ProviderAccount, auth_id: str, username: str, secret: str) -> None:
    """Have every request carry Basic credentials."""
    credentials = {"username": username, "password": secret}
    _place(account, "security", "authId", auth_id, {"type": "BASIC", "credentials": credentials})


def address(account: ProviderAccount, profile_id: str, url: str, *, auth_id: str) -> None:
    """Say where requests go, signed as `auth_id` says; unsigned where that is empty."""
    security = {"security": {"authId": auth_id}} if auth_id else {}
    profile = {
        "webhook": {"contentType": "application/json", "notifyUrl": url},
        "maxBucketSize": MESSAGES_IN_A_REQUEST,
        "windowSize": 20,
        "connectTimeout": 10_000,
        "readTimeout": 10_000,
        **security,
    }
    _place(account, "profiles", "profileId", profile_id, profile)


def subscribe(
    account: ProviderAccount,
    channel: str,
    subscription_id: str,
    profile_id: str,
    *,
    senders: list[str],
) -> None:
    """Have a channel's events of these senders posted."""
    subscription: dict[str, Any] = {
        "name": "OmniChat",
        "events": EVENTS[channel],
        "profile": {"profileId": profile_id},
        "resources": senders,
    }
    kind = f"subscription/{channel}"
    _place(account, kind, "subscriptionId", subscription_id, subscription)


def unsubscribe(account: ProviderAccount, channel: str, subscription_id: str) -> None:
    _remove(account, f"subscription/{channel}/{subscription_id}")


def remove_profile(account: ProviderAccount, profile_id: str) -> None:
    """Possible once no subscription uses it."""
    _remove(account, f"profiles/{profile_id}")


def remove_security(account: ProviderAccount, auth_id: str) -> None:
    """Possible once no profile uses it."""
    _remove(account, f"security/{auth_id}")


def _place(
    account: ProviderAccount, kind: str, id_name: str, own_id: str, body: dict[str, Any]
) -> None:
    """Change what has this id, or make it; of an unknown id the answer may be either of two."""
    try:
        client.put(account, f"{PATH}/{kind}/{own_id}", body)
    except PermanentFailure as failure:
        if failure.code not in (NOT_FOUND, BAD_REQUEST):
            raise
        client.post(account, f"{PATH}/{kind}", {id_name: own_id, **body})


def _remove(account: ProviderAccount, path: str) -> None:
    try:
        client.delete(account, f"{PATH}/{path}")
    except PermanentFailure as failure:
        if failure.code != NOT_FOUND:
            raise
