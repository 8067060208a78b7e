"""The console's transcripts: whole, escaped, and never opened unseen."""

import pytest

from conversations.admin.conversations import MESSAGES_PER_PAGE
from conversations.models import AgentProfile, AuditEvent, Message
from tests.consoles import owners_client
from tests.factories import ConversationFactory, MessageFactory, SendFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/conversations/conversation/"


def test_transcript_shows_the_messages_with_their_status():
    conversation = ConversationFactory()
    MessageFactory(conversation=conversation, text="Where is it?")
    answer = MessageFactory(conversation=conversation, direction="out", author="5f0c", text="Here.")
    SendFactory(message=answer, state="failed", error_code="EC_ABSENT_SUBSCRIBER")
    AgentProfile.objects.create(account_id="5f0c", name="Ana Kovač")

    page = opened(conversation)

    for shown in ("Where is it?", "Received", "Ana Kovač", "Here.", "EC_ABSENT_SUBSCRIBER"):
        assert shown in page


def test_customers_markup_stays_text():
    message = MessageFactory(text="<script>alert(1)</script>")

    page = opened(message.conversation)

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def test_number_is_masked():
    message = MessageFactory(address__value="385991903327")

    page = opened(message.conversation)

    assert "+385 99 190 ••27" in page
    assert "385991903327" not in page


def test_opening_is_recorded():
    conversation = ConversationFactory(issue_key="SUP-7")

    opened(conversation)

    event = AuditEvent.objects.get()
    assert (event.action, event.actor_kind, event.actor) == ("transcript.opened", "admin", "ana")
    assert (event.subject_type, event.subject_id) == ("conversation", str(conversation.pk))
    assert event.issue_key == "SUP-7"


def test_listing_and_missing_conversations_open_nothing():
    ConversationFactory()
    client = owners_client()

    client.get(LIST)
    client.get(f"{LIST}0/change/")

    assert AuditEvent.objects.exists() is False


def test_message_that_went_by_itself_is_called_so():
    message = MessageFactory(direction="out", auto_reply="greeting", text="Thank you.")
    path = f"/admin/conversations/conversation/{message.conversation_id}/change/"

    page = owners_client().get(path).content.decode()

    assert f"Auto-reply, {message.sender.number}" in page


def test_long_transcript_begins_with_its_newest_page():
    first = MessageFactory(text="The very first")
    copies = [message_after(first) for _ in range(MESSAGES_PER_PAGE)]
    Message.objects.bulk_create(copies)

    assert "The very first" not in opened(first.conversation)
    assert "The very first" in opened(first.conversation, page=1)


@pytest.mark.parametrize("typed", ["sup-7", "horvat"])
def test_conversation_is_found_by_request_or_name(typed):
    wanted = ConversationFactory(issue_key="SUP-7", customer__name="Marko Horvat")
    ConversationFactory(issue_key="SUP-77")

    page = owners_client().get(LIST, {"q": typed})

    assert list(page.context["cl"].result_list) == [wanted]


def opened(conversation, **query):
    response = owners_client().get(f"{LIST}{conversation.pk}/change/", query)
    assert response.status_code == 200
    return response.content.decode()


def message_after(first):
    return Message(
        conversation=first.conversation,
        direction="in",
        channel="sms",
        text="Another",
        sender=first.sender,
        address=first.address,
        occurred_at=first.occurred_at,
        version=2,
    )
