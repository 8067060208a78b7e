"""WhatsApp over Infobip: each kind of message has a path of its own. There is no log to ask.

Source: Infobip's WhatsApp OpenAPI document.
"""

from urllib.parse import quote

from channels.identity import Identity
from channels.infobip import client, failures
from channels.infobip.dates import told_moment
from channels.infobip.fields import text_of
from channels.infobip.receipts import provider_id_of
from channels.infobip.whatsapp_contents import SHAPES, Content
from channels.infobip.whatsapp_templates import sms_failover, template_content
from channels.models import ProviderAccount
from channels.provider import Trace
from channels.webhook_address import current_reports_url
from conversations.contracts import MessageKind, OutgoingMessage
from conversations.errors import PermanentFailure, TemporaryFailure

NOT_FOUND, CONFLICT = "404", "409"

failure_of = failures.failure_of


def send(account: ProviderAccount, message: OutgoingMessage) -> str:
    if message.kind == MessageKind.TEMPLATE:
        path, payload = "template", _template_payload(message)
    else:
        path, payload = SHAPES[message.kind].path, _payload(message)
    return provider_id_of(client.post(account, f"/whatsapp/1/message/{path}", payload))


def look_up(_account: ProviderAccount, _message_id: str) -> Trace:
    return Trace.NO_LOG


def mark_read(account: ProviderAccount, sender_number: str, provider_id: str) -> None:
    message_id = quote(provider_id, safe="")
    client.tell(account, f"/whatsapp/1/senders/{sender_number}/message/{message_id}/read")


def show_typing(account: ProviderAccount, sender_number: str, address: str) -> None:
    # Which of the customer's messages is marked as read with it, Infobip finds out by itself.
    event = {
        "sender": sender_number,
        "destinations": [{"to": address}],
        "content": {"type": "TYPING_INDICATOR"},
    }
    client.post(account, "/whatsapp/1/events", {"events": [event]})


def identity_of(account: ProviderAccount, sender_number: str, address: str) -> Identity | None:
    try:
        answer = client.get(account, _identity_path(sender_number, address), {})
    except PermanentFailure as failure:
        if failure.code != NOT_FOUND:
            raise
        return None
    return Identity(
        name=text_of(answer, "hash"),
        confirmed=answer.get("acknowledged") is True,
        since=told_moment(answer.get("createdAt")),
    )


def confirm_identity(
    account: ProviderAccount, sender_number: str, address: str, identity: Identity
) -> None:
    try:
        client.put(account, _identity_path(sender_number, address), {"hash": identity.name})
    except PermanentFailure as failure:
        if failure.code == CONFLICT:
            raise TemporaryFailure("The account has changed meanwhile.") from failure
        if failure.code != NOT_FOUND:
            raise


def _identity_path(sender_number: str, address: str) -> str:
    contact = quote(address, safe="")
    return f"/whatsapp/1/{sender_number}/contacts/{contact}/identity"


def _payload(message: OutgoingMessage) -> Content:
    payload = _addressed(message) | {"content": SHAPES[message.kind].content(message)}
    if message.quoted_id:
        payload["context"] = {"replyToMessageId": message.quoted_id}
    return payload


def _template_payload(message: OutgoingMessage) -> Content:
    one = _addressed(message) | {"content": template_content(message)} | sms_failover(message)
    return {"messages": [one]}


def _addressed(message: OutgoingMessage) -> Content:
    return {
        "from": message.sender_number,
        "to": message.address,
        "messageId": message.message_id,
        "notifyUrl": current_reports_url(),
    }
