"""What the sweeper's tasks do: waking sweeps, doing what was found, sealing many sites at once."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from conversations import audit, inbox, outbox, sweeps, tasks
from conversations.models import AuditSeal, InboxEntry, OutboxEntry
from tenants import pending_work
from tenants.context import schema_context
from tenants.models import PendingWork, Site
from tests.conversations.sweeping import SITES, age_events, record, run_out

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("unmarked_sites"),
]


@pytest.fixture
def sent(monkeypatch):
    """What is sent to workers: the names of tasks with their arguments."""
    calls = []
    monkeypatch.setattr(
        "celery.Celery.send_task", lambda _app, name, given, **_options: calls.append((name, given))
    )
    return calls


def test_tick_wakes_sweeps_for_what_there_is_to_do(sent):
    pending_work.mark("site_globex")
    inbox.keep("test", [inbox.Item("1", b"1")])

    assert tasks.dispatch_sweeps() == 1
    assert sent == [("conversations.tasks.sweep_site", ("site_acme", ["inbox"]))]


def test_tick_has_sites_that_are_only_to_be_sealed_sealed_together(sent, monkeypatch):
    monkeypatch.setattr(tasks, "SEALED_AT_ONCE", 2)
    names = ["site_one", "site_two", "site_three"]
    found = [("site_acme", ["outbox", "audit"]), *((name, ["audit"]) for name in names)]
    monkeypatch.setattr(sweeps, "sites_with_work", lambda: found)

    assert tasks.dispatch_sweeps() == 4
    assert sent == [
        ("conversations.tasks.sweep_site", ("site_acme", ["outbox", "audit"])),
        ("conversations.tasks.seal_sites", (["site_one", "site_two"],)),
        ("conversations.tasks.seal_sites", (["site_three"],)),
    ]


def test_sites_are_sealed_and_rest():
    for schema_name in SITES:
        with schema_context(schema_name):
            record()

    tasks.seal_sites(list(SITES))

    for schema_name in SITES:
        with schema_context(schema_name):
            assert AuditSeal.objects.get().events == 1
    rests = [mark.due_at - timezone.now() for mark in PendingWork.objects.all()]
    assert all(timedelta(0) < rest <= pending_work.REST for rest in rests)


def test_site_that_cannot_be_sealed_stops_no_other_and_stays_due(monkeypatch):
    for schema_name in SITES:
        with schema_context(schema_name):
            record()
            age_events(30)

    def fail_once(_schema_names):
        monkeypatch.undo()
        raise OperationalError("the connection is gone")

    monkeypatch.setattr(audit, "_heads", fail_once)

    tasks.seal_sites(list(SITES))

    with schema_context("site_acme"):
        left = AuditSeal.objects.count()
    with schema_context("site_globex"):
        assert left + AuditSeal.objects.count() == 1
    assert [work for _name, work in sweeps.sites_with_work()] == [["audit"]]


def test_site_that_sleeps_is_not_sealed():
    record()
    Site.objects.filter(slug="acme").update(state=Site.State.SUSPENDED)

    tasks.seal_sites(["site_acme"])
    Site.objects.filter(slug="acme").update(state=Site.State.ACTIVE)

    assert not AuditSeal.objects.exists()


def test_sweep_does_what_it_was_woken_for(settings):
    settings.INBOX_HANDLERS = {"test": f"{__name__}.read"}
    inbox.keep("test", [inbox.Item("1", b"1")])
    outbox.promise("unknown", group="one", subject="1")
    record()

    tasks.sweep_site("site_acme", ["inbox"])

    assert InboxEntry.objects.get().state == "done"
    assert OutboxEntry.objects.get().attempts == 0
    assert not AuditSeal.objects.exists()


def test_sweep_that_nobody_could_ask_for_does_all():
    """So does one that an older release has sent."""
    record()

    tasks.sweep_site("site_acme")

    assert AuditSeal.objects.get().events == 1


def test_site_with_nothing_left_rests_after_its_sweep():
    pending_work.mark("site_acme")
    pending_work.mark("site_globex")
    run_out("site_acme")

    tasks.sweep_site("site_acme", [])
    tasks.sweep_site("site_globex", [])

    mark = PendingWork.objects.get()
    assert mark.schema_name == "site_globex"
    assert timedelta(0) < mark.due_at - timezone.now() <= pending_work.REST


@pytest.mark.parametrize("sweep", [tasks.sweep_site, lambda name: tasks.seal_sites([name])])
def test_site_rests_no_longer_than_until_what_is_due_next(sweep):
    """As what a worker has in hand that was killed: nobody else says when its lease ends."""
    record()
    outbox.promise("test", group="one", subject="1", delay=timedelta(seconds=4))

    sweep("site_acme")

    assert PendingWork.objects.get().due_at == OutboxEntry.objects.get().run_after


def read(body):
    assert body == b"1"
