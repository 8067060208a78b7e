"""What customers write: composed, pushed to the product's webhook, kept for the phones."""

from __future__ import annotations

import base64
import json
import secrets
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.infobip import media
from sandbox.infobip.blocklist import hear
from sandbox.infobip.clock import clock
from sandbox.infobip.dates import epoch, wire_time
from sandbox.infobip.formats import payload_of
from sandbox.infobip.ledger import Message
from sandbox.infobip.publishing import Occasion, publish
from sandbox.infobip.service import bare_number
from sandbox.infobip.texts import Text, texts_in
from sandbox.infobip.wishes import NoSuchPhone, message_of

if TYPE_CHECKING:
    from sandbox.infobip.accounts import Account
    from sandbox.infobip.service import Infobip

CHANNELS = ("sms", "whatsapp")
FORMATS = ("default", "messages_api", "mms")


def compose(infobip: Infobip, wanted: dict[str, Any]) -> tuple[Account, Text]:
    """Read a wish of the control route or of a phone, filling in what it leaves open."""
    channel = str(wanted.get("channel", "sms")).lower()
    if channel not in CHANNELS:
        raise NoSuchPhone(f"channel is one of {', '.join(CHANNELS)}")
    if wanted.get("format", "default") not in FORMATS:
        raise NoSuchPhone(f"format is one of {', '.join(FORMATS)}")
    company = bare_number(str(wanted.get("to") or ""))
    account = account_for(infobip, wanted.get("site"), channel, company)
    company = company or account.senders.get(channel, "")
    received_at = wanted.get("received_at") or time.time()
    return account, Text(
        channel=channel,
        customer=_customer(wanted),
        company=company,
        message=_message(infobip, company, wanted),
        message_id=str(wanted.get("message_id") or _new_id(channel)),
        received_at=received_at if isinstance(received_at, str) else wire_time(received_at),
        # A place has a name of its own.
        name=None if wanted.get("type") == "location" else wanted.get("name"),
        format=str(wanted.get("format", "default")),
        user_id=str(wanted.get("user_id") or ""),
        content_type=_content_type(wanted),
        extra={name: wanted[name] for name in ("identity",) if wanted.get(name)},
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
    paired = _last_sent(infobip, text)
    payload = payload_of(text, paired)
    message = _record(infobip, account, text)
    occasion = Occasion(
        channel="MMS" if text.format == "mms" else text.channel.upper(),
        event="INBOUND_MESSAGE",
        sender=text.company,
        names=("inbound",),
        message=message.number,
    )

    def body_in(form: str) -> dict[str, Any]:
        wanted = replace(text, format="messages_api")
        return payload_of(wanted, paired) if form == "MO_MESSAGES_API_JSON" else payload

    return await publish(infobip, account, occasion, body_in)


async def push_raw(infobip: Infobip, account: Account, payload: Any) -> int | None:
    """Push the body as it is; what is recognised in it counts as written all the same."""
    for text in texts_in(payload):
        _record(infobip, account, text)
    content = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
    return await infobip.webhooks.push(account.webhook_url, content, "raw", "inbound")


def _customer(wanted: dict[str, Any]) -> str:
    """Who writes: a number, or a user id instead of it."""
    customer = wanted.get("from") or wanted.get("user_id")
    if not isinstance(customer, str):
        raise NoSuchPhone("from and text are needed")
    return bare_number(customer)


def _content_type(wanted: dict[str, Any]) -> str:
    file = wanted.get("file")
    return str(file.get("content_type") or "") if isinstance(file, dict) else ""


def _message(infobip: Infobip, company: str, wanted: dict[str, Any]) -> dict[str, Any]:
    def keep(content: bytes, content_type: str, name: str) -> str:
        return media.register(infobip, company, content, content_type, name)

    message = message_of(wanted, keep)
    context = message.get("context")
    if context:
        context["from"] = _author(infobip, wanted, company, context["id"])
    return message


def _author(infobip: Infobip, wanted: dict[str, Any], company: str, message_id: str) -> str:
    """Who wrote the message that is answered; one that we never saw is the company's."""
    own = infobip.ledger.with_id("in", "whatsapp", message_id)
    return _customer(wanted) if own is not None else company


def _record(infobip: Infobip, account: Account, text: Text) -> Message:
    known = infobip.ledger.with_id("in", text.channel, text.message_id)
    if known is not None:
        return known
    # On the wire stands the product's time, which does not jump; here stands the sandbox's.
    at = (epoch(text.received_at) or time.time()) + clock.ahead_seconds
    message = Message(
        direction="in",
        channel=text.channel,
        company=text.company,
        customer=text.customer,
        text=text.text,
        message_id=text.message_id,
        site=account.site,
        at=at,
        kind=text.kind,
        content=text.message,
        quotes=text.quotes,
        name=text.name,
    )
    if text.kind == "reaction":
        _react(infobip, message)
    infobip.ledger.record(message)
    hear(infobip, account, message)
    return message


def _react(infobip: Infobip, message: Message) -> None:
    for direction in ("out", "in"):
        target = infobip.ledger.with_id(direction, message.channel, message.quotes)
        if target is not None:
            removed = message.content.get("action") == "REMOVED"
            target.reaction = "" if removed else str(message.content.get("emoji") or "")
            infobip.ledger.save(target)
            return


def _last_sent(infobip: Infobip, text: Text) -> Message | None:
    thread = infobip.ledger.thread((text.channel, text.customer, text.company))
    return next((each for each in reversed(thread) if each.direction == "out"), None)


def _new_id(channel: str) -> str:
    if channel == "whatsapp":
        return "wamid." + base64.b64encode(secrets.token_bytes(33)).decode()
    return str(secrets.randbelow(9 * 10**17) + 10**17)
