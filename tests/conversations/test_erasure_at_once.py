"""Erasing a person while reports come in, files are shared, and the same number writes again."""

from datetime import timedelta
from threading import Event

import pytest
from django.core.files.storage import default_storage

from conversations.contracts import Channel
from conversations.models import (
    Attachment,
    Customer,
    InboxEntry,
    NumberDeletion,
    OutboxEntry,
    PhoneNumber,
)
from conversations.services import delivery, erasure
from conversations.services.erasure import erase, is_being_erased
from tests.conversations.concurrency import somebody_waits, together
from tests.conversations.consenting import NUMBER, make_senders, say
from tests.conversations.stored_files import picture, store
from tests.conversations.test_erasure import erase_wholly
from tests.factories import (
    AddressFactory,
    ConversationFactory,
    DeliveryReportFactory,
    MessageFactory,
    SendFactory,
)

pytestmark = pytest.mark.django_db
PATIENCE_SECONDS = 10


@pytest.fixture
def person():
    make_senders()
    return say("Hello").conversation.customer


def sends_of(customer, count):
    address = AddressFactory(phone_number__customer=customer)
    message = MessageFactory(
        conversation=customer.conversations.get(), direction="out", address=address
    )
    return [SendFactory(message=message, number=number) for number in range(1, count + 1)]


@pytest.mark.django_db(transaction=True)
def test_report_and_erasure_wait_for_each_other_but_not_both(person, monkeypatch):
    sends = sends_of(person, 2)
    withdraw, first_is_withdrawn = delivery.withdraw, Event()

    def withdraw_slowly(send_id, **given):
        withdrawn = withdraw(send_id, **given)
        first_is_withdrawn.set()
        while not (somebody_waits() or reported.is_set()):
            pass
        return withdrawn

    reported = Event()

    def report(send):
        first_is_withdrawn.wait(PATIENCE_SECONDS)
        moved = delivery.take_report(DeliveryReportFactory(reference=str(send.pk), state="sent"))
        reported.set()
        return moved

    monkeypatch.setattr(delivery, "withdraw", withdraw_slowly)
    last = max(sends, key=lambda send: send.pk)

    assert together(lambda: erase(person.pk, by="ana"), lambda: report(last)) == [True, False]


@pytest.mark.django_db(transaction=True)
def test_two_who_share_files_are_erased_at_once(person):
    other = ConversationFactory().customer
    conversations = [each.conversations.get() for each in (person, other)]
    shared = [picture(size=(10 + each, 10)) for each in range(12)]
    ours, theirs = (MessageFactory(conversation=each) for each in conversations)
    for content in shared:
        store(content, message=ours)
    for content in reversed(shared):
        store(content, message=theirs)
    names = [attachment.file.name for attachment in Attachment.objects.all()]

    together(*(lambda each=each: erase_wholly(each) for each in (person, other)))

    assert not Attachment.objects.exists()
    assert [name for name in names if default_storage.exists(name)] == []


def test_number_that_comes_back_is_erased_again_before_the_first_is_done(person):
    erase(person.pk, by="ana")
    again = say("I am back", minute=1, provider_id="back").conversation.customer

    erase(again.pk, by="ana")
    for customer in (person, again):
        erase_wholly(customer)

    hashes = {number.erased_hash for number in PhoneNumber.objects.all()}
    assert hashes == {NumberDeletion.objects.get(channel=Channel.SMS).number_hash}
    assert not InboxEntry.objects.filter(body__contains=NUMBER.encode()).exists()


def test_item_that_came_before_is_waited_for_and_emptied_when_it_is_read(person):
    item = InboxEntry.objects.create(source="x", dedupe_key="1", body=NUMBER.encode())
    erase_wholly(person)
    assert is_being_erased(Customer.objects.get(pk=person.pk))

    InboxEntry.objects.update(state="done")
    erase_wholly(person)

    item.refresh_from_db()
    assert bytes(item.body) == b""
    assert not OutboxEntry.objects.filter(topic="customer.erase").exists()


def test_item_that_nobody_reads_does_not_hold_an_erasure_up(person, monkeypatch):
    InboxEntry.objects.create(source="x", dedupe_key="1", body=NUMBER.encode())
    monkeypatch.setattr(erasure, "READ_WITHIN", timedelta(0))

    erase_wholly(person)

    assert not OutboxEntry.objects.filter(topic="customer.erase").exists()


@pytest.mark.parametrize(
    ("name", "body", "left"),
    [
        ("Ana", b'{"name":"Ana"}', b""),
        ("Ana", b'{"text":"Banana"}', b'{"text":"Banana"}'),
        ("Ana Kova\u010d", b'{"text":"Ask Ana Kova\\u010d"}', b""),
        ("Ana Kova\u010d", '{"text":"Ask Ana Kova\u010d"}'.encode(), b""),
    ],
)
def test_name_that_is_a_part_of_what_others_write_empties_nothing(person, name, body, left):
    Customer.objects.update(name=name)
    InboxEntry.objects.create(source="x", dedupe_key="1", body=body, state="quarantined")

    erase_wholly(person)

    assert bytes(InboxEntry.objects.get(dedupe_key="1").body) == left


@pytest.mark.parametrize(("sender", "body"), [("12345", b'"id":"9123456"'), ("INFO", b'"INFO 2"')])
def test_short_code_that_is_a_part_of_other_items_empties_nothing(person, sender, body):
    code = say("Your code", address=sender, provider_id="code").conversation.customer
    InboxEntry.objects.create(source="x", dedupe_key="1", body=body, state="quarantined")

    erase_wholly(code)

    assert bytes(InboxEntry.objects.get(dedupe_key="1").body) == body
