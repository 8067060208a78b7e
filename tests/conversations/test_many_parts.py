"""A long SMS is charged by the part: beyond six of them the agent is asked once."""

from uuid import uuid4

import pytest

from conversations.contracts import Channel, SendState
from conversations.errors import ConfirmationNeeded
from conversations.models import Message, OutboxEntry
from conversations.services.replies import send_reply
from conversations.services.resend import send_over
from conversations.services.texts import MANY_PARTS
from tests.factories import AgentFactory, MessageFactory, SenderFactory, SendFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("inside_acme")]

SIX_PARTS = "š" * 67 * 6
SEVEN_PARTS = SIX_PARTS + "š"


def reply(text, *, channel=Channel.SMS, confirmed=()):
    question = MessageFactory(conversation__issue_id="10101", channel=channel)
    return send_reply(
        AgentFactory(),
        text=text,
        client_id=uuid4(),
        sender_id=question.sender_id,
        address_id=question.address_id,
        confirmed=confirmed,
    )


def test_seven_parts_are_asked_about_and_nothing_is_sent():
    with pytest.raises(ConfirmationNeeded) as asked:
        reply(SEVEN_PARTS)

    assert asked.value.code == MANY_PARTS
    assert str(asked.value) == (
        "This message is sent as 7 SMS parts. Each part is charged. Send anyway?"
    )
    assert not Message.objects.filter(direction="out").exists()
    assert not OutboxEntry.objects.exists()


def test_seven_parts_go_when_the_agent_says_so():
    assert reply(SEVEN_PARTS, confirmed=[MANY_PARTS]).text == SEVEN_PARTS


def test_six_parts_go_without_a_question():
    assert reply(SIX_PARTS).text == SIX_PARTS


def test_whatsapp_has_no_parts():
    assert reply(SEVEN_PARTS, channel=Channel.WHATSAPP).text == SEVEN_PARTS


def failed_on_whatsapp(text):
    question = MessageFactory(conversation__issue_id="10101", channel=Channel.WHATSAPP)
    message = MessageFactory(
        conversation=question.conversation,
        direction="out",
        channel=Channel.WHATSAPP,
        sender=question.sender,
        address=question.address,
        text=text,
    )
    SendFactory(message=message, state=SendState.FAILED, failure="unreachable")
    SenderFactory(channel=Channel.SMS)
    return message


def test_long_text_that_goes_over_sms_instead_is_asked_about_too():
    message = failed_on_whatsapp(SEVEN_PARTS)

    with pytest.raises(ConfirmationNeeded) as asked:
        send_over(AgentFactory(), message.pk, Channel.SMS)

    assert asked.value.code == MANY_PARTS
    assert message.sends.count() == 1


def test_long_text_goes_over_sms_when_the_agent_says_so():
    message = failed_on_whatsapp(SEVEN_PARTS)

    send_over(AgentFactory(), message.pk, Channel.SMS, confirmed=[MANY_PARTS])

    assert message.sends.count() == 2
