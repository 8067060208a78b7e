"""A key that the provider refuses for sending shows in the console for as long as it lasts."""

from datetime import timedelta

import pytest
from django.utils import timezone

from channels import notices, overview
from channels.models import ProviderAccount
from conversations.contracts import Channel
from conversations.moments import written
from tests.channels.delivering import SENDING, drain, promised, row, state

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("account")]

TITLES = {
    (401, Channel.SMS): "The provider refuses the key for SMS",
    (401, Channel.WHATSAPP): "The provider refuses the key for WhatsApp",
    (403, Channel.SMS): "The key may not send SMS",
    (403, Channel.WHATSAPP): "The key may not send WhatsApp",
}

NO_CREDIT = {"groupId": 5, "id": 12, "name": "REJECTED_NOT_ENOUGH_CREDITS"}


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


def test_refusals_are_told_from_the_first_of_them(infobip):
    first, last = refused(infobip), refused(infobip)
    long_ago = timezone.now() - timedelta(hours=2)
    type(first).objects.filter(pk=first.pk).update(created_at=long_ago)

    (notice,) = [each for each in notices.current() if each.title == TITLES[401, Channel.SMS]]

    assert state(last) == "failed"
    assert f"since {written(long_ago)}." in notice.text


def test_want_of_credit_is_told_until_something_leaves(infobip):
    infobip.answer(200, row(promised(), NO_CREDIT))
    drain()
    infobip.answer(200, row(promised(), NO_CREDIT))
    drain()
    infobip_says = "The provider account has no credit"
    assert infobip_says in [notice.title for notice in notices.current()]
    assert next(overview.health()).state == "bad"

    infobip.answer(200, row(promised()))
    drain()

    assert infobip_says not in [notice.title for notice in notices.current()]
    assert "credit" not in next(overview.health()).text
