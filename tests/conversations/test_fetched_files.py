"""A file that could not be fetched is shown so, and tried again when an agent asks."""

from io import BytesIO
from threading import Event

import pytest
from django.db import transaction

from conversations.contracts import InboundFile
from conversations.errors import NotFound, SendingRefused
from conversations.file_problems import words_for
from conversations.models import Attachment, AuditEvent, Customer, Message, OutboxEntry
from conversations.services.fetched_files import (
    awaited,
    expect_file,
    fetch_again,
    give_up,
    store_file,
)
from tests.conversations.concurrency import PATIENCE_SECONDS, somebody_waits, together
from tests.factories import AgentFactory, ConversationFactory, MessageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def failed():
    message = MessageFactory(conversation=ConversationFactory(issue_id="10101"))
    attachment = expect_file(message, InboundFile(url="https://api.infobip.com/media/1"))
    give_up(attachment, "not-found")
    OutboxEntry.objects.all().delete()
    attachment.refresh_from_db()
    return attachment


def test_file_is_expected_with_the_message():
    message = MessageFactory()

    file = InboundFile(url="https://api.infobip.com/media/1", name="a/../b.pdf\r\n")
    attachment = expect_file(message, file)

    assert (attachment.state, attachment.name) == ("pending", "b.pdf")
    assert awaited(attachment.pk) == attachment
    assert OutboxEntry.objects.get().group == f"file:{attachment.pk}"


@pytest.mark.parametrize("url", ["", "https://api.infobip.com/" + "a" * 2048])
def test_address_that_is_none_is_refused_at_once(url):
    attachment = expect_file(MessageFactory(), InboundFile(url=url))

    assert (attachment.state, attachment.problem) == ("refused", "forbidden-address")
    assert not OutboxEntry.objects.exists()


def test_agent_has_it_tried_again(failed):
    fetch_again(AgentFactory(), failed.pk)

    failed.refresh_from_db()
    assert (failed.state, failed.problem, failed.message.version) == ("pending", "", 2)
    assert OutboxEntry.objects.get().topic == "file.fetch"
    assert AuditEvent.objects.filter(action="file.asked-again").count() == 1


def test_asked_twice_it_is_tried_once(failed):
    fetch_again(AgentFactory(), failed.pk)
    fetch_again(AgentFactory(), failed.pk)

    assert OutboxEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("agent", "error"),
    [({"may_reply": False}, SendingRefused), ({"issue_id": "10102"}, NotFound)],
)
def test_others_cannot_ask(failed, agent, error):
    with pytest.raises(error):
        fetch_again(AgentFactory(**agent), failed.pk)

    assert not OutboxEntry.objects.exists()


def test_refused_file_stays_refused(failed):
    Attachment.objects.update(state="refused", problem="too-large")

    with pytest.raises(SendingRefused):
        fetch_again(AgentFactory(), failed.pk)


def test_settled_file_is_not_given_up(failed):
    Attachment.objects.update(state="stored", problem="")

    give_up(failed, "out-of-reach")

    failed.refresh_from_db()
    assert (failed.state, failed.problem) == ("stored", "")


@pytest.mark.parametrize("problem", ["not-found", "too-large", "whatever"])
def test_each_problem_has_words(problem):
    assert words_for(problem).endswith(".")
    assert words_for("") == ""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "settle",
    [lambda file: store_file(file, BytesIO(b"%PDF-1.7")), lambda file: give_up(file, "not-found")],
)
def test_file_of_a_message_that_is_just_moving_shows_where_it_moves_to(settle):
    attachment = expect_file(MessageFactory(), InboundFile(url="https://api.infobip.com/media/1"))
    customer = attachment.message.conversation.customer
    target = ConversationFactory(customer=customer, state="paused", version=7)
    locked, settled = Event(), Event()

    def move():
        with transaction.atomic():
            Customer.objects.lock([customer.pk])
            locked.set()
            while not settled.is_set() and not somebody_waits():
                pass
            Message.objects.update(conversation=target)

    def fetch():
        locked.wait(PATIENCE_SECONDS)
        settle(awaited(attachment.pk))
        settled.set()

    together(move, fetch)

    assert Message.objects.get().version == 8
