"""What somebody gets who posts by hand what no page of theirs offers: a reason, nothing sent."""

from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from conversations.models import Attachment, Message, OutboxEntry, Send
from conversations.services import lifecycle
from tenants.models import Site
from tests.factories import ConversationFactory, MessageFactory, MessageTemplateFactory, SendFactory

pytestmark = pytest.mark.django_db


class Talk:
    """A WhatsApp conversation with a failed answer, as the agent's panel knows it."""

    def __init__(self):
        self.question = MessageFactory(
            conversation__issue_id="10101",
            channel="whatsapp",
            provider_id="wamid.q=",
            sender__number="385951006720",
        )
        self.conversation = self.question.conversation
        self.template = MessageTemplateFactory(sender=self.question.sender)
        answer = MessageFactory(
            conversation=self.conversation,
            channel="whatsapp",
            direction="out",
            author="ana",
            sender=self.question.sender,
            address=self.question.address,
            client_id=uuid4(),
        )
        self.failed = SendFactory(message=answer, state="failed", failure="unreachable")

    @property
    def route(self):
        where = {"sender": self.question.sender_id, "address": self.question.address_id}
        return {"client_id": str(uuid4()), **where}


def paused(talk, panel):
    lifecycle.pause(panel.agent)


def resolved(talk, panel):
    lifecycle.take_status("10101", status="Resolved", resolved=True, at=timezone.now())


def deleted(talk, panel):
    lifecycle.take_deletion("10101", at=timezone.now())


def other_active(talk, panel):
    lifecycle.pause(panel.agent)
    ConversationFactory(customer=talk.conversation.customer, issue_id="20202")


def opted_out(talk, panel):
    address = talk.question.address
    address.opted_out_at = timezone.now()
    address.save()


def unlicensed(talk, panel):
    Site.objects.filter(slug="acme").update(licence_active=False)


def sender_switched_off(talk, panel):
    talk.question.sender.enabled = False
    talk.question.sender.save()


def window_closed(talk, panel):
    Message.objects.update(occurred_at=timezone.now() - timedelta(hours=25))


CLOSED = {
    "paused": (paused, 409, "This conversation is not active."),
    "resolved": (resolved, 409, "It is not possible to use Infobip communication channels"),
    "deleted": (deleted, 409, "This request was deleted in Jira."),
    "other-active": (other_active, 409, "messages go to another request now."),
    "opted-out": (opted_out, 409, "asked not to be messaged here."),
    "unlicensed": (unlicensed, 409, "OmniChat is not active on this site."),
    "sender-switched-off": (sender_switched_off, 404, "This number cannot be used here."),
}
POSTS = {
    "text": lambda talk: ("messages", {"text": "Hello", **talk.route}),
    "template": lambda talk: ("templates", {"template": talk.template.pk, **talk.route}),
    "location": lambda talk: (
        "rich/location",
        {"latitude": "45.81", "longitude": "15.98", **talk.route},
    ),
    "buttons": lambda talk: ("rich/buttons", {"text": "When?", "buttons": ["Now"], **talk.route}),
    "resend": lambda talk: (f"messages/{talk.failed.message_id}/resend", {}),
}


@pytest.fixture
def talk(inside_acme):
    return Talk()


def require_nothing_sent(before):
    assert (Message.objects.count(), Send.objects.count()) == before
    assert not OutboxEntry.objects.filter(topic="message.deliver").exists()


@pytest.mark.parametrize("post", POSTS)
@pytest.mark.parametrize("state", CLOSED)
def test_nothing_is_sent_in_a_state_that_forbids_it(panel, talk, state, post):
    bring_about, status, reason = CLOSED[state]
    bring_about(talk, panel)
    before = Message.objects.count(), Send.objects.count()

    path, form = POSTS[post](talk)
    response = panel.post(path, **form)

    assert response.status_code == status
    assert reason in unescape(response.content.decode())
    require_nothing_sent(before)


@pytest.mark.parametrize("post", set(POSTS) - {"template"})
def test_closed_window_takes_nothing_but_templates(panel, talk, post):
    window_closed(talk, panel)
    before = Message.objects.count(), Send.objects.count()

    path, form = POSTS[post](talk)
    response = panel.post(path, **form)

    assert response.status_code == 409
    assert "More than 24 hours have passed" in unescape(response.content.decode())
    require_nothing_sent(before)


@pytest.mark.parametrize("post", [*POSTS, "pause", "resume"])
def test_who_may_only_read_changes_nothing(panel_of, talk, post):
    before = Message.objects.count(), Send.objects.count()

    path, form = POSTS[post](talk) if post in POSTS else (post, {})
    response = panel_of(may_reply=False).post(path, **form)

    assert response.status_code == 403
    assert "You can read this conversation but not" in response.content.decode()
    require_nothing_sent(before)
    talk.conversation.refresh_from_db()
    assert talk.conversation.state == "active"


@pytest.mark.parametrize("field", ["sender", "address", "template", "quoted", "attachments"])
def test_ids_of_another_request_are_not_found(panel, talk, field):
    other = MessageFactory(
        channel="whatsapp",
        provider_id="wamid.other=",
        conversation__issue_id="20202",
        sender__number="385951006799",
    )
    foreign = {
        "sender": -1,
        "address": other.address_id,
        "template": MessageTemplateFactory(sender=other.sender).pk,
        "quoted": other.pk,
        "attachments": Attachment.objects.create(issue_id="20202", uploaded_by="ivan").pk,
    }
    path, form = POSTS["template" if field == "template" else "text"](talk)
    before = Message.objects.count(), Send.objects.count()

    response = panel.post(path, **form | {field: foreign[field]})

    assert response.status_code == 404
    require_nothing_sent(before)


@pytest.mark.parametrize(
    "path",
    ["messages/{}/resend", "messages/{}/send-over"],
)
def test_things_of_another_request_are_not_found(panel, talk, path):
    other = SendFactory(state="failed", failure="unreachable", message__conversation__issue_id="2")
    before = Message.objects.count(), Send.objects.count()

    response = panel.post(path.format(other.message_id), channel="sms")

    assert response.status_code == 404
    require_nothing_sent(before)


@pytest.mark.parametrize("state", ["paused", "resolved", "deleted", "other-active", "unlicensed"])
def test_file_is_not_taken_where_nothing_can_be_sent(panel, talk, state):
    CLOSED[state][0](talk, panel)
    note = SimpleUploadedFile("note.txt", b"Ilica 10", content_type="text/plain")

    response = panel.post("uploads", sender=talk.question.sender_id, file=note)

    assert response.status_code == 409
    assert not Attachment.objects.exists()
