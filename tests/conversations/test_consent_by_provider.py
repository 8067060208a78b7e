"""Consent as a provider tells of it: events, refused messages, accounts that change hands."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from conversations import thread
from conversations.contracts import Channel, ConsentChange, FailureKind, IdentityChange, SendState
from conversations.models import (
    Address,
    AuditEvent,
    Conversation,
    Message,
    MessageTemplate,
    Send,
    SendingSettings,
)
from conversations.services import delivery
from conversations.services.consent import take_consent
from conversations.services.identity import take_identity_change
from tests.conversations.concurrency import together
from tests.conversations.consenting import NOON, NUMBER, WHATSAPP, make_senders, say, whatsapp
from tests.factories import (
    DeliveryReportFactory,
    SendFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _senders(inside_acme, request):
    make_senders()


def told(*, opted_in=False, minute=0, address=NUMBER, channel=Channel.SMS, marketing_only=False):
    at = NOON + timedelta(minutes=minute)
    change = ConsentChange(channel, address, "385951006719", at, opted_in, marketing_only)
    return take_consent(change)


def answer(question, **fields):
    return SendFactory(
        message__conversation=question.conversation,
        message__channel=question.channel,
        message__sender=question.sender,
        message__address=question.address,
        **fields,
    )


def opted_out(**where):
    return Address.objects.get(**where).opted_out_at is not None


def rows(conversation):
    found = thread.newest(conversation, zone=ZoneInfo("UTC")).rows
    return [row.text for row in found if row.kind == "event"]


def test_provider_opts_out_and_in_again():
    say("Hello")

    assert told(minute=1) is True
    assert Address.objects.get().opted_out_by == "provider"
    assert told(opted_in=True, minute=2) is True
    assert opted_out() is False


def test_older_news_of_a_provider_does_not_undo_a_newer_word():
    say("START", minute=5)

    assert told(minute=4) is False
    assert opted_out() is False


@pytest.mark.parametrize("address", ["", "385000000000", "INFOBANK"])
def test_news_of_a_stranger_changes_nothing(address):
    assert told(address=address) is False
    assert Address.objects.exists() is False


def test_provider_may_name_another_variant():
    say("Hello", address="5215512345678")

    assert told(address="525512345678") is True
    assert Address.objects.get().opted_out_at == NOON


def test_channel_the_customer_has_not_used_yet_is_closed_before():
    say("Hello")

    assert told(channel=Channel.WHATSAPP) is True
    assert opted_out(channel="whatsapp") is True


def test_channel_the_customer_has_not_used_yet_is_not_made_by_an_opt_in():
    say("Hello")

    assert told(channel=Channel.WHATSAPP, opted_in=True) is False
    assert Address.objects.count() == 1


def test_provider_is_heard_when_only_an_ended_request_is_there():
    ended = say("Hello").conversation
    Conversation.objects.filter(pk=ended.pk).update(state="ended", end_reason="resolved")

    told(minute=1)

    assert "Customer opted out of SMS" in rows(ended)


def test_marketing_alone():
    message = whatsapp("Hello")

    told(channel=Channel.WHATSAPP, marketing_only=True)

    address = Address.objects.get()
    assert (address.opted_out_at, address.no_marketing_since) == (None, NOON)
    assert "Customer opted out of marketing on WhatsApp" in rows(message.conversation)


@pytest.mark.parametrize("order", [(True, False, True), (True, True, False)])
def test_newest_word_about_marketing_counts_in_every_order(order):
    whatsapp("Hello")
    minutes = iter((2, 1, 3)) if order[1] is False else iter((2, 3, 1))

    for opted_in in order:
        told(
            channel=Channel.WHATSAPP,
            marketing_only=True,
            opted_in=opted_in,
            minute=next(minutes),
        )

    assert Address.objects.get().no_marketing_since is None


def test_word_about_marketing_does_not_hide_an_older_stop():
    whatsapp("Hello")
    told(channel=Channel.WHATSAPP, marketing_only=True, minute=5)

    whatsapp("STOP", minute=1)

    assert opted_out() is True


def test_marketing_again():
    whatsapp("Hello")
    told(channel=Channel.WHATSAPP, marketing_only=True)

    told(channel=Channel.WHATSAPP, marketing_only=True, opted_in=True, minute=1)

    assert Address.objects.get().no_marketing_since is None


@pytest.mark.parametrize(("category", "state"), [("MARKETING", "failed"), ("UTILITY", "sending")])
def test_without_marketing_only_such_templates_are_refused(category, state):
    question = whatsapp("Hello")
    told(channel=Channel.WHATSAPP, marketing_only=True)
    MessageTemplate.objects.create(
        sender=question.sender, name="sale", language="en", status="APPROVED", category=category
    )
    content = {"name": "sale", "language": "en"}
    send = answer(question, message__kind="template", message__content=content)

    delivery.begin(send.pk)

    send.refresh_from_db()
    assert send.state == state


@pytest.mark.parametrize(
    ("opted_in", "left"), [(True, {"name", "sms_fallback"}), (False, {"name"})]
)
def test_template_goes_without_an_sms_in_its_place_that_nobody_wants(opted_in, left):
    SendingSettings.objects.create(sms_fallback=True)
    sender = say("Hello").sender
    question = whatsapp("Hello")
    fallback = {"sender": sender.number, "text": "Hi"}
    send = answer(
        question,
        message__kind="template",
        message__content={"name": "hello", "sms_fallback": fallback},
    )

    told(opted_in=opted_in)

    assert set(delivery.begin(send.pk).content) == left


def refused(failure, **fields):
    question = whatsapp("Hello")
    send = answer(question, state="sent")
    at = NOON + timedelta(minutes=1)
    report = DeliveryReportFactory(
        reference=str(send.pk), state=SendState.FAILED, failure=failure, occurred_at=at, **fields
    )
    delivery.take_report(report)
    return question


@pytest.mark.parametrize("failure", [FailureKind.OPTED_OUT, FailureKind.BLOCKED])
def test_refusal_for_the_customers_sake_opts_out(failure):
    question = refused(failure)

    address = Address.objects.get()
    assert (address.opted_out_by, address.no_marketing_since) == ("provider", None)
    assert "Customer opted out of WhatsApp" in rows(question.conversation)


def test_refusal_of_marketing_opts_out_of_that_alone():
    refused(FailureKind.NO_MARKETING)

    address = Address.objects.get()
    assert address.opted_out_at is None
    assert address.no_marketing_since == NOON + timedelta(minutes=1)


@pytest.mark.parametrize("failure", [FailureKind.UNREACHABLE, FailureKind.WINDOW_CLOSED])
def test_other_failure_opts_nobody_out(failure):
    refused(failure)

    assert opted_out() is False


def test_refusal_of_the_sms_in_its_place_closes_sms():
    refused(FailureKind.OPTED_OUT, channel=Channel.SMS)

    assert opted_out(channel="whatsapp") is False
    assert opted_out(channel="sms") is True


def test_refusal_older_than_a_start_changes_nothing():
    question = whatsapp("START", minute=9)
    send = answer(question)

    delivery.take_report(
        DeliveryReportFactory(
            reference=str(send.pk),
            state=SendState.FAILED,
            failure=FailureKind.OPTED_OUT,
            occurred_at=NOON,
        )
    )

    assert opted_out() is False


def test_what_we_hold_back_ourselves_is_no_word_of_the_customer():
    question = say("STOP")
    delivery.begin(answer(question).pk)

    say("START", minute=1)  # said before it was held back, and heard of after

    assert Send.objects.get().failure == FailureKind.OPTED_OUT
    assert opted_out() is False


def test_report_by_another_way_is_shown_as_fallback():
    send = SendFactory(message__channel=Channel.WHATSAPP, state="failed")

    delivery.take_report(DeliveryReportFactory(reference=str(send.pk), channel=Channel.SMS))

    assert Send.objects.get().by_fallback is True


@pytest.mark.parametrize("channel", [None, Channel.WHATSAPP])
def test_report_by_the_way_that_was_asked_for_is_not(channel):
    send = SendFactory(message__channel=Channel.WHATSAPP, state="failed")

    delivery.take_report(DeliveryReportFactory(reference=str(send.pk), channel=channel))

    assert Send.objects.get().by_fallback is False


def test_changed_account_is_said_in_the_live_requests():
    live = whatsapp("Hello").conversation

    assert take_identity_change(IdentityChange(NUMBER, WHATSAPP, NOON, "pQ9vGf3cK1M=")) is True

    assert "The WhatsApp account behind this number changed" in rows(live)
    event = AuditEvent.objects.get(action="customer.identity-changed")
    assert "pQ9v" not in str(event.__dict__)


def test_changed_account_of_a_stranger_changes_nothing():
    assert take_identity_change(IdentityChange(NUMBER, WHATSAPP, NOON, "h")) is False
    assert AuditEvent.objects.exists() is False


@pytest.mark.django_db(transaction=True)
def test_refusal_and_words_at_once_wait_for_each_other():
    question = say("Hello")
    sends = [answer(question) for _ in range(4)]

    def refuse(send):
        report = DeliveryReportFactory(
            reference=str(send.pk),
            state=SendState.FAILED,
            failure=FailureKind.OPTED_OUT,
            occurred_at=NOON + timedelta(minutes=5),
        )
        return lambda: delivery.take_report(report)

    together(
        *map(refuse, sends),
        *(lambda n=n: say("STOP", minute=n, provider_id=f"stop-{n}") for n in range(4)),
    )

    assert opted_out() is True
    assert Send.objects.filter(state="failed").count() == 4
    assert Message.objects.filter(text="STOP").count() == 4
