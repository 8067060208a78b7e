"""Tests of which senders may send."""

import pytest

from conversations.models import Sender
from tests.factories import SenderFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("inside_acme")]


@pytest.mark.parametrize(
    ("channel", "state", "able"),
    [
        ("whatsapp", "", True),
        ("whatsapp", "connected", True),
        ("whatsapp", "rate-limited", True),
        ("whatsapp", "banned", False),
        ("whatsapp", Sender.NOT_IN_ACCOUNT, False),
        ("sms", Sender.NOT_IN_ACCOUNT, True),
    ],
)
def test_only_what_surely_cannot_send_is_left_out(channel, state, able):
    sender = SenderFactory(channel=channel, provider_state=state)

    assert list(Sender.objects.able()) == ([sender] if able else [])


def test_sender_that_is_switched_off_is_left_out():
    SenderFactory(enabled=False)

    assert not Sender.objects.able().exists()
