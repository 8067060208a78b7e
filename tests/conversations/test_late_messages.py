"""Messages that came after their request had been resolved, before we heard of it: they move on."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from conversations import nudges, outbox
from conversations.models import Attachment, AuditEvent, Conversation, Message, OutboxEntry
from conversations.services import lifecycle
from conversations.services.files import promise_attachment
from tests.conversations.concurrency import together
from tests.factories import AddressFactory, ConversationFactory, MessageFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def old(inside_acme):
    return ConversationFactory(issue_id="10101", issue_key="SUP-101")


@pytest.fixture
def address(old):
    return AddressFactory(phone_number__customer=old.customer)


@pytest.fixture
def written(old, address):
    """Something written so many seconds after noon."""

    def write(seconds, **changes):
        at = NOON + timedelta(seconds=seconds)
        return MessageFactory(
            **({"conversation": old, "address": address, "occurred_at": at} | changes)
        )

    return write


def resolve(**more):
    lifecycle.take_status("10101", status="Resolved", resolved=True, at=NOON, **more)


def place_of(message):
    message.refresh_from_db()
    return message.conversation_id


def test_later_messages_open_a_new_request(old, written):
    before, same_moment, later, last = (written(seconds) for seconds in (-1, 0, 1, 90))

    resolve()

    (new,) = Conversation.objects.exclude(pk=old.pk)
    assert (new.state, new.channel, new.last_message_at) == ("opening", "sms", last.occurred_at)
    assert [place_of(each) for each in (before, same_moment)] == [old.pk, old.pk]
    assert [place_of(each) for each in (later, last)] == [new.pk, new.pk]
    opening = OutboxEntry.objects.get(topic="request.open")
    assert (opening.group, opening.subject) == (f"request:{new.pk}", str(new.pk))


def test_move_is_recorded_by_ids(old, written):
    later = written(1)

    resolve()

    event = AuditEvent.objects.get(action="message.moved")
    old.refresh_from_db()
    assert (event.subject_id, event.issue_key) == (str(old.pk), "SUP-101")
    assert event.detail == {
        "to": place_of(later),
        "messages": [later.pk],
        "version": old.version,
    }


def test_later_messages_go_to_the_active_conversation_if_there_is_one(old, written):
    later = written(1)
    Conversation.objects.filter(pk=old.pk).update(state="paused")
    active = ConversationFactory(customer=old.customer, channels=["whatsapp"])

    resolve()

    active.refresh_from_db()
    assert (place_of(later), active.channels) == (active.pk, ["whatsapp", "sms"])
    assert not OutboxEntry.objects.filter(topic="request.open").exists()


def test_answers_of_agents_stay(old, written):
    answer = written(5, direction=Message.Direction.OUT)

    resolve()

    assert place_of(answer) == old.pk
    assert Conversation.objects.count() == 1


def test_time_of_the_resolve_counts_when_it_is_known(old, written):
    later = written(-30)

    resolve(resolved_at=NOON - timedelta(minutes=1))

    assert place_of(later) != old.pk


def test_messages_later_than_a_deletion_move_too(old, written):
    later = written(1)

    lifecycle.take_deletion("10101", at=NOON)

    assert place_of(later) != old.pk


@pytest.mark.parametrize(("first_try", "promises"), [("done", 2), ("pending", 1)])
def test_file_of_a_later_message_goes_to_the_new_request(old, written, first_try, promises):
    later = written(1)
    stored = Attachment.objects.create(message=later, state="stored")
    promise_attachment(stored)
    OutboxEntry.objects.update(state=first_try)

    resolve()

    entries = OutboxEntry.objects.filter(topic="request.attach").order_by("pk")
    assert entries.count() == promises
    if promises > 1:
        assert entries[1].group == f"request:{place_of(later)}"


@pytest.mark.django_db(transaction=True)
def test_first_try_of_a_file_waits_for_the_move(old, written, settings):
    settings.OUTBOX_HANDLERS = dict.fromkeys(settings.OUTBOX_HANDLERS, "builtins.id")
    promise_attachment(Attachment.objects.create(message=written(1), state="stored"))

    with transaction.atomic():
        resolve()
        (tried,) = together(outbox.drain)

    assert tried == 0
    assert OutboxEntry.objects.filter(topic="request.attach", state="pending").count() == 1


def test_news_told_twice_moves_once(old, written):
    written(1)

    resolve()
    resolve()

    assert Conversation.objects.count() == 2
    assert AuditEvent.objects.filter(action="message.moved").count() == 1


def test_reopened_request_waits_while_the_new_one_is_active(old, written):
    written(1)
    resolve()

    lifecycle.take_status(
        "10101", status="In progress", resolved=False, at=NOON + timedelta(minutes=5)
    )

    old.refresh_from_db()
    assert old.state == "paused"


def test_both_panels_are_rung(old, written, monkeypatch, django_capture_on_commit_callbacks):
    later = written(1)
    rung = {}
    monkeypatch.setattr(
        nudges._bells, "add", lambda subject, number: rung.update({subject: number})
    )

    with django_capture_on_commit_callbacks(execute=True):
        resolve()

    new = Conversation.objects.get(pk=place_of(later))
    old.refresh_from_db()
    assert rung == {("site_acme", old.pk, ""): old.version, ("site_acme", new.pk, ""): new.version}
