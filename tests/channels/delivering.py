"""A promised message, the answers to it, and what has left."""

from datetime import timedelta

from django.utils import timezone

from channels.models import Pace
from conversations import outbox
from conversations.contracts import Channel
from conversations.models import OutboxEntry
from tests.factories import ConversationFactory, MessageFactory, SendFactory

PENDING = {"groupId": 1, "groupName": "PENDING", "id": 26, "name": "PENDING_ACCEPTED"}
DUPLICATE = {"groupId": 5, "id": 23, "name": "REJECTED_DUPLICATE_MESSAGE_ID"}
SENDING = {Channel.SMS: "/sms/3/messages", Channel.WHATSAPP: "/whatsapp/1/message/text"}
LOG = "/sms/3/logs"


def promised(channel=Channel.SMS, conversation=None):
    conversation = conversation or ConversationFactory(channel=channel)
    message = MessageFactory(direction="out", channel=channel, conversation=conversation)
    send = SendFactory(message=message)
    group = f"conversation:{conversation.pk}"
    outbox.promise("message.deliver", group=group, subject=send.pk)
    return send


def row(send, status=PENDING):
    answer = {"messageId": str(send.pk), "status": status}
    return answer if send.channel == Channel.WHATSAPP else {"messages": [answer]}


def drain():
    """Try what is due, as if the waiting time between tries had passed."""
    OutboxEntry.objects.pending().update(run_after=timezone.now())
    Pace.objects.all().delete()
    outbox.drain()


def state(send):
    send.refresh_from_db()
    return send.state


def sent_ids(infobip):
    posted = [request.json for request in infobip.requests if request.method == "POST"]
    return [
        body["messages"][0]["destinations"][0]["messageId"]
        if "messages" in body
        else body["messageId"]
        for body in posted
    ]


def entry():
    return OutboxEntry.objects.get()


def promised_yesterday(channel=Channel.SMS):
    send = promised(channel)
    OutboxEntry.objects.update(created_at=timezone.now() - timedelta(hours=24))
    return send
