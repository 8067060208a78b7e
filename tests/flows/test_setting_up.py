"""An admin sets the account up: tested, subscribed with a secret, proved by a test message."""

import pytest
import requests

from channels import senders, subscriptions, way_test
from channels.models import ProviderAccount, WayTest, WebhookSecret
from conversations.models import Message, Sender
from tests.flows.conftest import SENDERS

pytestmark = pytest.mark.django_db(transaction=True)

CUSTOMER = "385991903327"


@pytest.fixture
def subscribed(world):
    steps = subscriptions.subscribe(ProviderAccount.objects.get())
    assert [(step.name, step.problem) for step in steps if step.problem] == []
    return world


def forge(world):
    item = {"messageId": "forged", "from": CUSTOMER, "to": SENDERS["sms"], "text": "Forged"}
    address = world.site.inbound_keys.get().webhook_url
    return requests.post(address, json={"results": [item]}, timeout=10).status_code


def test_key_is_tested_and_its_senders_are_found(world):
    result = senders.test_account(ProviderAccount.objects.get())

    assert (result["outcome"], result["lacking"]) == ("works", [])
    found = {(each["channel"], each["number"]) for each in result["senders"]}
    assert set(SENDERS.items()) <= found
    assert {sender.provider_state for sender in Sender.objects.all()} == {"connected"}


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_subscribed_messages_come_signed_and_forged_ones_do_not(subscribed, channel):
    subscribed.customer_writes(channel, "Hello")

    assert forge(subscribed) == 401
    subscribed.work()
    assert [message.text for message in Message.objects.all()] == ["Hello"]


def test_messages_arrive_while_the_secret_is_renewed(subscribed):
    subscriptions.subscribe(ProviderAccount.objects.get())

    subscribed.customer_writes("sms", "Hello")

    assert WebhookSecret.objects.valid().count() == 2
    assert Message.objects.count() == 1


def test_subscriptions_can_be_taken_back(subscribed):
    steps = subscriptions.unsubscribe(ProviderAccount.objects.get())

    assert [(step.name, step.problem) for step in steps if step.problem] == []
    assert WebhookSecret.objects.exists() is False
    assert forge(subscribed) == 200


def test_test_message_proves_the_way_there_and_back(subscribed):
    sender = Sender.objects.get(channel="sms")
    test = way_test.begin(ProviderAccount.objects.get(), sender, CUSTOMER, begun_by="ana")
    subscribed.wait_for_reports(kept=1)

    subscribed.customer_writes("sms", test.code)

    proved = WayTest.objects.get()
    assert (proved.refused, None in (proved.delivered_at, proved.answered_at)) == ("", False)
    assert (subscribed.requests(), Message.objects.count()) == ([], 0)
