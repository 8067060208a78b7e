"""Erasing a person: afterwards nothing in the site's tables or files says who it was."""

import json

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection

from channels.models import WayTest
from conversations import outbox
from conversations.contracts import Channel, Promise
from conversations.errors import NotFound
from conversations.models import (
    Address,
    AuditEvent,
    Conversation,
    Customer,
    InboxEntry,
    Message,
    NumberDeletion,
    OutboxEntry,
    PhoneNumber,
    Send,
)
from conversations.phone_numbers import display, mask
from conversations.services import delivery, erasure
from conversations.services.deletions import delete_number
from conversations.services.erasure import erase, is_being_erased
from conversations.services.inbound import receive_message
from tenants.context import current_schema
from tests.conversations.concurrency import together
from tests.conversations.consenting import NUMBER, make_senders, say
from tests.conversations.stored_files import store
from tests.factories import (
    ConversationFactory,
    InboundMessageFactory,
    MessageFactory,
    SenderFactory,
    SendFactory,
)
from tests.leaks import planted

pytestmark = pytest.mark.django_db
NAME, TEXT = "Zvonimir Šubić", "My secret is 4711 parsley"


@pytest.fixture
def person():
    make_senders()
    message = say(TEXT)
    conversation = message.conversation
    Conversation.objects.update(state="active", issue_id="9001", issue_key="SUP-101")
    Customer.objects.update(name=NAME, jira_account_id="qm:zvonimir")
    SendFactory(
        message__conversation=conversation,
        message__address=message.address,
        message__text=TEXT,
        error_text=f"Unknown {NUMBER}",
    )
    store(message=message, name=f"{NAME}.png")
    body = json.dumps({"from": NUMBER, "text": TEXT, "name": NAME}).encode()
    InboxEntry.objects.create(source="infobip", dedupe_key="1", body=body, state="done")
    event = json.dumps({"reporter": NAME}).encode()
    InboxEntry.objects.create(source="jira", dedupe_key="2", body=event, state="quarantined")
    InboxEntry.objects.create(source="jira", dedupe_key="3", body=b"other", state="done")
    with planted():
        OutboxEntry.objects.create(
            topic="x", group="x", subject="1", last_error=f"No {NUMBER}", state="dead"
        )
    WayTest.objects.create(sender=SenderFactory(), address=NUMBER, code="1")
    return conversation.customer


def work(customer):
    """Do what the outbox would do."""
    for topic, handler in settings.OUTBOX_HANDLERS.items():
        for entry in OutboxEntry.objects.filter(topic=topic, state="pending"):
            if topic in {"customer.erase", "numbers.forget"}:
                entry.delete()
                outbox.import_string(handler)(_promise(entry))


def _promise(entry):
    return Promise(
        topic=entry.topic, subject=entry.subject, attempt=1, promised_at=entry.created_at
    )


def erase_wholly(customer):
    erase(customer.pk, by="ana")
    work(customer)
    work(customer)


def found_in_tables(words):
    """Return in which tables of the site one of the words stands, as PostgreSQL shows a row."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [current_schema()])
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" AS t')  # noqa: S608
            rows = "\n".join(row for (row,) in cursor.fetchall())
            found += [
                (table, word)
                for word in words
                if word in rows or word.encode().hex() in rows or json.dumps(word)[1:-1] in rows
            ]
    return found


@pytest.mark.django_db(transaction=True)
def test_person_is_in_no_table_and_in_no_file(person):
    stored = [attachment.file.name for attachment in person_files()]
    assert len(found_in_tables([NUMBER, NAME, "parsley"])) > 8

    erase_wholly(person)

    assert found_in_tables([NUMBER, display(NUMBER), NAME, "parsley", "qm:zvonimir"]) == []
    assert [name for name in stored if default_storage.exists(name)] == []


def person_files():
    return [each for message in Message.objects.all() for each in message.attachments.all()]


def test_counts_requests_and_what_was_recorded_stay(person):
    recorded = set(AuditEvent.objects.values_list("pk", flat=True))

    erase_wholly(person)

    assert Message.objects.count() == 2
    assert Conversation.objects.get().issue_key == "SUP-101"
    assert recorded < set(AuditEvent.objects.values_list("pk", flat=True))


def test_raw_items_of_others_stay(person):
    erase_wholly(person)

    bodies = InboxEntry.objects.order_by("dedupe_key").values_list("body", "state")
    assert [(bytes(body), state) for body, state in bodies] == [
        (b"", "done"),
        (b"", "dismissed"),
        (b"other", "done"),
    ]


def test_raw_item_that_is_not_read_yet_stays(person):
    InboxEntry.objects.filter(dedupe_key="1").update(state="new")

    erase_wholly(person)

    assert NUMBER.encode() in bytes(InboxEntry.objects.get(dedupe_key="1").body)


def test_proof_of_each_channel_stays(person):
    delete_number(PhoneNumber.objects.get().pk, reason="asked", note="Zvonimir asked", by="vera")

    erase_wholly(person)

    proofs = NumberDeletion.objects.in_force().order_by("channel")
    assert list(proofs.values_list("channel", "reason", "note")) == [
        ("sms", "asked", ""),
        ("whatsapp", "asked", ""),
    ]
    assert {proof.number_hash for proof in proofs} == {PhoneNumber.objects.get().erased_hash}


def test_conversations_end_and_what_waits_does_not_leave(person):
    ConversationFactory(customer=person, state="paused")
    send = Send.objects.get()

    erase(person.pk, by="ana")

    ends = set(Conversation.objects.values_list("state", "end_reason"))
    assert ends == {("ended", "opted out")}
    send.refresh_from_db()
    assert (send.state, send.failure) == ("failed", "opted-out")
    assert delivery.begin(send.pk) is None


def test_what_may_have_left_is_not_sent_again(person):
    Send.objects.update(state="sending")

    erase(person.pk, by="ana")

    assert Send.objects.get().state == "unconfirmed"
    assert delivery.begin(Send.objects.get().pk, may_have_left=True) is None


def test_property_of_the_request_is_renewed_without_the_number(person):
    OutboxEntry.objects.all().delete()

    erase(person.pk, by="ana")

    topics = set(OutboxEntry.objects.filter(state="pending").values_list("topic", flat=True))
    assert "request.annotate" in topics
    assert Customer.objects.get().erased_at is not None


def test_request_that_was_to_be_opened_is_not(person):
    erase(person.pk, by="ana")

    assert OutboxEntry.objects.get(topic="request.open").state == "dismissed"


def test_number_leads_to_nobody_at_once(person):
    erase(person.pk, by="ana")

    message = receive_message(InboundMessageFactory(provider_id="later"))

    assert message.conversation.customer != person
    assert message.address.opted_out_by == "admin"


def test_start_after_the_erasure_opens_the_channel(person):
    erase_wholly(person)

    say("START", minute=10**6, provider_id="later")

    address = Address.objects.get(value=NUMBER)
    assert address.opted_out_at is None
    assert NumberDeletion.objects.in_force().get().channel == Channel.WHATSAPP


def test_erased_number_is_shown_as_such(person):
    erase_wholly(person)

    value = Address.objects.get().value
    assert display(value) == mask(value) == "Erased number"


def test_page_says_that_it_is_going_on(person):
    erase(person.pk, by="ana")
    person.refresh_from_db()
    assert is_being_erased(person)

    OutboxEntry.objects.filter(topic="customer.erase").update(state="done")

    assert not is_being_erased(person)


def test_work_that_was_cut_is_taken_up_again(person, monkeypatch):
    MessageFactory.create_batch(3, conversation=Conversation.objects.get())
    erase(person.pk, by="ana")
    monkeypatch.setattr(erasure, "WORKS_FOR", -1)

    work(person)

    assert OutboxEntry.objects.filter(topic="customer.erase", state="pending").exists()
    monkeypatch.undo()
    work(person)
    assert not Message.objects.exclude(text="").exists()
    assert Customer.objects.get(pk=person.pk).name == ""


def test_person_is_erased_once(person):
    assert erase(person.pk, by="ana") is True
    assert erase(person.pk, by="ana") is False

    assert NumberDeletion.objects.count() == 2


def test_nobody_cannot_be_erased(inside_acme):
    with pytest.raises(NotFound):
        erase(4711, by="ana")


@pytest.mark.django_db(transaction=True)
def test_message_that_comes_meanwhile_is_kept(person):
    def write():
        receive_message(InboundMessageFactory(provider_id="meanwhile", text="Hello again"))

    together(lambda: erase(person.pk, by="ana"), write)

    message = Message.objects.get(provider_id="meanwhile")
    erased = message.conversation.customer == person
    assert message.conversation.state == ("ended" if erased else "opening")
    assert not Address.objects.filter(opted_out_at=None).exists()
