"""Opting out and in again by the customer's own words."""

from itertools import permutations
from zoneinfo import ZoneInfo

import pytest

from conversations import nudges, thread
from conversations.contracts import FailureKind, SendState
from conversations.models import Address, AuditEvent, Conversation, SendingSettings
from conversations.services import delivery
from conversations.services.inbound import receive_message
from tests.conversations.consenting import NOON, NUMBER, make_senders, say, whatsapp
from tests.factories import AddressFactory, InboundMessageFactory, SendFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _senders(inside_acme, request):
    make_senders()


def opted_out(**where):
    return Address.objects.get(**where).opted_out_at is not None


def rows(conversation):
    found = thread.newest(conversation, zone=ZoneInfo("UTC")).rows
    return [row.text for row in found if row.kind == "event"]


@pytest.mark.parametrize(
    "text",
    [
        *("STOP", "stop", "Stop.", " stop ", "STOP!", "\tstop\n", "“Stop”", "StOp…", "*STOP*"),
        *("STOPALL", "Unsubscribe", "CANCEL", "end", "Quit", "REVOKE", "optout", "stop\u200b"),
    ],
)
def test_word_alone_opts_out(text):
    message = say(text)

    address = Address.objects.get()
    assert (address.opted_out_at, address.opted_out_by) == (NOON, "customer")
    assert (message.text, message.conversation.state) == (text, "opening")


@pytest.mark.parametrize(
    "text",
    [
        *("please stop calling", "stop it", "Don't stop", "STOP calling", "end of story", "no"),
        *("", "...", "stopp", "s t o p", "stop 🛑", "stop " * 100),
    ],
)
def test_word_among_others_does_not(text):
    say(text)

    assert opted_out() is False


@pytest.mark.parametrize("text", ["START", "start.", " Unstop ", "UNSTOP!"])
def test_word_opts_in_again(text):
    say("STOP")

    say(text, minute=1)

    address = Address.objects.get()
    assert (address.opted_out_at, address.opted_out_by) == (None, "")


@pytest.mark.parametrize(
    ("text", "out"),
    [("Odjava", True), ("BEZ  poruka!", True), ("odjava molim", False), ("prijava", False)],
)
def test_words_of_the_site(text, out):
    SendingSettings.objects.create(opt_out_words=["odjava", "Bez poruka"], opt_in_words=["Prijava"])

    say(text)

    assert opted_out() is out


def test_word_of_the_site_opts_in_again():
    SendingSettings.objects.create(opt_in_words=["Prijava"])
    say("STOP")

    say("prijava", minute=1)

    assert opted_out() is False


def test_site_cannot_turn_stop_round():
    SendingSettings.objects.create(opt_in_words=["stop"])

    say("STOP")

    assert opted_out() is True


@pytest.mark.parametrize(("kind", "out"), [("button", True), ("list", False), ("image", False)])
def test_button_with_such_a_title_counts(kind, out):
    whatsapp("Stop", kind=kind)

    assert opted_out() is out


def test_channel_on_which_nothing_was_said_stays():
    whatsapp("Hello")

    say("STOP")

    assert opted_out(channel="sms") is True
    assert opted_out(channel="whatsapp") is False


WORDS = [("STOP", 0), ("START", 1), ("STOP", 2), ("START", 3)]


@pytest.mark.parametrize("order", list(permutations(WORDS)))
@pytest.mark.parametrize("last", ["STOP", "START"])
def test_newest_word_counts_in_every_order(order, last):
    for text, minute in order:
        say(text, minute=minute)
    for text, minute in ((last, 5), ("STOP" if last == "START" else "START", 4)):
        say(text, minute=minute)

    assert opted_out() is (last == "STOP")


@pytest.mark.parametrize("order", [("STOP", "START"), ("START", "STOP")])
def test_of_two_words_at_the_same_moment_no_counts(order):
    for text in order:
        say(text)

    assert opted_out() is True


def test_variants_of_a_number_are_opted_out_together():
    say("Hello", address="5215512345678")

    say("STOP", address="525512345678", minute=1)

    assert set(Address.objects.values_list("opted_out_by", flat=True)) == {"customer"}


def test_variant_that_appears_later_is_opted_out():
    say("STOP", address="5215512345678")

    say("Hello", address="525512345678", minute=1)

    assert opted_out(value="525512345678") is True


def test_number_that_appears_later_is_opted_out_as_its_user_was():
    whatsapp("STOP", address="HR.482913", user_id="HR.482913")

    whatsapp("Hello", address=NUMBER, user_id="HR.482913", minute=1)

    assert opted_out(value=NUMBER) is True


def test_user_and_number_of_one_customer_are_opted_out_together():
    whatsapp("Hello", address="HR.482913", user_id="HR.482913")

    whatsapp("STOP", address=NUMBER, user_id="HR.482913", minute=1)

    assert opted_out(value="HR.482913") is True


@pytest.mark.parametrize(("again", "out"), [(None, True), ("START", False)])
def test_word_of_a_user_holds_for_the_number_that_turns_out_to_be_theirs(again, out):
    whatsapp("Hello", address=NUMBER)
    whatsapp("STOP", address="HR.482913", user_id="HR.482913", minute=1)
    if again:
        whatsapp(again, address=NUMBER, minute=2)

    whatsapp("Hello", address=NUMBER, user_id="HR.482913", minute=3)

    said = Address.objects.values_list("opted_out_at", flat=True)
    assert [at is not None for at in said] == [out, out]


def test_another_number_of_the_customer_stays():
    first = say("Hello")
    other = AddressFactory(phone_number__customer=first.conversation.customer)

    say("STOP", minute=1)

    assert opted_out(pk=other.pk) is False


def test_thread_says_so_and_the_panel_is_rung(monkeypatch, django_capture_on_commit_callbacks):
    rung = []
    monkeypatch.setattr(nudges._bells, "add", lambda subject, version: rung.append(version))

    with django_capture_on_commit_callbacks(execute=True):
        message = say("STOP")
        say("START", minute=1)

    texts = rows(message.conversation)
    assert "Customer opted out of SMS" in texts
    assert "Customer opted in to SMS again" in texts
    assert rung == [1, 2, 3, 4]


def test_paused_request_says_so_too():
    paused = say("Hello").conversation
    Conversation.objects.filter(pk=paused.pk).update(state="paused")

    say("STOP", minute=1)

    assert "Customer opted out of SMS" in rows(paused)


def test_audit_says_who_and_where_without_the_number():
    say("STOP")

    event = AuditEvent.objects.get(action="customer.opted-out")
    assert (event.actor_kind, event.channel) == ("customer", "sms")
    assert len(event.address_hash) == 64
    assert NUMBER not in str(event.__dict__)


def test_word_said_again_is_no_news():
    say("STOP")
    say("STOP", minute=1)

    assert AuditEvent.objects.filter(action="customer.opted-out").count() == 1
    assert Address.objects.get().opted_out_at == NOON


def test_same_message_again_after_start_changes_nothing():
    stop = InboundMessageFactory(text="STOP", occurred_at=NOON)
    receive_message(stop)
    say("START", minute=1)

    receive_message(stop)

    assert opted_out() is False


def test_waiting_message_fails_as_opted_out():
    question = say("Hello")
    send = SendFactory(
        message__conversation=question.conversation, message__address=question.address
    )

    say("STOP", minute=1)

    assert delivery.begin(send.pk) is None
    send.refresh_from_db()
    assert (send.state, send.failure) == (SendState.FAILED, FailureKind.OPTED_OUT)
