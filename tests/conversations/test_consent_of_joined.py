"""Numbers and user ids that turn out to be one subscriber's, after one of them was deleted."""

import pytest

from conversations.contracts import Channel
from conversations.models import Address, NumberDeletion, PhoneNumber
from conversations.services.deletions import delete_number
from conversations.services.erasure import erase
from tests.conversations.consenting import NUMBER, make_senders, say, whatsapp

pytestmark = pytest.mark.django_db
USER = "HR.482913"
LATER = 10**6  # minutes: after what admins do in these tests


@pytest.fixture(autouse=True)
def _senders(inside_acme):
    make_senders()


def open_on_whatsapp():
    found = Address.objects.filter(channel=Channel.WHATSAPP, opted_out_at=None, answerable=True)
    return set(found.values_list("value", flat=True))


def test_user_id_of_a_number_that_was_erased_is_closed_with_it():
    erase(say("Hello").conversation.customer_id, by="ana")
    whatsapp("Hello", address=USER, user_id=USER, provider_id="later")
    assert open_on_whatsapp() == {USER}

    whatsapp("Hello", address=NUMBER, user_id=USER, provider_id="last", minute=1)

    assert open_on_whatsapp() == set()


def test_start_of_a_user_id_lifts_the_deletion_of_a_number_that_is_one_with_it():
    say("Hello")
    number = PhoneNumber.objects.get()
    delete_number(number.pk, reason="stop", by="ana")
    whatsapp("START", address=USER, user_id=USER, provider_id="later", minute=LATER)

    whatsapp("Hello", address=NUMBER, user_id=USER, provider_id="last", minute=LATER + 1)

    assert open_on_whatsapp() == {NUMBER, USER}
    assert NumberDeletion.objects.in_force().get().channel == Channel.SMS
    delete_number(number.pk, reason="stop", by="ana")  # it can be deleted again
