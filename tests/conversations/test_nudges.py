"""Which tasks wake workers: one for each site, in a rush one for several."""

import pytest

from conversations import inbox, nudges, outbox, tasks
from conversations.models import InboxEntry
from tenants.context import schema_context

INBOX, OUTBOX = inbox.DRAIN_TASK, outbox.DRAIN_TASK


@pytest.fixture
def sent(monkeypatch):
    """What is sent to workers: the names of tasks with the sites they are for."""
    calls = []
    monkeypatch.setattr(
        "celery.Celery.send_task",
        lambda _app, name, given, **_options: calls.append((name, list(given))),
    )
    return calls


def wakes(task_name, count):
    return [((task_name, f"site_{number}"), 0) for number in range(count)]


@pytest.mark.parametrize("task_name", [INBOX, OUTBOX])
def test_few_sites_have_a_task_each(sent, task_name):
    nudges._publish(wakes(task_name, 8))

    assert sent == [(task_name, [f"site_{number}"]) for number in range(8)]


def test_many_sites_whose_messages_are_to_be_understood_share_tasks(sent):
    nudges._publish(wakes(INBOX, 20))

    assert [len(sites) for _name, sites in sent] == [3, 3, 3, 3, 3, 3, 2]
    together = [site for _name, sites in sent for site in sites]
    assert together == [f"site_{number}" for number in range(20)]


def test_sites_whose_messages_leave_share_none(sent):
    """A provider that does not answer must hold up its own site alone."""
    nudges._publish(wakes(OUTBOX, 20))

    assert [len(sites) for _name, sites in sent] == [1] * 20


def test_tasks_of_both_kinds_are_sent(sent):
    nudges._publish(wakes(INBOX, 1) + wakes(OUTBOX, 1))

    assert sent == [(INBOX, ["site_0"]), (OUTBOX, ["site_0"])]


@pytest.fixture
def both_have_something(db, settings):
    settings.INBOX_HANDLERS = {"test": f"{__name__}.read"}
    for schema_name in ("site_acme", "site_globex"):
        with schema_context(schema_name):
            inbox.keep("test", [inbox.Item("1", b"1")])


def states():
    found = []
    for schema_name in ("site_acme", "site_globex"):
        with schema_context(schema_name):
            found.append(InboxEntry.objects.get().state)
    return found


def test_one_task_takes_in_what_several_sites_have_kept(both_have_something):
    assert tasks.drain_inbox("site_acme", "site_globex") == 2
    assert states() == ["done", "done"]


def test_site_that_fails_stops_no_other_and_is_told(both_have_something, monkeypatch):
    drain = inbox.drain

    def fail_at_acme():
        if nudges.current_schema() == "site_acme":
            raise ZeroDivisionError
        return drain()

    monkeypatch.setattr(inbox, "drain", fail_at_acme)

    with pytest.raises(ZeroDivisionError):
        tasks.drain_inbox("site_acme", "site_globex")
    assert states() == ["new", "done"]


def read(body):
    assert body == b"1"
