"""A conversation that is emptied: texts, contents and files go, the messages stay."""

from zoneinfo import ZoneInfo

import pytest
from django.core.files.storage import default_storage
from django.db import transaction

from conversations import thread
from conversations.models import Attachment, Draft, Message, OutboxEntry, Send
from conversations.outbox import promise
from conversations.services.erased_texts import erase_texts, unerased
from tests.conversations.stored_files import store
from tests.factories import ConversationFactory, MessageFactory, SendFactory

pytestmark = pytest.mark.django_db


def erase_all(conversation, **limits):
    calls = 1
    with transaction.atomic():
        while erase_texts(conversation, **limits):
            calls += 1
    return calls


def test_what_was_written_goes():
    message = MessageFactory(text="My secret", content={"caption": "secret"}, reaction="👍")
    send = SendFactory(message=message, error_text="secret number")

    erase_all(message.conversation)

    message.refresh_from_db()
    assert (message.text, message.content, message.reaction) == ("", {"erased": True}, "")
    assert Send.objects.get(pk=send.pk).error_text == ""


def test_thread_says_that_it_was_erased():
    message = MessageFactory(kind="location", content={"latitude": 45.8, "longitude": 15.9})

    erase_all(message.conversation)

    rows = thread.newest(message.conversation, zone=ZoneInfo("UTC")).rows
    assert [(row.label, row.text) for row in rows if row.kind == "msg"] == [("Erased message", "")]


def test_open_panels_get_the_emptied_rows():
    message = MessageFactory()
    before = message.conversation.version

    erase_all(message.conversation)

    message.refresh_from_db()
    message.conversation.refresh_from_db()
    assert message.version == message.conversation.version == before + 1


def test_another_conversation_stays_as_it_is():
    message, other = MessageFactory(), MessageFactory()

    erase_all(message.conversation)

    assert list(unerased(other.conversation)) == [other]


def test_work_is_done_in_pieces_and_taken_up_again():
    conversation = ConversationFactory()
    MessageFactory.create_batch(5, conversation=conversation)

    assert erase_texts(conversation, at_most=2)

    assert unerased(conversation).count() == 3
    assert erase_all(conversation, at_most=2) == 3
    assert not Message.objects.exclude(text="").exists()


@pytest.mark.django_db(transaction=True)
def test_file_leaves_the_storage_unless_another_message_has_it():
    shared = store(b"the same")
    store(b"the same")
    alone = store(b"another", message=MessageFactory(conversation=shared.message.conversation))

    erase_all(shared.message.conversation)

    assert Attachment.objects.count() == 1
    assert default_storage.exists(shared.file.name)
    assert not default_storage.exists(alone.file.name)


def test_promises_about_its_files_are_put_away():
    attachment = store()
    promise("request.attach", group="request:1", subject=attachment.pk)
    promise("request.attach", group="request:2", subject=attachment.pk + 1)

    erase_all(attachment.message.conversation)

    attaching = OutboxEntry.objects.filter(topic="request.attach").order_by("pk")
    assert list(attaching.values_list("state", flat=True)) == ["dismissed", "pending"]


def test_drafts_and_unsent_files_go():
    conversation = ConversationFactory()
    Draft.objects.create(issue_id=conversation.issue_id, account_id="vera", text="Dear Marko")
    unsent = store(issue_id=conversation.issue_id)
    Attachment.objects.filter(pk=unsent.pk).update(message=None)

    erase_all(conversation)

    assert not Draft.objects.exists()
    assert not Attachment.objects.exists()
