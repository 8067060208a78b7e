"""How often the database is asked on a message's way: each statement costs a worker or the web."""

from uuid import uuid4

import pytest

from conversations.contracts import RequestOpened
from conversations.services import delivery
from conversations.services.inbound import receive_message
from conversations.services.lifecycle import attach_request
from conversations.services.replies import send_reply
from tests.factories import (
    AgentFactory,
    DeliveryReportFactory,
    InboundMessageFactory,
    MessageFactory,
    SenderFactory,
    SendFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def long_at_work(acme):
    """A process that has marked the site, and a sender that was heard lately."""
    SenderFactory()
    receive_message(InboundMessageFactory(address="385991903300"))


def test_statements_of_a_first_message(django_assert_num_queries):
    with django_assert_num_queries(22):
        receive_message(InboundMessageFactory())


def test_statements_of_a_next_message(django_assert_num_queries):
    receive_message(InboundMessageFactory())

    with django_assert_num_queries(11):
        receive_message(InboundMessageFactory())


def test_statements_of_a_request_that_jira_has_opened(django_assert_num_queries):
    message = receive_message(InboundMessageFactory())

    with django_assert_num_queries(11):
        attach_request(message.conversation_id, RequestOpened("10101", "SUP-1"))


def test_statements_of_an_agents_reply(django_assert_num_queries):
    question = MessageFactory(conversation__issue_id="10101")
    where = {"sender_id": question.sender_id, "address_id": question.address_id}

    with django_assert_num_queries(16):
        send_reply(AgentFactory(), text="Today at noon.", client_id=uuid4(), **where)


def test_statements_of_a_send_that_the_provider_takes(django_assert_num_queries):
    send = SendFactory()

    with django_assert_num_queries(7):
        delivery.begin(send.pk)
        delivery.accept(send.pk)


def test_statements_of_a_report(django_assert_num_queries):
    send = SendFactory(state="sent")

    with django_assert_num_queries(5):
        delivery.take_report(DeliveryReportFactory(reference=str(send.pk), state="delivered"))
