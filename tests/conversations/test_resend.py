"""What was not delivered, sent again or over another channel: once, and only where it may."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from conversations.contracts import Channel, MessageKind, SendState
from conversations.errors import NotFound, SendingRefused
from conversations.models import Address, Message, OutboxEntry, Send, Sender
from conversations.services import delivery
from conversations.services.resend import resend, send_over
from tests.conversations.concurrency import together
from tests.factories import AgentFactory, MessageFactory, SenderFactory, SendFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("inside_acme")]


def failed(channel=Channel.SMS, failure="unreachable", **changes):
    """A message of ours that was not delivered, and the customer's that it answers."""
    question = MessageFactory(conversation__issue_id="10101", channel=channel)
    conversation = question.conversation
    answer = MessageFactory(
        conversation=conversation,
        direction="out",
        channel=channel,
        sender=question.sender,
        address=question.address,
        **changes,
    )
    SendFactory(message=answer, state=SendState.FAILED, failure=failure)
    return answer


def attempts(message):
    return list(message.sends.order_by("number").values_list("number", "state", "channel"))


def test_resend_is_another_attempt_of_the_same_message():
    message = failed()

    resend(AgentFactory(), message.pk)

    assert attempts(message) == [(1, "failed", "sms"), (2, "queued", "sms")]
    assert Message.objects.filter(direction="out").count() == 1
    promised = OutboxEntry.objects.get()
    assert promised.subject == str(message.sends.get(number=2).pk)


def test_what_was_never_confirmed_may_be_sent_again():
    message = failed()
    Send.objects.update(state=SendState.UNCONFIRMED, failure="")

    resend(AgentFactory(), message.pk)

    assert len(attempts(message)) == 2


def test_what_is_under_way_is_left_alone():
    message = failed()
    resend(AgentFactory(), message.pk)

    resend(AgentFactory(), message.pk)

    assert len(attempts(message)) == 2


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_are_one_attempt():
    message = failed()

    together(*[partial(resend, AgentFactory(), message.pk)] * 4)

    assert len(attempts(message)) == 2


def refused(action, *arguments, code):
    with pytest.raises(SendingRefused) as refusal:
        action(AgentFactory(), *arguments)
    assert refusal.value.code == code
    assert not OutboxEntry.objects.exists()
    return str(refusal.value)


@pytest.mark.parametrize("failure", ["opted-out", "blocked", "window-closed", "too-long"])
def test_what_would_fail_again_is_not_sent_again(failure):
    message = failed(failure=failure)

    refused(resend, message.pk, code="no-remedy")


def test_refusal_says_why():
    message = failed(failure="blocked")

    words = refused(resend, message.pk, code="no-remedy")
    assert words == "This message cannot be sent like this: the customer has blocked you."


def test_opted_out_since():
    message = failed()
    Address.objects.update(opted_out_at=timezone.now())

    refused(resend, message.pk, code="opted-out")


def test_window_closed_since():
    message = failed(Channel.WHATSAPP)
    Message.objects.update(occurred_at=timezone.now() - timedelta(hours=25))

    refused(resend, message.pk, code="window-closed")


def test_a_template_needs_no_window():
    message = failed(Channel.WHATSAPP, kind=MessageKind.TEMPLATE)
    Message.objects.update(occurred_at=timezone.now() - timedelta(hours=25))

    resend(AgentFactory(), message.pk)

    assert len(attempts(message)) == 2


def test_paused_conversation():
    message = failed()
    type(message.conversation).objects.update(state="paused")

    refused(resend, message.pk, code="conversation-paused")


def test_reader_may_not():
    message = failed()

    with pytest.raises(SendingRefused) as refusal:
        resend(AgentFactory(may_reply=False), message.pk)
    assert refusal.value.code == "read-only"


def test_message_of_another_request_is_not_found():
    message = failed()
    MessageFactory(conversation__issue_id="20202")

    with pytest.raises(NotFound):
        resend(AgentFactory(issue_id="20202"), message.pk)


def test_customers_message_is_not_found():
    message = failed()
    question = Message.objects.from_customer().get()

    with pytest.raises(NotFound):
        resend(AgentFactory(issue_id=message.conversation.issue_id), question.pk)


def test_over_sms_goes_to_the_same_number_from_our_sms_number():
    message = failed(Channel.WHATSAPP, failure="not-on-whatsapp")
    ours = SenderFactory(channel=Channel.SMS, number="385951000777")

    send_over(AgentFactory(), message.pk, Channel.SMS)

    send = message.sends.get(number=2)
    assert (send.channel, send.sender) == (Channel.SMS, ours)
    assert (send.address.value, send.address.channel) == (message.address.value, "sms")


def test_over_another_channel_goes_the_text_alone():
    message = failed(
        Channel.WHATSAPP,
        failure="not-on-whatsapp",
        kind=MessageKind.TEMPLATE,
        text="Your parcel comes today.",
        content={"name": "parcel"},
    )
    SenderFactory(channel=Channel.SMS, number="385951000777")
    send_over(AgentFactory(), message.pk, Channel.SMS)

    outgoing = delivery.begin(message.sends.get(number=2).pk)

    assert (outgoing.channel, outgoing.kind) == (Channel.SMS, MessageKind.TEXT)
    assert (outgoing.text, outgoing.content) == ("Your parcel comes today.", {})


@pytest.mark.parametrize(
    ("header", "first"),
    [
        ({"type": "text", "value": "HR-7"}, "Parcel HR-7\n"),
        (None, "Parcel HR-7\n"),
        ({"type": "location", "value": {}}, ""),
    ],
)
def test_over_another_channel_goes_all_that_a_template_says(header, first):
    shown = {"header": "Parcel HR-7", "footer": "Acme Shop", "buttons": ["Call us"]}
    message = failed(
        Channel.WHATSAPP,
        failure="not-on-whatsapp",
        kind=MessageKind.TEMPLATE,
        text="It comes today.",
        content={"name": "parcel", "header": header, "shown": shown},
    )
    SenderFactory(channel=Channel.SMS, number="385951000777")
    send_over(AgentFactory(), message.pk, Channel.SMS)

    outgoing = delivery.begin(message.sends.get(number=2).pk)

    assert outgoing.text == f"{first}It comes today.\nAcme Shop"


def test_sms_is_not_offered_without_a_number_of_ours():
    message = failed(Channel.WHATSAPP, failure="not-on-whatsapp")
    Sender.objects.filter(channel=Channel.SMS).delete()

    words = refused(send_over, message.pk, Channel.SMS, code="no-route")
    assert words == "There is no number to use for SMS."


def test_a_person_without_a_number_gets_no_sms():
    message = failed(Channel.WHATSAPP, failure="not-on-whatsapp")
    Address.objects.update(value="HR.10203040")
    SenderFactory(channel=Channel.SMS, number="385951000777")

    refused(send_over, message.pk, Channel.SMS, code="no-route")


def test_a_file_cannot_go_by_sms():
    message = failed(Channel.WHATSAPP, failure="not-on-whatsapp", kind=MessageKind.IMAGE)

    refused(send_over, message.pk, Channel.SMS, code="not-a-text")


def test_whatsapp_takes_it_only_in_an_open_window():
    message = failed()
    SenderFactory(channel=Channel.WHATSAPP, number="385951000999")

    refused(send_over, message.pk, Channel.WHATSAPP, code="window-closed")


def test_the_same_channel_is_no_other():
    message = failed()

    refused(send_over, message.pk, Channel.SMS, code="same-channel")
