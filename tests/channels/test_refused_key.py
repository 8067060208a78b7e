"""A key that the provider refuses for sending shows in the console for as long as it lasts."""

from datetime import timedelta

import pytest
from django.utils import timezone

from channels import notices
from channels.models import ProviderAccount
from conversations.contracts import Channel
from tests.channels.delivering import SENDING, drain, promised, row, state

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("account")]

TITLES = {
    (401, Channel.SMS): "The provider refuses the key for SMS",
    (401, Channel.WHATSAPP): "The provider refuses the key for WhatsApp",
    (403, Channel.SMS): "The key may not send SMS",
    (403, Channel.WHATSAPP): "The key may not send WhatsApp",
}


def shown():
    return [notice.title for notice in notices.current() if "the key" in notice.title.lower()]


def refused(infobip, channel=Channel.SMS, status=401):
    send = promised(channel)
    infobip.answer(status, {"errorCode": f"E{status}"}, path=SENDING[channel])
    drain()
    return send


@pytest.mark.parametrize(("status", "channel"), TITLES)
def test_refusal_fails_the_message_and_shows(infobip, status, channel):
    send = refused(infobip, channel, status)

    assert state(send) == "failed"
    assert shown() == [TITLES[status, channel]]


def test_refusal_lasts_while_the_other_channel_sends(infobip):
    refused(infobip)
    infobip.answer(200, row(promised(Channel.WHATSAPP)))
    drain()

    assert shown() == ["The provider refuses the key for SMS"]


def test_refusal_is_over_when_a_message_leaves(infobip):
    refused(infobip)
    infobip.answer(200, row(promised()))
    drain()

    assert shown() == []


def test_refusal_is_over_with_another_key(infobip):
    refused(infobip)
    ProviderAccount.objects.update(key_set_at=timezone.now() + timedelta(seconds=1))

    assert shown() == []


def test_other_failures_do_not_speak_of_the_key(infobip):
    refused(infobip, status=400)

    assert shown() == []
