"""A conversation on its way to its request, and what Jira was asked."""

from django.utils import timezone

from conversations import outbox
from conversations.contracts import Channel
from conversations.models import OutboxEntry
from jira_bridge import adf
from tests.factories import ConversationFactory, MessageFactory
from tests.jira_bridge import forge

TEXT = "Where is my parcel?"
REQUEST = f"{forge.ACME}/rest/servicedeskapi/request"
SEARCH = f"{forge.ACME}/rest/api/3/search/jql"
PROPERTY = f"{forge.ACME}/rest/api/3/issue/10107/properties/omnichat"


def created(issue_id):
    """Return Jira's answer to a new request."""
    return {"issueId": issue_id, "issueKey": f"SUP-{issue_id}"}


def opening(text=TEXT, *, channel=Channel.SMS, number="385991903327", **message):
    conversation = ConversationFactory(state="opening", issue_id="", issue_key="", channel=channel)
    MessageFactory(
        conversation=conversation,
        channel=channel,
        text=text,
        address__value=number,
        address__phone_number__key=f"key-{conversation.pk}",
        **message,
    )
    outbox.promise("request.open", group=f"request:{conversation.pk}", subject=conversation.pk)
    return conversation


def drain():
    """Try what is due, as if the waiting time between tries had passed."""
    OutboxEntry.objects.pending().update(run_after=timezone.now())
    outbox.drain()


def entry(topic="request.open"):
    return OutboxEntry.objects.get(topic=topic)


def asked(jira, path):
    return [request.json for request in jira.requests if request.path == path]


def found(issue_id, text=TEXT, summary="SMS request from 385991903327"):
    fields = {"summary": summary, "description": adf.document(text)}
    return {"id": issue_id, "key": f"SUP-{issue_id}", "fields": fields}


def answer_search(jira, *issues):
    jira.answer(200, {"accountId": "app-bot"}, path=f"{forge.ACME}/rest/api/3/myself")
    jira.answer(200, {"issues": list(issues), "isLast": True}, path=SEARCH)
