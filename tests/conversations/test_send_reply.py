"""An agent's message: stored once, promised once, refused with a reason."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from conversations.contracts import Channel, SendState
from conversations.errors import NotFound, SendingRefused
from conversations.models import Conversation, Draft, Message, OutboxEntry, SendingSettings
from conversations.services.replies import send_reply
from tenants.context import enter
from tenants.models import Site
from tests.factories import AgentFactory, ConversationFactory, MessageFactory, SenderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def question(inside_acme):
    """The customer's last message: what the agent answers to."""
    return MessageFactory(conversation__issue_id="10101")


def reply(question, **changes):
    values = {
        "text": "Today at noon.",
        "client_id": uuid4(),
        "sender_id": question.sender_id,
        "address_id": question.address_id,
    }
    agent = changes.pop("agent", None) or AgentFactory()
    return send_reply(agent, **(values | changes))


def assert_refused(question, code, **changes):
    with pytest.raises(SendingRefused) as refused:
        reply(question, **changes)
    assert refused.value.code == code
    assert not OutboxEntry.objects.exists()
    assert not Message.objects.filter(direction="out").exists()


def test_reply_is_queued_and_promised(question):
    message = reply(question)

    send = message.sends.get()
    assert (message.status, send.address) == (SendState.QUEUED, question.address)
    promised = OutboxEntry.objects.get()
    assert (promised.topic, promised.subject) == ("message.deliver", str(send.pk))


def test_same_client_id_is_one_message(question):
    client_id = uuid4()

    assert reply(question, client_id=client_id) == reply(question, client_id=client_id)
    assert OutboxEntry.objects.count() == 1


def test_client_id_of_another_request_is_not_shown(question):
    other = MessageFactory(conversation__issue_id="20202")
    sent = reply(other, agent=AgentFactory(issue_id="20202"))

    with pytest.raises(NotFound):
        reply(question, client_id=sent.client_id)


def test_draft_is_gone_after_sending(question):
    agent = AgentFactory()
    Draft.objects.create(issue_id="10101", account_id=agent.account_id, text="Tod")

    reply(question, agent=agent)

    assert not Draft.objects.exists()


def test_line_ends_are_sent_as_they_are_counted(question):
    assert reply(question, text="a\r\nb").text == "a\nb"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \n ", "empty"),
        ("a\x00b", "control-character"),
        ("a\ud800", "lone-surrogate"),
        ("a" * 1001, "too-long"),
    ],
)
def test_text_that_cannot_be_sent_is_refused(question, text, code):
    assert_refused(question, code, text=text)


def test_viewer_may_not_reply(question):
    assert_refused(question, "read-only", agent=AgentFactory(may_reply=False))


@pytest.mark.parametrize("state", ["paused", "ended", "opening"])
def test_conversation_that_is_not_active_takes_no_reply(question, state):
    Conversation.objects.update(state=state)

    assert_refused(question, f"conversation-{state}")


def test_opted_out_address_is_refused(question):
    question.address.opted_out_at = timezone.now()
    question.address.save()

    assert_refused(question, "opted-out")


def test_address_that_cannot_be_answered_is_refused(question):
    question.address.answerable = False
    question.address.save()

    assert_refused(question, "not-answerable")


def test_channels_of_from_and_to_must_match(question):
    sender = SenderFactory(channel=Channel.WHATSAPP, number="385951006720")

    assert_refused(question, "channel-mismatch", sender_id=sender.pk)


def test_address_of_another_customer_is_not_found(question):
    stranger = MessageFactory()

    with pytest.raises(NotFound):
        reply(question, address_id=stranger.address_id)
    assert not OutboxEntry.objects.exists()


def test_request_without_conversation_is_not_found(question):
    with pytest.raises(NotFound):
        reply(question, agent=AgentFactory(issue_id="99999"))


def test_newest_conversation_of_a_request_takes_the_reply(question):
    Conversation.objects.update(state="ended")
    MessageFactory(
        conversation=ConversationFactory(issue_id="10101", customer=question.conversation.customer),
        address=question.address,
    )

    assert reply(question).conversation != question.conversation


def whatsapp_question(*, age, **values):
    return MessageFactory(
        conversation__issue_id="10101",
        channel=Channel.WHATSAPP,
        sender__number="385951006720",
        occurred_at=timezone.now() - age,
        **values,
    )


def test_whatsapp_window_is_open_shortly_before_24_hours():
    assert reply(whatsapp_question(age=timedelta(hours=23, minutes=58))).status == "queued"


def test_whatsapp_window_is_closed_at_24_hours():
    assert_refused(whatsapp_question(age=timedelta(hours=24)), "window-closed")


def test_whatsapp_takes_4096_characters():
    question = whatsapp_question(age=timedelta(0))

    assert reply(question, text="č" * 4096).status == "queued"
    with pytest.raises(SendingRefused):
        reply(question, text="č" * 4097)


def test_reply_without_a_licence_is_refused(question):
    Site.objects.filter(slug="acme").update(licence_active=False)
    enter(Site.objects.get(slug="acme"))

    assert_refused(question, "unlicensed")


@pytest.mark.parametrize(("longest", "size"), [(160, 160), (2000, 1675)])
def test_sms_takes_what_the_site_allows_and_a_phone_can_receive(question, longest, size):
    SendingSettings.objects.create(longest_sms=longest)

    assert reply(question, text="č" * size, confirmed=["many-parts"]).status == "queued"


@pytest.mark.parametrize(
    ("longest", "size", "code"),
    [(160, 161, "too-long"), (2000, 1676, "too-many-parts"), (9000, 4001, "too-many-parts")],
)
def test_longer_sms_is_refused(question, longest, size, code):
    SendingSettings.objects.create(longest_sms=longest)

    assert_refused(question, code, text="č" * size)


def test_quote_is_known_by_the_providers_id():
    question = whatsapp_question(age=timedelta(0), provider_id="wamid.1=")

    message = reply(question, quoted_id=question.pk)

    assert (message.quoted, message.quoted_provider_id) == (question, "wamid.1=")


def test_quote_on_sms_is_refused(question):
    assert_refused(question, "no-quotes", quoted_id=question.pk)


def test_quote_of_another_number_is_refused():
    question = whatsapp_question(age=timedelta(0))
    other = MessageFactory(
        conversation=question.conversation,
        channel=Channel.WHATSAPP,
        sender=question.sender,
        provider_id="wamid.2=",
    )

    assert_refused(question, "quoted-elsewhere", quoted_id=other.pk)


def test_quote_of_another_request_or_of_ours_is_not_found():
    question = whatsapp_question(age=timedelta(0))
    ours = reply(question)
    elsewhere = MessageFactory(channel=Channel.WHATSAPP, provider_id="wamid.3=")

    for unknown in (ours, elsewhere, question):
        with pytest.raises(NotFound):
            reply(question, quoted_id=unknown.pk)
