"""SMS over Infobip: `POST /sms/3/messages` and its log.

Source: Infobip's SMS OpenAPI document, version 3 of the send endpoint.
"""

from channels.infobip import client, failures
from channels.infobip.receipts import provider_id_of
from channels.models import ProviderAccount
from channels.provider import Trace
from channels.webhook_address import current_reports_url
from conversations.contracts import OutgoingMessage

VALIDITY_HOURS = 48

failure_of = failures.failure_of


def send(account: ProviderAccount, message: OutgoingMessage) -> str:
    return provider_id_of(client.post(account, "/sms/3/messages", _payload(message)))


def look_up(account: ProviderAccount, message_id: str) -> Trace:
    answer = client.get(account, "/sms/3/logs", {"messageId": message_id})
    rows = answer.get("results")
    known = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return (
        Trace.TAKEN if any(row.get("messageId") == message_id for row in known) else Trace.NOT_TAKEN
    )


def _payload(message: OutgoingMessage) -> dict[str, object]:
    return {
        "messages": [
            {
                "sender": message.sender_number,
                "destinations": [{"to": message.address, "messageId": message.message_id}],
                "content": {"text": message.text},
                "options": {"validityPeriod": {"amount": VALIDITY_HOURS, "timeUnit": "HOURS"}},
                "webhooks": {
                    "delivery": {"url": current_reports_url()},
                    "contentType": "application/json",
                },
            }
        ]
    }
