"""Whom an event is told: its own URL, the subscriptions that cover it, or the URL set by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.infobip.webhooks import UNREACHABLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.infobip.accounts import Account
    from sandbox.infobip.service import Infobip


@dataclass(frozen=True)
class Occasion:
    """What happened, in the words of subscriptions, to which of the account's senders.

    `names` is what a webhook's fault may be asked for by; `message` the ledger number it is
    about; `url` the address that came with the message itself.
    """

    channel: str
    event: str
    sender: str = ""
    names: tuple[str, ...] = ()
    message: int | None = None
    url: str = ""


async def publish(
    infobip: Infobip, account: Account, occasion: Occasion, body_in: Callable[[str], Any]
) -> int | None:
    """Push to all who want it; the first one's status, 0 for nobody, None if held.

    `body_in` is given the format that a subscription asks for, "" for the default one.
    """
    statuses = [
        await infobip.webhooks.push(
            url,
            content,
            occasion.channel.lower(),
            *occasion.names,
            message=occasion.message,
            headers=headers,
        )
        for url, content, headers in _pushes(infobip, account, occasion, body_in)
    ]
    return statuses[0] if statuses else UNREACHABLE


def publish_later(
    infobip: Infobip, account: Account, occasion: Occasion, body_in: Callable[[str], Any]
) -> None:
    infobip.webhooks.spawn(publish(infobip, account, occasion, body_in))


def _pushes(
    infobip: Infobip, account: Account, occasion: Occasion, body_in: Callable[[str], Any]
) -> list[tuple[str, str, dict[str, str]]]:
    if occasion.url:
        return [(occasion.url, _written(body_in("")), {})]
    covering = infobip.subscriptions.covering(account.site, occasion.channel, occasion.sender)
    if not covering:
        by_hand = account.webhook_url
        return [(by_hand, _written(body_in("")), {})] if by_hand else []
    header = str(account.options.get("signature_header") or "X-Hub-Signature")
    pushes = []
    for subscription in covering:
        if subscription.wants(occasion.event):
            content = _written(body_in(subscription.format_of(occasion.event)))
            headers = subscription.headers(content.encode(), header)
            pushes.append((subscription.url, content, headers))
    return pushes


def _written(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False)
