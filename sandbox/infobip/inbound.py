"""What customers write: the three body formats in which it reaches the product's webhook."""

from __future__ import annotations

import base64
import json
import secrets
import time
from typing import TYPE_CHECKING, Any

from sandbox.infobip.dates import epoch, wire_time
from sandbox.infobip.ledger import Message
from sandbox.infobip.service import bare_number
from sandbox.infobip.sms_parts import measure
from sandbox.infobip.texts import Text, texts_in

if TYPE_CHECKING:
    from sandbox.infobip.accounts import Account
    from sandbox.infobip.service import Infobip

CHANNELS = ("sms", "whatsapp")
FORMATS = ("default", "messages_api")


class NoSuchPhone(ValueError):
    """The message cannot be written: said to whoever steers the sandbox."""


def compose(infobip: Infobip, wanted: dict[str, Any]) -> tuple[Account, Text]:
    """Read a wish of the control route or of a phone, filling in what it leaves open."""
    channel = str(wanted.get("channel", "sms")).lower()
    if channel not in CHANNELS:
        raise NoSuchPhone(f"channel is one of {', '.join(CHANNELS)}")
    if wanted.get("format", "default") not in FORMATS:
        raise NoSuchPhone(f"format is one of {', '.join(FORMATS)}")
    if not isinstance(wanted.get("from"), str) or not isinstance(wanted.get("text"), str):
        raise NoSuchPhone("from and text are needed")
    company = bare_number(str(wanted.get("to") or ""))
    account = account_for(infobip, wanted.get("site"), channel, company)
    received_at = wanted.get("received_at") or time.time()
    return account, Text(
        channel=channel,
        customer=bare_number(wanted["from"]),
        company=company or account.senders.get(channel, ""),
        text=wanted["text"],
        message_id=str(wanted.get("message_id") or _new_id(channel)),
        received_at=received_at if isinstance(received_at, str) else wire_time(received_at),
        name=wanted.get("name"),
        format=str(wanted.get("format", "default")),
    )


def account_for(infobip: Infobip, site: Any, channel: str = "", company: str = "") -> Account:
    accounts = infobip.accounts
    account = (
        accounts.of_site(str(site))
        if site
        else accounts.with_sender(channel, company) or accounts.first()
    )
    if account is None:
        raise NoSuchPhone("no such account; POST /_sandbox/accounts opens one")
    return account


async def push_text(infobip: Infobip, account: Account, text: Text) -> int | None:
    """Push to the site's webhook; the status of the first try, None if held for reordering."""
    message = _record(infobip, account, text)
    paired = _last_sent(infobip, message)
    if text.format == "messages_api":
        payload = messages_api(text)
    elif text.channel == "whatsapp":
        payload = whatsapp(text, paired)
    else:
        payload = sms(text, paired)
    return await infobip.webhooks.push(
        account.webhook_url,
        json.dumps(payload, ensure_ascii=False),
        text.channel,
        "inbound",
        message=message.number,
    )


async def push_raw(infobip: Infobip, account: Account, payload: Any) -> int | None:
    """Push the body as it is; the texts recognised in it count as written all the same."""
    for text in texts_in(payload):
        _record(infobip, account, text)
    content = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
    return await infobip.webhooks.push(account.webhook_url, content, "raw", "inbound")


def sms(text: Text, paired: Message | None = None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "messageId": text.message_id,
        "from": text.customer,
        "to": text.company,
        "text": text.text,
        "cleanText": text.text,
        "receivedAt": text.received_at,
        "smsCount": measure(text.text).parts,
        "price": {"pricePerMessage": 0, "currency": "EUR"},
    }
    if paired is not None and paired.callback_data is not None:
        row["callbackData"] = paired.callback_data
    return {"results": [row], "messageCount": 1, "pendingMessageCount": 0}


def whatsapp(text: Text, paired: Message | None = None) -> dict[str, Any]:
    contact = {"phoneNumber": text.customer, "userId": user_id(text.customer)}
    row: dict[str, Any] = {
        "from": text.customer,
        "to": text.company,
        "integrationType": "WHATSAPP",
        "receivedAt": text.received_at,
        "messageId": text.message_id,
        "pairedMessageId": None,
        "callbackData": paired.callback_data if paired else None,
        "keyword": None,
        "message": {"type": "TEXT", "text": text.text},
        "price": {"pricePerMessage": 0, "currency": "EUR"},
        "contact": contact | ({"name": text.name} if text.name else {}),
    }
    return {"results": [row], "messageCount": 1, "pendingMessageCount": 0}


def messages_api(text: Text) -> dict[str, Any]:
    part = {"type": "TEXT", "text": text.text, "cleanText": text.text, "keyword": None}
    row = {
        "event": "MO",
        "sender": text.customer,
        "destination": text.company,
        "channel": text.channel.upper(),
        "receivedAt": text.received_at,
        "messageId": text.message_id,
        "pairedMessageId": None,
        "callbackData": None,
        "messageCount": 1,
        "content": [part],
    }
    return {"results": [row]}


def user_id(customer: str) -> str:
    """Return the WhatsApp user id that stands for this number, always the same."""
    return "HR." + "".join(str((int(digit) * 7 + 3) % 10) for digit in customer if digit.isdigit())


def _record(infobip: Infobip, account: Account, text: Text) -> Message:
    known = infobip.ledger.with_id("in", text.channel, text.message_id)
    if known is not None:
        return known
    message = Message(
        direction="in",
        channel=text.channel,
        company=text.company,
        customer=text.customer,
        text=text.text,
        message_id=text.message_id,
        site=account.site,
        at=epoch(text.received_at) or time.time(),
        name=text.name,
    )
    return infobip.ledger.record(message)


def _last_sent(infobip: Infobip, message: Message) -> Message | None:
    thread = infobip.ledger.thread(message.thread)
    return next((each for each in reversed(thread) if each.direction == "out"), None)


def _new_id(channel: str) -> str:
    if channel == "whatsapp":
        return "wamid." + base64.b64encode(secrets.token_bytes(33)).decode()
    return str(secrets.randbelow(9 * 10**17) + 10**17)
