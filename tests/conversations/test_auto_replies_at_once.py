"""One auto-reply, whatever happens at the same moment: real threads, real PostgreSQL."""

from functools import partial

import pytest
from django.db import IntegrityError

from conversations.contracts import RequestOpened
from conversations.models import Message, OutboxEntry
from conversations.services import lifecycle
from tests.conversations.auto_replying import HELLO, auto_reply, customer_writes, replies, texts
from tests.conversations.concurrency import together
from tests.factories import AddressFactory, MessageFactory, SenderFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("inside_acme")]

WRITERS = 8


@pytest.fixture
def known_customer():
    """Known before the race: for a new number the unique key alone would serialise the writers."""
    SenderFactory()
    return AddressFactory(value="385991903327", phone_number__key="385991903327")


@pytest.mark.usefixtures("known_customer")
def test_first_messages_at_once_are_greeted_once():
    auto_reply()

    together(*[customer_writes] * WRITERS)

    assert texts() == [HELLO]
    assert OutboxEntry.objects.filter(topic="message.deliver").count() == 1


@pytest.mark.usefixtures("known_customer")
def test_same_webhook_at_once_is_answered_once():
    auto_reply()

    together(*[partial(customer_writes, provider_id="in-x")] * WRITERS)

    assert texts() == [HELLO]


@pytest.mark.usefixtures("known_customer")
def test_night_messages_at_once_are_answered_once():
    """None of them opens a request and no id is shared: they are decided one after the other."""
    auto_reply(("closed", "sms", "en", "Closed."), closed_enabled=True, enabled=False)
    customer_writes()
    Message.objects.exclude(auto_reply="").update(auto_reply="greeting")

    together(*[customer_writes] * WRITERS)

    assert [reply.auto_reply for reply in replies()] == ["greeting", "closed"]


@pytest.mark.usefixtures("known_customer")
def test_request_that_is_attached_at_once_is_announced_once():
    """As when a worker has lost its lease and another tries again."""
    auto_reply(("greeting", "sms", "en", "Your request is {{request.key}}."))
    question = customer_writes()
    attach = partial(
        lifecycle.attach_request, question.conversation_id, RequestOpened("10101", "SUP-101")
    )

    together(*[attach] * WRITERS, customer_writes, customer_writes)

    assert texts() == ["Your request is SUP-101."]


@pytest.mark.usefixtures("known_customer")
def test_crash_after_deciding_leaves_nothing_and_the_retry_answers_once(monkeypatch):
    auto_reply()
    monkeypatch.setattr("conversations.services.auto_replies.add_send", _crash)
    with pytest.raises(RuntimeError):
        customer_writes(provider_id="in-x")
    assert Message.objects.exists() is False
    monkeypatch.undo()

    customer_writes(provider_id="in-x")

    assert texts() == [HELLO]


def test_constraint_refuses_a_second_reply_to_an_opening(known_customer):
    """Beneath the lock: even code that forgets it cannot store two."""
    auto_reply()
    customer_writes()
    (reply,) = replies()

    with pytest.raises(IntegrityError, match="agents_message_stored_once"):
        MessageFactory(conversation=reply.conversation, client_id=reply.client_id)


def _crash(*_args, **_named):
    raise RuntimeError
