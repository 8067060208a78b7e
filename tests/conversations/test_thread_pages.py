"""Threads in pages: each message and event on one of them, and the way to any."""

from datetime import UTC, datetime, timedelta

import pytest

from conversations import thread_pages
from conversations.errors import NotFound
from conversations.models import AuditEvent, Message
from conversations.thread_pages import Wish, page_of, rows_of
from tests.factories import ConversationFactory, MessageFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch):
    monkeypatch.setattr(thread_pages, "PAGE", 4)


def test_last_page_is_the_end():
    page = page_of(ten(), Wish())

    assert texts(page) == ["6", "7", "8", "9"]
    assert page.more_before
    assert not page.more_after


def test_thread_is_read_backwards_to_its_beginning():
    messages, wish, read = ten(), Wish(), []
    while wish:
        page = page_of(messages, wish)
        read = texts(page) + read
        wish = Wish(before=page.more_before) if page.more_before else None

    assert read == [str(number) for number in range(10)]


def test_thread_is_read_forwards_to_its_end():
    messages, wish, read = ten(), Wish(first=True), []
    while wish:
        page = page_of(messages, wish)
        read += texts(page)
        wish = Wish(after=page.more_after) if page.more_after else None

    assert read == [str(number) for number in range(10)]


def test_page_with_a_message_has_as_much_before_it_as_after():
    messages = ten()

    page = page_of(messages, Wish(message=messages.get(text="5").pk))

    assert texts(page) == ["3", "4", "5", "6", "7"]
    assert page.more_before
    assert page.more_after


def test_message_of_another_conversation_has_no_page():
    with pytest.raises(NotFound):
        page_of(ten(), Wish(message=MessageFactory().pk))


def test_event_between_two_pages_is_on_one_of_them():
    messages = ten()
    conversation = messages[0].conversation
    AuditEvent.objects.create(
        action="conversation.paused",
        actor_kind="agent",
        subject_type="conversation",
        subject_id=str(conversation.pk),
        occurred_at=NOON + timedelta(minutes=5.5),
    )

    shown = []
    for wish in (Wish(first=True), Wish(after=page_of(messages, Wish(first=True)).more_after)):
        rows = rows_of(conversation, page_of(messages, wish), zone=UTC)
        shown.append([row.kind for row in rows].count("event"))

    assert shown == [0, 1]


def test_conversation_without_messages_has_one_empty_page():
    conversation = ConversationFactory()

    page = page_of(Message.objects.filter(conversation=conversation), Wish())

    assert rows_of(conversation, page, zone=UTC) == []


def ten():
    conversation = ConversationFactory()
    for number in range(10):
        MessageFactory(
            conversation=conversation,
            text=str(number),
            occurred_at=NOON + timedelta(minutes=number),
        )
    return Message.objects.filter(conversation=conversation)


def texts(page):
    return [message.text for message in page.messages]
