"""The mark comes before the row, and goes only when nothing can be unseen."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from conversations import outbox
from conversations.claims import claim
from conversations.errors import TemporaryFailure
from conversations.models import OutboxEntry
from conversations.tasks import sweep_site
from tenants import pending_work
from tenants.models import PendingWork, Site

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_marks(inside_acme):
    """Marks are committed whatever the transaction does: those of tests before stay."""
    PendingWork.objects.all().delete()


def expire():
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tenants_pendingwork SET marked_until = now() - interval '1 second'")


def settle(seen, *, next_due_at):
    return pending_work.settle([(seen, next_due_at)]) == 1


def due():
    return [mark.schema_name for mark in pending_work.due_marks()]


def test_marked_site_is_due():
    pending_work.mark("site_acme")

    assert due() == ["site_acme"]


def test_mark_is_committed_whatever_the_transaction_does():
    with pytest.raises(ZeroDivisionError):
        fail_after_marking()

    assert due() == ["site_acme"]


def fail_after_marking():
    with transaction.atomic():
        pending_work.mark("site_acme")
        raise ZeroDivisionError


def test_trusted_mark_is_not_asked_for_again():
    pending_work.mark("site_acme")
    pending_work.mark("site_acme")

    assert PendingWork.objects.get().revision == 1


def due_in():
    return PendingWork.objects.get().due_at - timezone.now()


@pytest.mark.parametrize("next_due_at", [None, timezone.now() + timedelta(hours=1)])
def test_live_mark_rests_for_a_little_while_only(next_due_at):
    pending_work.mark("site_acme")
    before = PendingWork.objects.get().marked_until

    settle(pending_work.read_mark("site_acme"), next_due_at=next_due_at)

    assert PendingWork.objects.get().marked_until == before
    assert timedelta(0) < due_in() <= pending_work.REST


def test_live_mark_rests_no_longer_than_until_the_next_work_is_due():
    pending_work.mark("site_acme")
    soon = timezone.now() + timedelta(seconds=2)

    settle(pending_work.read_mark("site_acme"), next_due_at=soon)

    assert PendingWork.objects.get().due_at == soon


def test_work_that_was_put_off_is_expected_however_long_the_mark_would_rest():
    pending_work.mark("site_acme")
    seen = pending_work.read_mark("site_acme")
    soon = timezone.now() + timedelta(seconds=2)

    pending_work.expect("site_acme", soon)

    # A sweep that had looked before knows nothing of it.
    assert settle(seen, next_due_at=None) is False
    assert PendingWork.objects.get().due_at <= soon


def test_renewed_mark_is_swept_no_later_than_a_live_one():
    let_rest_until("site_acme", timezone.now() + timedelta(hours=1))

    pending_work.mark("site_acme")

    assert timedelta(0) < due_in() <= pending_work.REST


def test_expired_mark_is_dropped():
    pending_work.mark("site_acme")
    expire()

    assert settle(pending_work.read_mark("site_acme"), next_due_at=None) is True
    assert not PendingWork.objects.exists()


def test_mark_renewed_since_it_was_read_stays():
    pending_work.mark("site_acme")
    expire()
    seen = pending_work.read_mark("site_acme")
    pending_work.distrust()
    pending_work.mark("site_acme")

    assert settle(seen, next_due_at=None) is False
    assert not pending_work.read_mark("site_acme").expired


@pytest.mark.parametrize("next_due_at", [None, timezone.now() + timedelta(hours=1)])
def test_mark_dropped_by_another_sweep_and_made_again_stays(next_due_at):
    pending_work.mark("site_acme")
    expire()
    seen = pending_work.read_mark("site_acme")
    settle(pending_work.read_mark("site_acme"), next_due_at=None)
    pending_work.distrust()
    pending_work.mark("site_acme")

    assert settle(seen, next_due_at=next_due_at) is False
    assert due() == ["site_acme"]


def test_every_active_site_is_marked_once_an_hour():
    Site.objects.filter(slug="globex").update(state=Site.State.SUSPENDED)

    marked = pending_work.mark_every_site()
    Site.objects.filter(slug="globex").update(state=Site.State.ACTIVE)

    assert marked == 1
    mark = PendingWork.objects.get()
    assert mark.schema_name == "site_acme"
    # Of a thousand sites not all at once.
    assert timedelta(0) < mark.due_at - mark.marked_until < timedelta(hours=1)


def test_marking_every_site_does_not_shorten_a_live_mark():
    pending_work.mark("site_acme")
    before = PendingWork.objects.get().marked_until

    pending_work.mark_every_site()

    assert PendingWork.objects.get(schema_name="site_acme").marked_until == before


def test_work_due_later_puts_the_mark_off():
    pending_work.mark("site_acme")
    expire()
    later = timezone.now() + timedelta(hours=1)

    settle(pending_work.read_mark("site_acme"), next_due_at=later)

    assert due() == []
    assert PendingWork.objects.get().due_at == later


def test_sweep_of_a_site_that_sleeps_lets_its_mark_rest():
    outbox.promise("unknown", group="one", subject="1")
    expire()
    Site.objects.filter(slug="acme").update(state=Site.State.UNINSTALLED)

    sweep_site("site_acme")
    Site.objects.filter(slug="acme").update(state=Site.State.ACTIVE)

    assert not PendingWork.objects.exists()
    assert OutboxEntry.objects.get().attempts == 0


def let_rest_until(schema_name, due_at):
    pending_work.mark(schema_name)
    expire()
    settle(pending_work.read_mark(schema_name), next_due_at=due_at)
    pending_work.distrust()


def fail_late(_promise):
    """Answer when the mark has run out and a sweep has put it off to the end of the lease."""
    let_rest_until("site_acme", timezone.now() + timedelta(seconds=90))
    raise TemporaryFailure("busy", retry_after=0)


def test_next_try_that_comes_before_the_mark_is_marked(settings):
    settings.OUTBOX_HANDLERS = {"test": f"{__name__}.fail_late"}
    outbox.promise("test", group="one", subject="1")

    outbox._keep(claim())

    assert due() == ["site_acme"]


def test_hastened_entries_are_marked():
    later = timezone.now() + timedelta(minutes=5)
    outbox.promise("test", group="one", subject="1", delay=timedelta(minutes=5))
    let_rest_until("site_acme", later)

    outbox.hasten("test")

    assert due_in() <= pending_work.REST
