"""A promised message on its way: from the outbox to an Infobip on the loopback and back."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from channels.infobip import sms
from channels.intake import take_in
from channels.models import ProviderAccount
from conversations.contracts import Channel, SendState
from conversations.models import OutboxEntry, Sender
from tests.channels.delivering import (
    SENDING,
    drain,
    entry,
    promised,
    promised_yesterday,
    row,
    sent_ids,
    state,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("account")]

each_channel = pytest.mark.parametrize("channel", [Channel.SMS, Channel.WHATSAPP])


@each_channel
def test_accepted(infobip, channel):
    send = promised(channel)
    infobip.answer(200, row(send))

    drain()

    assert state(send) == SendState.SENT
    assert entry().state == "done"
    assert infobip.paths == [SENDING[channel]]


@each_channel
def test_rejected_inside_a_success_fails_visibly(infobip, channel):
    send = promised(channel)
    status = {"groupId": 5, "groupName": "REJECTED", "id": 12, "description": "No credits"}
    infobip.answer(200, row(send, status))

    drain()

    assert state(send) == SendState.FAILED
    assert (send.error_code, send.error_text, send.error_permanent) == (
        "status-12",
        "No credits",
        True,
    )
    assert entry().state == "done"


def test_refusal_shows_the_providers_words_and_keeps_them_out_of_the_outbox(infobip):
    send = promised()
    infobip.answer(400, {"description": "385991903327 is not a destination"})

    drain()

    assert state(send) == SendState.FAILED
    assert (send.error_code, send.error_text) == ("400", "385991903327 is not a destination")
    assert entry().last_error == ""


@each_channel
def test_asked_to_slow_down_it_is_tried_again_with_the_same_id(infobip, channel):
    send = promised(channel)
    infobip.answer(429, headers={"Retry-After": "40"})
    infobip.answer(200, row(send))

    drain()
    wait = entry().run_after - timezone.now()
    drain()

    assert timedelta(seconds=38) < wait <= timedelta(seconds=40)
    assert sent_ids(infobip) == [str(send.pk)] * 2
    assert state(send) == SendState.SENT


@each_channel
def test_duplicate_id_counts_as_sent(infobip, channel):
    send = promised(channel)
    infobip.answer(
        200, row(send, {"groupId": 5, "id": 23, "name": "REJECTED_DUPLICATE_MESSAGE_ID"})
    )

    drain()

    assert state(send) == SendState.SENT


def test_report_that_overtook_the_answer_stands(infobip, monkeypatch):
    send = promised()
    report = {"messageId": str(send.pk), "status": {"groupId": 3, "groupName": "DELIVERED"}}

    def report_and_answer(account, message):
        take_in(json.dumps(report).encode())
        return message.message_id

    monkeypatch.setattr(sms, "send", report_and_answer)
    drain()

    assert state(send) == SendState.DELIVERED
    assert entry().state == "done"


def test_settled_send_does_not_leave(infobip):
    send = promised()
    type(send).objects.update(state=SendState.SENT)

    drain()

    assert infobip.requests == []
    assert entry().state == "done"


def end(send):
    conversation = send.message.conversation
    type(conversation).objects.filter(pk=conversation.pk).update(
        state="ended", end_reason="resolved"
    )


def opt_out(send):
    type(send.address).objects.update(opted_out_at=timezone.now())


@pytest.mark.parametrize(
    ("happened", "code"),
    [
        (end, "conversation-ended"),
        (opt_out, "opted-out"),
        (lambda send: Sender.objects.update(enabled=False), "sender-off"),
        (lambda send: ProviderAccount.objects.update(api_key=""), "no-account"),
        (
            lambda send: ProviderAccount.objects.update(base_url="https://evil.example"),
            "no-account",
        ),
    ],
)
def test_what_happened_since_the_promise_stops_it_visibly(infobip, happened, code):
    send = promised()
    happened(send)

    drain()

    assert infobip.requests == []
    assert (state(send), send.failure) == (SendState.FAILED, code)
    assert entry().state == "done"


def test_after_a_day_it_gives_up_visibly(infobip):
    send = promised_yesterday()
    infobip.answer(429)

    drain()

    assert (state(send), send.failure) == (SendState.FAILED, "gave-up")
    assert send.error_permanent is False
    assert entry().state == "done"


def test_within_a_day_it_does_not_give_up(infobip):
    send = promised()
    OutboxEntry.objects.update(created_at=timezone.now() - timedelta(hours=23, minutes=59))
    infobip.answer(429)

    drain()

    assert state(send) == SendState.SENDING
    assert entry().state == "pending"


def test_what_was_meant_for_another_day_is_not_sent(infobip):
    send = promised_yesterday()

    drain()

    assert infobip.requests == []
    assert (state(send), send.failure) == (SendState.FAILED, "gave-up")
