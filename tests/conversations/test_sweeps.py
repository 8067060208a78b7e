"""One question for all marked sites: who has something due, and who may rest."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from conversations import audit, inbox, outbox, sweeps
from conversations.models import OutboxEntry
from tenants import pending_work, side_connection
from tenants.context import schema_context
from tenants.models import AuditHead, PendingWork, Site
from tests.conversations.concurrency import together
from tests.conversations.sweeping import SITES, age_events, record, run_out

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("unmarked_sites"),
]


def test_site_with_something_in_its_inbox_is_found():
    pending_work.mark("site_globex")
    inbox.keep("test", [inbox.Item("1", b"1")])

    assert list(sweeps.sites_with_work()) == [("site_acme", ["inbox"])]


def test_site_with_a_promise_is_found():
    outbox.promise("test", group="one", subject="1")

    assert list(sweeps.sites_with_work()) == [("site_acme", ["outbox"])]


def test_site_with_events_to_be_sealed_is_found():
    record()
    age_events(30)

    assert list(sweeps.sites_with_work()) == [("site_acme", ["audit"])]


def test_all_that_a_site_has_to_do_is_found_at_once():
    record()
    age_events(30)
    inbox.keep("test", [inbox.Item("1", b"1")])
    outbox.promise("test", group="one", subject="1")

    assert list(sweeps.sites_with_work()) == [("site_acme", ["inbox", "outbox", "audit"])]


def test_sealed_events_are_nothing_to_do():
    record()
    age_events(30)
    audit.seal()
    run_out("site_acme")

    assert list(sweeps.sites_with_work()) == []
    assert not PendingWork.objects.exists()


def test_events_after_a_seal_are_found():
    record()
    audit.seal()
    record()
    age_events(30)

    assert list(sweeps.sites_with_work()) == [("site_acme", ["audit"])]


@pytest.mark.parametrize("tampered", [{"signature": "false"}, {"key_id": "unknown"}])
def test_end_of_the_chain_that_somebody_set_forward_hides_nothing(tampered):
    record()
    audit.seal()
    record()
    age_events(30)
    AuditHead.objects.update(until_transaction=2**60, **tampered)

    assert list(sweeps.sites_with_work()) == [("site_acme", ["audit"])]


def test_end_of_one_chain_is_not_that_of_another():
    record()
    audit.seal()
    AuditHead.objects.update(schema_name="site_globex")
    with schema_context("site_globex"):
        record()
        age_events(30)
    PendingWork.objects.exclude(schema_name="site_globex").delete()

    assert list(sweeps.sites_with_work()) == [("site_globex", ["audit"])]


def test_sites_with_nothing_due_rest_in_one_go():
    for schema_name in SITES:
        pending_work.mark(schema_name)
    run_out("site_globex")

    assert list(sweeps.sites_with_work()) == []

    mark = PendingWork.objects.get()
    assert mark.schema_name == "site_acme"
    assert timedelta(0) < mark.due_at - timezone.now() <= pending_work.REST


def test_site_rests_no_longer_than_until_its_next_work():
    soon = timedelta(seconds=10)
    outbox.promise("test", group="one", subject="1", delay=soon)

    assert list(sweeps.sites_with_work()) == []
    assert PendingWork.objects.get().due_at == OutboxEntry.objects.get().run_after


def test_mark_that_has_run_out_rests_until_the_next_work():
    outbox.promise("test", group="one", subject="1", delay=timedelta(hours=1))
    run_out("site_acme")

    assert list(sweeps.sites_with_work()) == []
    assert PendingWork.objects.get().due_at == OutboxEntry.objects.get().run_after


def test_site_that_sleeps_is_not_asked():
    outbox.promise("test", group="one", subject="1")
    run_out("site_acme")
    Site.objects.filter(slug="acme").update(state=Site.State.SUSPENDED)

    found = list(sweeps.sites_with_work())
    Site.objects.filter(slug="acme").update(state=Site.State.ACTIVE)

    assert found == []
    assert not PendingWork.objects.exists()


def test_more_sites_than_are_asked_at_once_are_asked_in_turn(monkeypatch):
    monkeypatch.setattr(sweeps, "SITES_AT_ONCE", 1)
    for schema_name in SITES:
        with schema_context(schema_name):
            outbox.promise("test", group="one", subject="1")

    assert sorted(sweeps.sites_with_work()) == [(name, ["outbox"]) for name in SITES]


def test_locked_table_of_one_site_holds_up_no_other():
    """An upgrade has the table; both sites are left to sweeps of their own."""
    for schema_name in SITES:
        pending_work.mark(schema_name)
    before = list(PendingWork.objects.order_by("schema_name").values())

    with connection.cursor() as cursor:
        cursor.execute("BEGIN; LOCK TABLE site_acme.conversations_inboxentry")
        (found,) = together(lambda: list(sweeps.sites_with_work()))
        cursor.execute("ROLLBACK")

    assert sorted(found) == [(name, list(sweeps.WORK)) for name in SITES]
    assert list(PendingWork.objects.order_by("schema_name").values()) == before


def test_schema_that_is_gone_hides_no_other():
    Site.objects.bulk_create([Site(slug="gone", schema_name="site_gone", state=Site.State.ACTIVE)])
    pending_work.mark("site_gone")
    outbox.promise("test", group="one", subject="1")

    found = dict(sweeps.sites_with_work())
    Site.objects.filter(slug="gone")._raw_delete("default")

    assert "outbox" in found["site_acme"]


def test_mark_that_is_renewed_while_the_question_is_asked_stays(monkeypatch):
    pending_work.mark("site_acme")
    run_out("site_acme")

    def ask_and_be_overtaken(connection, *asked):
        rows = ask(connection, *asked)
        pending_work.distrust()
        inbox.keep("test", [inbox.Item("1", b"1")])
        return rows

    ask = side_connection.SideConnection.ask
    monkeypatch.setattr(side_connection.SideConnection, "ask", ask_and_be_overtaken)

    assert list(sweeps.sites_with_work()) == []
    monkeypatch.setattr(side_connection.SideConnection, "ask", ask)
    assert list(sweeps.sites_with_work()) == [("site_acme", ["inbox"])]


def test_mark_that_another_process_has_in_hand_is_not_waited_for():
    for schema_name in SITES:
        pending_work.mark(schema_name)
    run_out(*SITES)

    with connection.cursor() as cursor:
        cursor.execute(
            "BEGIN; SELECT FROM public.tenants_pendingwork"
            " WHERE schema_name = 'site_acme' FOR UPDATE"
        )
        (found,) = together(lambda: list(sweeps.sites_with_work()))
        cursor.execute("ROLLBACK")

    assert found == []
    assert [mark.schema_name for mark in PendingWork.objects.all()] == ["site_acme"]
