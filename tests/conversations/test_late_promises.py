"""A neighbour that keeps a conversation waiting: its panels are rung when it begins and ends."""

import pytest

from conversations import nudges, outbox
from conversations.errors import PermanentFailure, TemporaryFailure
from conversations.late_promises import Neighbour, late_neighbours
from conversations.models import OutboxEntry
from tests.factories import ConversationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(inside_acme):
    return ConversationFactory()


@pytest.fixture
def rung(monkeypatch):
    versions = []
    monkeypatch.setattr(nudges._bells, "add", lambda _subject, version: versions.append(version))
    return versions


def answer(promise):
    raise AssertionError("a test replaces this")


@pytest.fixture
def drain(settings, monkeypatch, django_capture_on_commit_callbacks):
    """Keep what is promised, with an answer or a failure of the neighbour."""
    settings.OUTBOX_HANDLERS = {"message.deliver": f"{__name__}.answer"}

    def once(failure=None):
        def say(_promise):
            if failure:
                raise failure

        monkeypatch.setitem(globals(), "answer", say)
        OutboxEntry.objects.update(run_after="2026-01-01T00:00:00Z")
        with django_capture_on_commit_callbacks(execute=True):
            outbox.drain()

    return once


SILENCE = TemporaryFailure("No answer.")


def test_panels_are_rung_when_it_begins_and_when_it_ends(conversation, rung, drain):
    outbox.promise("message.deliver", group=f"conversation:{conversation.pk}", subject="1")

    drain(SILENCE)
    assert (rung, set(late_neighbours(conversation))) == ([], set())
    drain(SILENCE)
    assert (rung, set(late_neighbours(conversation))) == ([1], {Neighbour.PROVIDER})
    drain(SILENCE)
    assert rung == [1]
    drain()
    assert (rung, set(late_neighbours(conversation))) == ([1, 2], set())


def test_refusal_ends_the_waiting_too(conversation, rung, drain):
    outbox.promise("message.deliver", group=f"conversation:{conversation.pk}", subject="1")
    drain(SILENCE)
    drain(SILENCE)

    drain(PermanentFailure("Refused."))

    assert (rung, set(late_neighbours(conversation))) == ([1, 2], set())


@pytest.mark.parametrize("group", ["conversation:x", "conversation:0", "provider.reconcile", "a:1"])
def test_what_is_of_no_conversation_rings_nobody(conversation, rung, drain, group):
    outbox.promise("message.deliver", group=group, subject="1")

    drain(SILENCE)
    drain(SILENCE)

    assert rung == []
