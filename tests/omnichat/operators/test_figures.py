"""The roll-up: every site counted by turns, cheaply, and none by the failure of another."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from conversations.contracts import SendState
from conversations.models import InboxEntry, OutboxEntry
from omnichat import figures
from tenants import pending_work
from tenants.context import enter_public, tenant_context
from tenants.models import PendingWork, Site, SiteFigures
from tests.factories import MessageFactory, SendFactory

pytestmark = pytest.mark.django_db


def inbox_entry(key, **values):
    return InboxEntry.objects.create(source="infobip", dedupe_key=key, body=b"{}", **values)


def promise(**values):
    return OutboxEntry.objects.create(topic="message.deliver", group="1", subject="1", **values)


def test_queues_of_a_site(acme):
    early = timezone.now() - timedelta(minutes=10)
    inbox_entry("a", received_at=early)
    inbox_entry("b")
    inbox_entry("c", state="quarantined")
    inbox_entry("d", state="done")
    promise(state="dead")

    found = figures.count(acme)

    assert (found.inbox_waiting, found.inbox_oldest_at, found.quarantined) == (2, early, 1)
    assert (found.outbox_waiting, found.outbox_dead, found.problem) == (0, 1, "")


def test_promise_waits_from_its_time_on_and_a_tried_one_since_it_was_made(acme):
    now = timezone.now()
    promise(created_at=now - timedelta(hours=1), run_after=now + timedelta(minutes=5))
    due = promise(created_at=now - timedelta(hours=1), run_after=now - timedelta(minutes=1))

    found = figures.count(acme)
    assert (found.outbox_waiting, found.outbox_oldest_at) == (1, due.run_after)

    tried = promise(
        created_at=now - timedelta(hours=2), run_after=now + timedelta(minutes=5), attempts=3
    )
    found = figures.count(acme)
    assert (found.outbox_waiting, found.outbox_oldest_at) == (2, tried.created_at)


def test_messages_of_the_last_day(acme):
    yesterday = timezone.now() - timedelta(hours=25)
    MessageFactory()
    MessageFactory(created_at=yesterday)
    SendFactory(state=SendState.FAILED)
    SendFactory(state=SendState.FAILED, created_at=yesterday, message__created_at=yesterday)

    found = figures.count(acme)

    assert (found.messages_in, found.messages_out, found.failed_sends) == (1, 1, 1)
    assert found.last_inbound_at is not None


@pytest.mark.django_db(transaction=True)
def test_server_forgets_the_tables_of_the_sites_that_were_counted(acme):
    figures.refresh()

    assert connection.connection is None


def test_schema_that_lacks_a_migration_is_behind(acme):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM site_acme.django_migrations WHERE app = 'channels'")
        removed = cursor.rowcount

    assert figures.count(acme).missing_migrations == removed > 0


def test_failing_site_stops_no_other(acme, globex):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE site_acme.conversations_send RENAME TO elsewhere")
    enter_public()

    assert figures.refresh() == 2

    assert SiteFigures.objects.get(site=acme).problem == "UndefinedTable."
    assert SiteFigures.objects.get(site=globex).problem == ""


def test_counted_longest_ago_come_first_within_the_bound(acme, globex):
    enter_public()
    early = timezone.now() - timedelta(minutes=25)
    SiteFigures.objects.create(site=acme, counted_at=early + timedelta(minutes=5))
    SiteFigures.objects.create(site=globex, counted_at=early)

    assert figures.refresh(sites=1) == 1

    assert SiteFigures.objects.get(site=globex).counted_at > early


@pytest.mark.parametrize(("minutes", "counted"), [(9, 0), (11, 1)])
def test_site_at_which_nothing_happens_is_counted_every_ten_minutes(acme, globex, minutes, counted):
    enter_public()
    Site.objects.filter(pk=globex.pk).delete()
    PendingWork.objects.all().delete()
    ago = timezone.now() - timedelta(minutes=minutes)
    SiteFigures.objects.create(site=acme, counted_at=ago)

    assert figures.refresh() == counted


def test_site_at_which_something_was_written_is_counted_each_minute(acme, globex):
    enter_public()
    Site.objects.filter(pk=globex.pk).delete()
    SiteFigures.objects.create(site=acme, counted_at=timezone.now())
    pending_work.mark("site_acme")

    assert figures.refresh() == 1

    PendingWork.objects.all().delete()


def test_no_more_sites_once_the_time_is_over(acme):
    assert figures.refresh(seconds=-1) == 0


@pytest.mark.parametrize("state", [Site.State.SUSPENDED, Site.State.UNINSTALLED])
@pytest.mark.parametrize(("minutes", "counted"), [(59, 0), (61, 1)])
def test_sleeping_site_is_counted_hourly(acme, globex, state, minutes, counted):
    enter_public()
    Site.objects.filter(pk=globex.pk).delete()
    Site.objects.filter(pk=acme.pk).update(state=state)
    ago = timezone.now() - timedelta(minutes=minutes)
    SiteFigures.objects.create(site=acme, counted_at=ago)

    assert figures.refresh() == counted


def test_site_being_installed_has_no_figures_and_no_problem(db):
    enter_public()
    site = Site.objects.create(
        slug="initech", cloud_id="i", url="https://i.example", schema_name="site_initech"
    )

    assert figures.count(site).problem == ""


def test_figures_are_of_one_site_alone(acme, globex):
    inbox_entry("a")
    with tenant_context(globex):
        assert figures.count(globex).inbox_waiting == 0
    assert figures.count(acme).inbox_waiting == 1


def test_long_pile_is_counted_so_far_and_from_its_oldest(acme, monkeypatch):
    monkeypatch.setattr(figures, "MOST_COUNTED", 2)
    early = timezone.now() - timedelta(minutes=10)
    for number in range(3):
        inbox_entry(str(number), received_at=early + timedelta(minutes=number))

    found = figures.count(acme)

    assert (found.inbox_waiting, found.inbox_oldest_at) == (2, early)
