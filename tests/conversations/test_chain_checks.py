"""Checks of the audit chain: in pieces by workers, shown on the page, warned of."""

import logging
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from conversations import audit, fair_share, outbox
from conversations.admin.notices import notices
from conversations.models import AuditEvent, AuditSeal, ChainCheck, OutboxEntry
from conversations.services import chain_checks
from conversations.tasks import keep_records
from logins.roles import Role
from tests.consoles import client_of, owners_client
from tests.figures import counted

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/conversations/auditevent/"
ADD = """
INSERT INTO conversations_auditevent (occurred_at, transaction_id, actor_kind, actor, action,
    subject_type, subject_id, issue_key, channel, address_hash, result, detail)
SELECT occurred_at, transaction_id, actor_kind, actor, 'made up', '', '', '', '', '', '', '{}'
FROM conversations_auditevent LIMIT 1
"""
CUT_OFF = """
DELETE FROM conversations_auditseal WHERE id = 3;
DELETE FROM conversations_auditevent WHERE id = 4;
"""


def sealed(*counts):
    for count in counts:
        for number in range(count):
            audit.record("test.done", actor_kind=audit.Actor.SYSTEM, number=number)
        audit.seal()


def tamper(statement):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL omnichat.retention = 'on'")
        cursor.execute(statement)


@pytest.fixture(autouse=True)
def _numbered_from_one():
    """Numbers that tests before have used and rolled back stay used."""
    tamper("TRUNCATE conversations_auditevent, conversations_auditseal RESTART IDENTITY")


def test_whole_chain_is_counted():
    sealed(2, 3)

    chain_checks.ask("ana")
    outbox.drain()

    check = ChainCheck.objects.get()
    assert (check.events, check.seals, check.broken_seal) == (5, 2, None)
    assert AuditEvent.objects.get(action="audit.checked").result == "whole"


def test_long_check_goes_on_in_pieces(monkeypatch):
    monkeypatch.setattr(chain_checks, "PIECE_SECONDS", 0)
    sealed(1, 1, 1, 1)

    chain_checks.ask()
    outbox.drain()

    check = ChainCheck.objects.get()
    assert (check.events, check.seals) == (4, 4)
    assert OutboxEntry.objects.filter(topic="audit.check", state="done").count() > 3


def test_piece_that_is_done_twice_counts_once(monkeypatch):
    monkeypatch.setattr(chain_checks, "PIECE_SECONDS", 0)
    sealed(1, 1, 1)
    chain_checks.ask()
    first = OutboxEntry.objects.get()
    with monkeypatch.context() as one_at_a_time:
        one_at_a_time.setattr(fair_share, "SLICE_SECONDS", 0.0)
        outbox.drain()

    OutboxEntry.objects.filter(pk=first.pk).update(state="pending", run_after=timezone.now())
    outbox.drain()

    assert ChainCheck.objects.get().events == 3


def test_second_question_finds_the_check_that_is_under_way():
    assert chain_checks.ask("ana") == chain_checks.ask("vera")


def test_chain_is_checked_once_a_day_by_itself():
    keep_records()
    keep_records()
    assert ChainCheck.objects.count() == 1

    ChainCheck.objects.update(
        begun_at=timezone.now() - timedelta(hours=25), ended_at=timezone.now()
    )
    keep_records()
    assert ChainCheck.objects.count() == 2


@pytest.mark.parametrize(
    ("statement", "seal"),
    [
        ("UPDATE conversations_auditevent SET actor = 'x' WHERE id = 1", 1),
        ("DELETE FROM conversations_auditevent WHERE id = 3", 2),
        (ADD, 1),
        ("UPDATE conversations_auditseal SET events = 9 WHERE id = 2", 2),
        ("DELETE FROM conversations_auditseal WHERE id = 2", 3),
        (CUT_OFF, 3),
    ],
    ids=["changed", "removed", "added", "seal changed", "seal removed", "cut off at the end"],
)
def test_change_in_the_database_is_shown_on_the_page(statement, seal, caplog):
    sealed(2, 1, 1)
    before = counted("omnichat_audit_chains_broken_total")

    tamper(statement)
    owners_client().post("/admin/audit-log/check/")
    with caplog.at_level(logging.ERROR):
        outbox.drain()

    page = client_of("vera", Role.AUDITOR).get(LIST).content.decode()
    assert f"Seal {seal} does not fit" in page
    assert "were changed, added or removed" in page
    assert "audit_chain_broken" in caplog.messages
    assert counted("omnichat_audit_chains_broken_total") == before + 1
    assert [notice.title for notice in notices() if "audit log" in notice.title]


def test_page_says_that_the_log_is_whole_and_who_asked():
    sealed(2)
    client = client_of("vera", Role.AUDITOR)

    client.post("/admin/audit-log/check/")
    under_way = client.get(LIST).content.decode()
    outbox.drain()
    done = client.get(LIST).content.decode()

    assert "Being checked since" in under_way
    assert "by vera:" in done
    assert "2 events in 1 seal." in done
    assert AuditEvent.objects.get(action="audit.check-asked").actor == "vera"


def test_check_is_asked_for_by_button_alone():
    assert owners_client().get("/admin/audit-log/check/").status_code == 405
    assert ChainCheck.objects.exists() is False


def test_seal_is_logged_outside_of_the_database(caplog):
    with caplog.at_level(logging.INFO):
        sealed(1)

    told = next(record for record in caplog.records if record.message == "audit_sealed")
    assert told.mac == AuditSeal.objects.get().mac
