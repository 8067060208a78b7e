"""The flood filter: how much one number may get within an hour, where the account has it on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.infobip.accounts import Account
    from sandbox.infobip.ledger import Message
    from sandbox.infobip.service import Infobip

MOST_VARIED = 20
MOST_IDENTICAL = 6
HOUR_SECONDS = 3600


def is_flood(infobip: Infobip, account: Account, message: Message) -> bool:
    if not account.options.get("flood_filter"):
        return False
    texts = [
        earlier.text
        for earlier in infobip.ledger.sent(message.channel, message.customer)
        if earlier.site == account.site and earlier.at > message.at - HOUR_SECONDS
    ]
    return len(texts) >= MOST_VARIED or texts.count(message.text) >= MOST_IDENTICAL
