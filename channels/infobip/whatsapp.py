"""WhatsApp over Infobip: `POST /whatsapp/1/message/text`. There is no log to ask.

Source: Infobip's WhatsApp OpenAPI document.
"""

from channels.infobip import client, failures
from channels.infobip.receipts import provider_id_of
from channels.models import ProviderAccount
from channels.provider import Trace
from channels.webhook_address import current_reports_url
from conversations.contracts import OutgoingMessage

failure_of = failures.failure_of


def send(account: ProviderAccount, message: OutgoingMessage) -> str:
    answer = client.post(
        account,
        "/whatsapp/1/message/text",
        {
            "from": message.sender_number,
            "to": message.address,
            "messageId": message.message_id,
            "content": {"text": message.text},
            "notifyUrl": current_reports_url(),
        },
    )
    return provider_id_of(answer)


def look_up(_account: ProviderAccount, _message_id: str) -> Trace:
    return Trace.NO_LOG
