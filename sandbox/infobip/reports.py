"""What Infobip tells about a message afterwards: delivery and seen reports."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sandbox.infobip.clock import clock, now
from sandbox.infobip.dates import wire_time
from sandbox.infobip.fetching import fetch
from sandbox.infobip.ledger import Message
from sandbox.infobip.people import number_of, user_id
from sandbox.infobip.publishing import Occasion
from sandbox.infobip.sms_parts import measure
from sandbox.infobip.statuses import Fate, error, fate_of, state_of, status, undeliverable

if TYPE_CHECKING:
    from sandbox.infobip.service import Infobip

V2_PATH = "/sms/2/"
MESSAGES_API_PATH = "/messages-api/"
FAILOVER_PATH = "smsFailover"
NETWORK = "21910"
PRICE = {"pricePerMessage": 0.0, "currency": "EUR"}


def accept(infobip: Infobip, message: Message, fate: Fate) -> None:
    """Take a message into the ledger and promise its report."""
    message.final, message.final_error = fate.final, fate.error
    if fate.at_once and fate.final:
        message.status, message.error, message.done_at = fate.final, fate.error, now()
    infobip.ledger.record(message)
    if not fate.at_once:
        promise_report(infobip, message)


def promise_report(infobip: Infobip, message: Message) -> None:
    if message.final is not None or message.media_url:
        infobip.webhooks.spawn(_report_later(infobip, message))


def resume_reports(infobip: Infobip) -> None:
    """Promise again what an earlier process owed."""
    for message in infobip.ledger.sent():
        if message.done_at is None:
            promise_report(infobip, message)


def mark_seen(
    infobip: Infobip, customer: str, company: str | None = None, *, arrived_only: bool = False
) -> list[Message]:
    """The customer reads all WhatsApp messages; a seen report is pushed for each new one.

    Not only those that arrived: a seen report may overtake its delivery report.
    """
    unread = [
        message
        for message in infobip.ledger.sent("whatsapp", customer)
        if message.seen_at is None
        and company in {None, message.company}
        and (message.arrived if arrived_only else _will_arrive(message))
    ]
    for message in unread:
        message.seen_at = now()
        infobip.ledger.save(message)
        _push(infobip, message, seen_report(message), "seen")
    return unread


def delivery_report(message: Message) -> dict[str, Any]:
    """Return the report in the shape that goes with the route the message was sent by."""
    report: dict[str, Any] = {
        "bulkId": message.bulk_id or "",
        "price": PRICE,
        "status": status(message.status),
        "error": error(message.error),
        "messageId": message.message_id,
        "to": message.customer,
        "sentAt": told_time(message.at),
        "doneAt": told_time(message.done_at or message.at),
        "messageCount": message.parts,
    }
    if message.callback_data is not None:
        report["callbackData"] = message.callback_data
    if message.path.startswith(MESSAGES_API_PATH):
        return _messages_api(message, report, "DELIVERY")
    if message.path.startswith(V2_PATH):
        report["smsCount"] = report.pop("messageCount")
        report["error"] = error(message.error, ok="Ok")
        return report | {"from": message.company}
    if message.channel == "sms":
        failed_over = {"channel": "SMS"} if message.path == FAILOVER_PATH else {}
        told = {"sender": message.company, "mccMnc": NETWORK, "platform": {}}
        return report | told | failed_over
    return report | {"contact": contact(message)}


def seen_report(message: Message) -> dict[str, Any]:
    report = {
        "messageId": message.message_id,
        "from": message.company,
        "to": message.customer,
        "sentAt": told_time(message.at),
        "seenAt": told_time(message.seen_at or now()),
    }
    if message.path.startswith(MESSAGES_API_PATH):
        return _messages_api(message, report, "SEEN")
    return report | {"contact": contact(message)}


def told_time(at: float) -> str:
    """A moment as it is told to the product, whose clock does not jump."""
    return wire_time(at - clock.ahead_seconds)


def contact(message: Message) -> dict[str, Any]:
    return {
        "phoneNumber": number_of(message.customer),
        "userId": user_id(message.customer),
    }


async def _report_later(infobip: Infobip, message: Message) -> None:
    problem = await fetch(infobip, message) if message.media_url and not message.media_id else ""
    if message.final == "DELIVERED_TO_HANDSET" and problem:
        fate = undeliverable(problem)
        message.final, message.final_error = fate.final, fate.error
    if message.final is None:
        return
    if message.intermediate:
        _push(infobip, message, delivery_report(message), "report")
    await asyncio.sleep(infobip.config.report_delay)
    message.status, message.error = message.final, message.final_error
    message.done_at = now()
    infobip.ledger.save(message)
    _push(infobip, message, delivery_report(message), "report")
    if message.failover and state_of(message.status) != "delivered":
        _fail_over(infobip, message, message.failover)


def _fail_over(infobip: Infobip, failed: Message, failover: dict[str, Any]) -> None:
    """Send the SMS under the id of the message that failed: its report follows the failure's."""
    sms = Message(
        direction="out",
        channel="sms",
        company=str(failover["from"]),
        customer=number_of(failed.customer),
        text=str(failover["text"]),
        message_id=failed.message_id,
        site=failed.site,
        path=FAILOVER_PATH,
        report_url=failed.report_url,
        callback_data=failed.callback_data,
        bulk_id=failed.bulk_id,
        parts=measure(str(failover["text"])).parts,
    )
    # The end of the number said how WhatsApp fails; on SMS only its last two digits count.
    accept(infobip, sms, fate_of("sms", sms.customer))


def _push(infobip: Infobip, message: Message, report: dict[str, Any], name: str) -> None:
    account = infobip.accounts.of_site(message.site)
    if account is None or not message.notify:
        return
    occasion = Occasion(
        channel=message.channel.upper(),
        event="SEEN" if name == "seen" else "DELIVERY",
        sender=message.company,
        names=(name, message.path),
        url=message.report_url,
    )
    infobip.batches.publish_row(infobip, account, occasion, report)


def _messages_api(message: Message, report: dict[str, Any], event: str) -> dict[str, Any]:
    told = {name: value for name, value in report.items() if name not in {"from", "to", "price"}}
    return told | {
        "event": event,
        "channel": message.channel.upper(),
        "sender": message.company,
        "destination": message.customer,
        "platform": {},
    }


def _will_arrive(message: Message) -> bool:
    return message.arrived or message.final == "DELIVERED_TO_HANDSET"
