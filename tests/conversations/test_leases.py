"""A lease is short, and renewed for as long as its try lasts and no longer."""

from datetime import timedelta
from threading import Event
from uuid import uuid4

import psycopg
import pytest
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from conversations import leases as leases_module
from conversations import outbox
from conversations.claims import claim
from conversations.leases import Leases
from conversations.models import OutboxEntry
from tenants.context import tenant_context
from tenants.side_connection import conninfo
from tests.conversations.concurrency import together
from tests.local_run import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def leases():
    leases = Leases()
    yield leases
    leases.close()


@pytest.fixture
def entry():
    outbox.promise("message.deliver", group="g", subject="1")
    return claim()


def due_in(entry):
    entry.refresh_from_db()
    return entry.run_after - timezone.now()


def test_a_lease_is_renewed_while_the_try_lasts(leases, entry):
    OutboxEntry.objects.update(run_after=timezone.now())

    with leases.held(entry):
        leases.renew()

    assert due_in(entry) > OutboxEntry.LEASE - timedelta(seconds=10)


def test_a_lease_that_was_given_back_is_not_renewed(leases, entry):
    OutboxEntry.objects.update(run_after=timezone.now())

    with leases.held(entry):
        pass
    leases.renew()

    assert due_in(entry) <= timedelta(0)


def test_a_lease_that_was_lost_is_not_taken_from_its_new_holder(leases, entry):
    OutboxEntry.objects.update(run_after=timezone.now(), claim=uuid4())

    with leases.held(entry):
        leases.renew()

    assert due_in(entry) <= timedelta(0)


def test_a_try_that_hangs_for_long_loses_its_lease(leases, entry, monkeypatch):
    monkeypatch.setattr(leases_module, "LONGEST_TRY", timedelta(0))
    OutboxEntry.objects.update(run_after=timezone.now())

    with leases.held(entry):
        leases.renew()

    assert due_in(entry) <= timedelta(0)


@pytest.mark.parametrize("failure", [InterfaceError, OperationalError])
def test_the_thread_outlives_whatever_a_connection_says(leases, entry, monkeypatch, failure):
    tried = []

    def fail(*statement):
        tried.append(1)
        raise failure

    monkeypatch.setattr(leases_module, "RENEW_SECONDS", 0.01)
    monkeypatch.setattr(leases._connection, "execute", fail)

    with leases.held(entry):
        assert wait_until(lambda: len(tried) > 2)
        monkeypatch.setattr(leases_module, "RENEW_SECONDS", 60)


def test_a_site_whose_table_is_locked_keeps_no_other_from_its_leases(leases, entry, globex):
    with tenant_context(globex):
        outbox.promise("message.deliver", group="g", subject="1")
        others = claim()
        OutboxEntry.objects.update(run_after=timezone.now())

    with (
        leases.held(entry),
        tenant_context(globex),
        leases.held(others),
        psycopg.connect(conninfo()) as migration,
    ):
        migration.execute("LOCK TABLE site_acme.conversations_outboxentry")
        leases.renew()

        assert due_in(others) > OutboxEntry.LEASE - timedelta(seconds=10)


def test_a_slow_try_keeps_its_entry_from_other_workers(monkeypatch, settings):
    monkeypatch.setattr(leases_module, "RENEW_SECONDS", 0.02)
    monkeypatch.setattr(outbox, "leases", leases := Leases())
    monkeypatch.setattr(OutboxEntry, "LEASE", timedelta(seconds=1))
    began, end = Event(), Event()
    settings.OUTBOX_HANDLERS = {"slow": f"{__name__}.slow"}
    monkeypatch.setitem(globals(), "slow", lambda _promise: began.set() or end.wait(20))
    outbox.promise("slow", group="g", subject="1")

    def look():
        began.wait(20)
        first = OutboxEntry.objects.get()
        wait_until(lambda: timezone.now() > first.run_after)
        found = outbox.drain()
        end.set()
        return found

    tried, tried_by_others = together(outbox.drain, look)

    leases.close()
    assert (tried, tried_by_others) == (1, 0)
    assert OutboxEntry.objects.get().attempts == 1
