"""The audit log: append-only, sealed, and able to say where it was touched."""

import pytest
from django.db import DatabaseError, connection, transaction

from conversations import audit, audit_chain
from conversations.audit_chain import Break
from conversations.models import AuditSeal
from tenants.context import tenant_context
from tenants.models import AuditHead

pytestmark = pytest.mark.django_db(transaction=True)


def record(count=1):
    for number in range(count):
        audit.record("test.done", actor_kind=audit.Actor.SYSTEM, number=number)


def tamper(statement):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL omnichat.retention = 'on'")
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE conversations_auditevent SET action = 'x'",
        "DELETE FROM conversations_auditevent",
        "TRUNCATE conversations_auditevent",
        "UPDATE conversations_auditseal SET mac = 'x'",
        "DELETE FROM conversations_auditseal",
    ],
)
def test_database_refuses_to_change_what_was_recorded(statement):
    record()
    audit.seal()

    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_seals_form_a_chain():
    record(2)
    assert audit.seal() == 2
    record(1)
    assert audit.seal() == 1

    first, second = AuditSeal.objects.order_by("pk")
    assert second.previous_mac == first.mac
    assert audit_chain.first_break() is None


def test_nothing_new_is_not_sealed():
    record()
    audit.seal()

    assert audit.seal() == 0
    assert AuditSeal.objects.count() == 1


ADD_AN_EVENT = """
INSERT INTO conversations_auditevent (occurred_at, transaction_id, actor_kind, actor, action,
    subject_type, subject_id, issue_key, channel, address_hash, result, detail)
SELECT occurred_at, transaction_id, actor_kind, actor, 'made up', '', '', '', '', '', '', '{}'
FROM conversations_auditevent LIMIT 1
"""


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE conversations_auditevent SET actor = 'somebody else'",
        "UPDATE conversations_auditevent SET detail = '{\"number\": 7}'",
        "DELETE FROM conversations_auditevent WHERE detail ->> 'number' = '1'",
        ADD_AN_EVENT,
    ],
    ids=["changed", "detail changed", "deleted", "added"],
)
def test_change_in_the_database_itself_shows(statement):
    record(2)
    audit.seal()

    tamper(statement)

    assert audit_chain.first_break().seal == AuditSeal.objects.get().pk


def test_removed_seal_shows():
    for _ in range(2):
        record()
        audit.seal()

    tamper("DELETE FROM conversations_auditseal WHERE previous_mac = ''")

    assert audit_chain.first_break().seal == AuditSeal.objects.get().pk


def test_seals_removed_at_the_end_show():
    for _ in range(3):
        record()
        audit.seal()

    tamper("DELETE FROM conversations_auditseal WHERE id > 1")
    tamper("DELETE FROM conversations_auditevent WHERE id > 1")

    assert audit_chain.first_break().seal == 2


def test_next_seal_does_not_hide_what_is_missing_before_it():
    for _ in range(3):
        record()
        audit.seal()
    tamper("DELETE FROM conversations_auditseal WHERE id = 3")
    tamper("DELETE FROM conversations_auditevent WHERE id = 3")

    record()
    audit.seal()

    assert audit_chain.first_break().seal == 4


def test_forgotten_end_of_the_chain_shows_before_and_after_the_next_seal():
    record()
    audit.seal()
    AuditHead.objects.all().delete()

    assert audit_chain.first_break().seal == 1
    record()
    audit.seal()
    assert audit_chain.first_break().seal == 2


def test_seals_of_an_older_release_beside_this_one_are_gone_on_from():
    record()
    audit.seal()
    remembered = AuditHead.objects.get(schema_name="site_acme")
    for _ in range(2):
        record()
        audit.seal()
    remembered.save()  # the older release does not know of it

    record()
    audit.seal()

    assert AuditSeal.objects.count() == 4
    assert audit_chain.first_break() is None


def test_seal_of_an_older_release_is_remembered_when_nothing_is_left_to_seal():
    record()
    audit.seal()
    before = AuditHead.objects.get(schema_name="site_acme")
    record()
    audit.seal()
    newest = audit.head().until_transaction
    before.save()  # the older release does not know of it

    assert audit.seal() == 0
    assert audit.head().until_transaction == newest


def test_false_seal_at_the_end_shows_and_does_not_stop_sealing():
    record()
    audit.seal()
    tamper(
        "INSERT INTO conversations_auditseal (since_transaction, until_transaction, events, key_id,"
        " previous_mac, mac, sealed_at) SELECT until_transaction, until_transaction + 9, 1, key_id,"
        " mac, 'false', now() FROM conversations_auditseal"
    )
    record()

    assert audit.seal() == 1
    assert audit_chain.first_break().seal == AuditSeal.objects.get(mac="false").pk


def test_end_of_the_chain_cannot_be_set_back_without_the_key():
    record()
    audit.seal()
    first = AuditSeal.objects.get()
    record()
    audit.seal()
    tamper("DELETE FROM conversations_auditseal WHERE id = 2")
    tamper("DELETE FROM conversations_auditevent WHERE id = 2")

    AuditHead.objects.update(mac=first.mac, until_transaction=first.until_transaction)

    assert audit_chain.first_break() is not None


def test_changed_seal_shows():
    record()
    audit.seal()

    tamper("UPDATE conversations_auditseal SET events = 2")

    assert audit_chain.first_break().seal == 1


def test_break_names_the_time_between_two_seals():
    for _ in range(2):
        record()
        audit.seal()
    first, second = AuditSeal.objects.order_by("pk")

    tamper("UPDATE conversations_auditevent SET actor = 'x' WHERE id = 2")

    assert audit_chain.first_break() == Break(second.pk, first.sealed_at, second.sealed_at)


def test_what_piled_up_is_sealed_in_parts(monkeypatch):
    monkeypatch.setattr(audit, "MOST_SEALED", 3)
    monkeypatch.setattr(audit, "CHUNK", 2)
    record(8)

    assert [audit.seal() for _ in range(4)] == [3, 3, 2, 0]
    assert audit_chain.first_break() is None


def test_key_added_in_front_leaves_old_seals_valid(settings):
    record()
    audit.seal()
    settings.AUDIT_KEYS = ["new-key", *settings.AUDIT_KEYS]
    record()
    audit.seal()

    assert audit_chain.first_break() is None


def test_key_that_was_removed_breaks_the_chain(settings):
    settings.AUDIT_KEYS = ["new-key", *settings.AUDIT_KEYS]
    record()
    audit.seal()
    settings.AUDIT_KEYS = settings.AUDIT_KEYS[1:]

    assert audit_chain.first_break() is not None


def test_event_of_a_running_transaction_is_sealed_after_it_ends():
    """A late row must not slip into a sealed range, and nobody waits for the writer."""
    record()
    with connection.copy().cursor() as other:
        other.execute("BEGIN")
        other.execute("SELECT pg_current_xact_id()")
        record()

        assert audit.seal() == 1

        other.execute("COMMIT")
    assert audit.seal() == 1
    assert audit_chain.first_break() is None


def test_address_hash_differs_between_sites(globex):

    here = audit.hash_of("385991903327")

    with tenant_context(globex):
        assert audit.hash_of("385991903327") != here
