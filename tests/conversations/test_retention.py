"""Retention: what is old goes in whole pieces, what is left is proved as before."""

from datetime import timedelta
from threading import Event as Signal

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from conversations import audit, audit_chain
from conversations.contracts import Channel
from conversations.models import (
    AuditEvent,
    AuditRemoval,
    AuditSeal,
    Conversation,
    InboxEntry,
    Message,
    OutboxEntry,
    RetentionSettings,
)
from conversations.services import retention
from conversations.tasks import keep_records
from tenants.context import tenant_context
from tests.conversations.concurrency import together
from tests.factories import ConversationFactory, MessageFactory

pytestmark = pytest.mark.django_db(transaction=True)


def record(count=1):
    for number in range(count):
        audit.record("test.done", actor_kind=audit.Actor.SYSTEM, number=number)


def sealed(*counts, age=0):
    with time_machine.travel(timezone.now() - timedelta(days=age)):
        for count in counts:
            record(count)
            audit.seal()


def rewrite(statement):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL omnichat.retention = 'on'")
        cursor.execute(statement)


def keep(**periods):
    return RetentionSettings.objects.create(**periods)


def test_old_events_go_in_whole_seals_and_the_rest_is_proved():
    keep(audit_days=100)
    sealed(2, 3, age=101)
    sealed(4, age=99)

    retention.visit()

    removal = AuditRemoval.objects.get()
    assert removal.events == 5
    assert AuditSeal.objects.get().events == 4
    assert AuditEvent.objects.filter(action="test.done").count() == 4
    assert audit_chain.first_break() is None


def test_removal_is_recorded_as_an_event_and_sealed():
    keep(audit_days=100)
    sealed(2, age=101)

    retention.visit()
    audit.seal()

    event = AuditEvent.objects.get(action="audit.removed")
    assert event.detail["events"] == 2
    assert audit_chain.first_break() is None


def test_chain_goes_on_when_everything_was_removed():
    keep(audit_days=100)
    sealed(2, age=101)
    retention.visit()
    rewrite("DELETE FROM conversations_auditevent")

    assert AuditSeal.objects.exists() is False
    assert audit_chain.first_break() is None
    sealed(1)
    assert audit_chain.first_break() is None


def test_second_removal_counts_the_first_one_too(monkeypatch):
    monkeypatch.setattr(retention, "EVENTS_AT_ONCE", 1)
    keep(audit_days=100)
    sealed(2, 3, age=101)

    retention.visit()

    assert list(AuditRemoval.objects.order_by("pk").values_list("events", flat=True)) == [2, 5]
    assert audit_chain.first_break() is None


def test_nothing_is_removed_that_was_changed_before():
    keep(audit_days=100)
    sealed(2, age=99)

    rewrite("UPDATE conversations_auditevent SET occurred_at = now() - interval '101 days'")
    rewrite("UPDATE conversations_auditseal SET sealed_at = now() - interval '101 days'")
    retention.visit()

    assert AuditEvent.objects.count() == 2
    assert audit_chain.first_break().seal == 1


def test_seal_made_to_look_old_is_not_removed():
    keep(audit_days=100)
    sealed(2, age=99)

    rewrite("UPDATE conversations_auditseal SET sealed_at = now() - interval '101 days'")
    retention.visit()

    assert AuditEvent.objects.count() == 2


def test_young_events_stay():
    keep(audit_days=100)
    sealed(2, age=99)

    retention.visit()

    assert AuditRemoval.objects.exists() is False
    assert AuditEvent.objects.count() == 2


ADD_BEFORE = """
INSERT INTO conversations_auditevent (occurred_at, transaction_id, actor_kind, actor, action,
    subject_type, subject_id, issue_key, channel, address_hash, result, detail)
VALUES (now(), 1, 'system', '', 'x', '', '', '', '', '', '', '{}')
"""


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE conversations_auditevent SET actor = 'x' WHERE action = 'test.done'",
        "DELETE FROM conversations_auditevent WHERE action = 'test.done'",
        "UPDATE conversations_auditremoval SET events = 1",
        "UPDATE conversations_auditremoval SET last_mac = 'x'",
        "DELETE FROM conversations_auditremoval",
        ADD_BEFORE,
        "DELETE FROM conversations_auditseal WHERE events = 3",
    ],
    ids=["changed", "deleted", "count", "anchor", "removal gone", "added before", "seal gone"],
)
def test_change_after_a_removal_shows(statement):
    keep(audit_days=100)
    sealed(2, age=101)
    sealed(3, 1)
    retention.visit()

    rewrite(statement)

    assert audit_chain.first_break() is not None


def test_removal_of_their_own_is_not_passed_off_as_retentions():
    sealed(2, 3)
    first = AuditSeal.objects.order_by("pk").first()

    rewrite("DELETE FROM conversations_auditevent WHERE id <= 2")
    rewrite("DELETE FROM conversations_auditseal WHERE id = 1")
    AuditRemoval.objects.create(
        until_transaction=first.until_transaction,
        last_mac=first.mac,
        events=2,
        oldest_at=first.sealed_at,
        newest_at=first.sealed_at,
        key_id=first.key_id,
        mac=first.mac,
    )

    assert audit_chain.first_break() is not None


def test_check_begun_before_a_removal_goes_on_behind_it():
    keep(audit_days=100)
    sealed(2, 3, age=101)
    sealed(4)
    link = audit_chain.start()

    retention.visit()

    steps = [link]
    while isinstance(steps[-1], audit_chain.Link):
        steps.append(audit_chain.follow(steps[-1]))
    assert steps[-1] is None
    assert sum(step.events for step in steps[:-1]) == 4


def test_events_are_written_and_sealed_while_retention_removes():
    keep(audit_days=100)
    sealed(*[2] * 20, age=101)
    done = Signal()

    def write():
        try:
            for _ in range(40):
                record()
                audit.seal()
        finally:
            done.set()

    def remove():
        while not done.is_set():
            retention.visit()

    together(write, write, remove, remove)

    while audit.seal():
        pass
    assert audit_chain.first_break() is None
    assert AuditRemoval.objects.order_by("-pk").first().events == 40
    assert AuditEvent.objects.filter(action="test.done").count() == 80


def test_events_cannot_be_removed_after_a_visit():
    keep(audit_days=100)
    sealed(2, age=101)
    record()

    with transaction.atomic():
        retention.visit()
        with connection.cursor() as cursor:
            cursor.execute("SHOW omnichat.retention")
            assert cursor.fetchone() == ("off",)


def test_what_came_in_goes_when_it_is_understood_and_old():
    keep(raw_days=30)
    old, young = (timezone.now() - timedelta(days=days) for days in (31, 29))
    for state in InboxEntry.State:
        inbox(f"old-{state}", state=state, received_at=old)
    inbox("young", state="done", received_at=young)

    retention.visit()

    kept = set(InboxEntry.objects.values_list("dedupe_key", flat=True))
    assert kept == {"old-new", "old-quarantined", "young"}
    assert AuditEvent.objects.get(action="raw.removed").detail == {"inbox": 2, "outbox": 0}


def test_settled_promises_go_and_waiting_ones_stay():
    keep(raw_days=30)
    old = timezone.now() - timedelta(days=31)
    for state in OutboxEntry.State:
        outbox(state, state=state, created_at=old, settled_at=old if state != "pending" else None)
    outbox("settled late", state="done", created_at=old, settled_at=timezone.now())

    retention.visit()

    kept = set(OutboxEntry.objects.values_list("subject", flat=True))
    assert kept == {"pending", "dead", "settled late"}


def test_old_rows_go_in_pieces(monkeypatch):
    monkeypatch.setattr(retention, "ROWS_AT_ONCE", 2)
    keep(raw_days=30)
    old = timezone.now() - timedelta(days=31)
    for number in range(7):
        state = "quarantined" if number == 3 else "done"
        inbox(str(number), state=state, received_at=old)

    retention.visit()

    assert [entry.dedupe_key for entry in InboxEntry.objects.all()] == ["3"]


def test_visit_that_has_no_time_does_one_piece(monkeypatch):
    monkeypatch.setattr(retention, "EVENTS_AT_ONCE", 1)
    keep(audit_days=100)
    sealed(1, 1, age=101)

    retention.visit(seconds=0)

    assert AuditRemoval.objects.get().events == 1


def test_texts_of_old_ended_conversations_go_once():
    keep(conversation_days=10)
    ended = conversation(days=11)
    message = MessageFactory(conversation=ended, text="Where is my parcel?")

    retention.visit()
    retention.visit()

    assert Message.objects.get(pk=message.pk).text == ""
    assert AuditEvent.objects.filter(action="conversation.emptied").count() == 1


@pytest.mark.parametrize(
    ("days", "kept_days", "state"), [(9, 10, "ended"), (11, None, "ended"), (11, 10, "paused")]
)
def test_texts_of_other_conversations_stay(days, kept_days, state):
    keep(conversation_days=kept_days)
    message = MessageFactory(conversation=conversation(days=days, state=state), text="Hello")

    retention.visit()

    assert Message.objects.get(pk=message.pk).text == "Hello"


def test_preview_counts_what_would_go_and_removes_nothing():
    periods = RetentionSettings(audit_days=100, raw_days=30, conversation_days=10)
    sealed(2, age=101)
    inbox("old", state="done", received_at=timezone.now() - timedelta(days=31))
    conversation(days=11)

    assert retention.due(periods) == retention.Due(events=2, conversations=1, inbox=1, outbox=0)
    assert AuditEvent.objects.count() == 2


def test_failing_site_stops_no_other(globex, monkeypatch):
    with tenant_context(globex):
        keep(audit_days=100)
        sealed(2, age=101)
    visit = retention.visit

    def fail_at_acme():
        if connection.schema_name == "site_acme":
            raise RuntimeError
        visit()

    monkeypatch.setattr(retention, "visit", fail_at_acme)

    assert keep_records() == 1
    with tenant_context(globex):
        assert AuditRemoval.objects.count() == 1


def inbox(key, **fields):
    return InboxEntry.objects.create(source="infobip", dedupe_key=key, body=b"{}", **fields)


def outbox(subject, **fields):
    return OutboxEntry.objects.create(topic="test", group="test", subject=subject, **fields)


def conversation(*, days, state=Conversation.State.ENDED):
    return ConversationFactory(
        channel=Channel.SMS, state=state, state_changed_at=timezone.now() - timedelta(days=days)
    )
