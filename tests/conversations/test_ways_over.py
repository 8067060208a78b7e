"""Over which other channel a message that failed is offered: only where it would leave."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.contracts import Channel, MessageKind, SendState
from conversations.errors import DomainError
from conversations.models import Address, Message, Sender
from conversations.services.resend import send_over
from conversations.services.ways_over import ways_over
from tests.factories import AddressFactory, AgentFactory, MessageFactory, SenderFactory, SendFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("inside_acme")]

OTHER = {Channel.SMS: Channel.WHATSAPP, Channel.WHATSAPP: Channel.SMS}


def failed(channel, **changes):
    question = MessageFactory(conversation__issue_id="10101", channel=channel)
    answer = MessageFactory(
        conversation=question.conversation,
        direction="out",
        channel=channel,
        sender=question.sender,
        address=question.address,
        **changes,
    )
    SendFactory(message=answer, state=SendState.FAILED, failure="unreachable")
    return answer


@pytest.fixture
def on_whatsapp():
    """A message that failed there, and our number for SMS."""
    message = failed(Channel.WHATSAPP)
    SenderFactory(channel=Channel.SMS, number="385951000777")
    return message


@pytest.fixture
def on_sms():
    """A message that failed there, of a customer who writes to us on WhatsApp too."""
    message = failed(Channel.SMS)
    MessageFactory(
        conversation=message.conversation,
        channel=Channel.WHATSAPP,
        sender__number="385951000999",
        address=AddressFactory(
            channel=Channel.WHATSAPP,
            value=message.address.value,
            phone_number=message.address.phone_number,
        ),
    )
    return message


def offered(message):
    conversation = message.conversation
    conversation.refresh_from_db()
    found = Message.objects.filter(conversation=conversation).select_related("address")
    return ways_over(conversation, list(found.prefetch_related("sends"))).get(message.pk, [])


def assert_left_out(message):
    """What is not offered would be refused."""
    assert offered(message) == []
    with pytest.raises(DomainError):
        send_over(AgentFactory(), message.pk, OTHER[Channel(message.channel)])


@pytest.mark.parametrize("name", ["on_sms", "on_whatsapp"])
def test_what_is_offered_leaves(request, name):
    message = request.getfixturevalue(name)
    (channel,) = offered(message)

    send_over(AgentFactory(), message.pk, channel)

    assert message.sends.get(number=2).channel == channel
    assert offered(message) == []


def test_no_number_of_ours_there(on_whatsapp):
    Sender.objects.filter(channel=Channel.SMS).delete()

    assert_left_out(on_whatsapp)


def test_no_number_of_the_customer_there(on_whatsapp):
    Address.objects.update(value="HR.10203040")

    assert_left_out(on_whatsapp)


def test_channel_that_is_off(on_whatsapp):
    type(on_whatsapp.conversation).objects.update(channels=["whatsapp"])

    assert_left_out(on_whatsapp)


@pytest.mark.parametrize("change", [{"opted_out_at": timezone.now()}, {"answerable": False}])
def test_address_that_may_not_be_written_to(on_sms, change):
    Address.objects.filter(channel=Channel.WHATSAPP).update(**change)

    assert_left_out(on_sms)


def test_window_that_has_closed(on_sms):
    Message.objects.filter(channel=Channel.WHATSAPP).update(
        occurred_at=timezone.now() - timedelta(hours=24)
    )

    assert_left_out(on_sms)


def test_window_that_never_was_open():
    message = failed(Channel.SMS)
    SenderFactory(channel=Channel.WHATSAPP, number="385951000999")

    assert_left_out(message)


@pytest.mark.parametrize("changes", [{"text": "a" * 1001}, {"kind": MessageKind.IMAGE}])
def test_what_the_channel_does_not_carry(changes):
    message = failed(Channel.WHATSAPP, **changes)
    SenderFactory(channel=Channel.SMS, number="385951000777")

    assert_left_out(message)


def test_nothing_is_asked_while_all_arrives(on_sms, django_assert_num_queries):
    on_sms.sends.update(state=SendState.DELIVERED)
    messages = list(Message.objects.prefetch_related("sends"))

    with django_assert_num_queries(0):
        assert ways_over(on_sms.conversation, messages) == {}


@pytest.mark.parametrize("more", [0, 20])
def test_many_are_asked_about_like_one(on_sms, django_assert_num_queries, more):
    for _number in range(more):
        SendFactory(message__conversation=on_sms.conversation, state=SendState.FAILED)
    messages = list(Message.objects.select_related("address").prefetch_related("sends"))

    with django_assert_num_queries(5):
        assert len(ways_over(on_sms.conversation, messages)) == 1 + more
