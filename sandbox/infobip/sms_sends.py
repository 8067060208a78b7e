"""Taking an SMS, by whichever of the APIs it comes: duplicates, refusals, its report."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.infobip import flooding, reports
from sandbox.infobip.sms_parts import too_long
from sandbox.infobip.statuses import BLOCKLISTED, DELIVERED, FLOODING, Fate, fate_of

if TYPE_CHECKING:
    from sandbox.infobip.accounts import Account
    from sandbox.infobip.ledger import Message
    from sandbox.infobip.service import Infobip

SENDER = re.compile(r"\d{3,14}|[^\W_][\w .&-]{2,10}")
DESTINATION = re.compile(r"[1-9]\d{2,14}")


def take(infobip: Infobip, account: Account, message: Message) -> None:
    """Take the message; its status says afterwards whether it was rejected at once."""
    known = infobip.ledger.with_id("out", "sms", message.message_id)
    if known is not None and known.site == message.site:
        known.duplicates += 1
        infobip.ledger.save(known)
        message.status = "REJECTED_DUPLICATE_MESSAGE_ID"
    else:
        reports.accept(infobip, message, _fate(infobip, account, message))


def _fate(infobip: Infobip, account: Account, message: Message) -> Fate:
    if not SENDER.fullmatch(message.company):
        return Fate("REJECTED_SENDER", at_once=True)
    if not DESTINATION.fullmatch(message.customer):
        return Fate("REJECTED_DESTINATION", at_once=True)
    if infobip.blocklist.holds(account.site, message):
        return BLOCKLISTED
    if too_long(message.text):
        return Fate("REJECTED_MESSAGE_TOO_LONG", at_once=True)
    by_number = fate_of("sms", message.customer)
    if by_number == DELIVERED and flooding.is_flood(infobip, account, message):
        return FLOODING
    return by_number
