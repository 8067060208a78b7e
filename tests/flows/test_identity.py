"""A customer has another phone: nothing reaches them until an admin has confirmed the person."""

import pytest
import requests

from conversations.models import Address, Message, Sender
from conversations.services.identity import ask_to_confirm, standings
from tests.flows.conftest import KEY, SENDERS

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER = "385991903327"


@pytest.fixture
def changed(world):
    """The customer wrote, then took another phone."""
    world.customer_writes("whatsapp", "Hello")
    kept = world.arrivals.kept
    world._post(f"{world.infobip}/_sandbox/identity", {"customer": NUMBER})
    world.arrivals.wait_for(kept + 1)
    world.work()
    return world


def answer(world, text):
    conversation = Message.objects.latest("pk").conversation
    kept = world.arrivals.kept
    panel = world.open_panel(conversation.issue_key)
    panel.send(text, address=Address.objects.get(), sender=Sender.objects.get(channel="whatsapp"))
    world.work()
    world.wait_for_reports(kept + 1)
    (send,) = Message.objects.latest("pk").sends.all()
    return send


def acknowledged(world):
    path = f"/whatsapp/1/{SENDERS['whatsapp']}/contacts/{NUMBER}/identity"
    headers = {"Authorization": f"App {KEY}"}
    return requests.get(world.infobip + path, headers=headers, timeout=10).json()["acknowledged"]


def test_customer_is_reached_again_once_an_admin_has_confirmed(changed):
    assert answer(changed, "Is it still you?").failure == "identity-changed"
    (doubt,) = standings(Address.objects.get().phone_number.customer)
    assert (doubt.in_doubt, acknowledged(changed)) == (True, False)

    ask_to_confirm(doubt.address)
    changed.work()

    assert acknowledged(changed) is True
    assert answer(changed, "Good to hear").failure == ""
