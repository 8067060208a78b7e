"""An event that comes while its request is being attached: real threads, real PostgreSQL."""

from threading import Event

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from conversations import inbox
from conversations.contracts import RequestOpened
from conversations.models import Conversation, InboxEntry
from conversations.services import lifecycle
from conversations.services.inbound import receive_message
from jira_bridge.events import item_of
from tests.conversations.concurrency import PATIENCE_SECONDS, together
from tests.factories import InboundMessageFactory, SenderFactory
from tests.jira_bridge import forge

pytestmark = pytest.mark.django_db(transaction=True)

EVENTS = {"event_resolved": "resolved", "event_deleted": "deleted"}


@pytest.fixture
def opening(inside_acme):
    """A customer wrote a moment before the events of the payload files."""
    SenderFactory()
    with time_machine.travel("2026-11-20T08:59:30Z", tick=False):
        return receive_message(InboundMessageFactory(occurred_at=timezone.now())).conversation


def keep(event):
    inbox.keep("jira", [item_of(forge.body(event), installation_id="acme")])


def drain():
    InboxEntry.objects.filter(state="new").update(due_at=timezone.now())
    inbox.drain()


@pytest.mark.parametrize("event", EVENTS)
def test_event_waits_for_an_attachment_that_has_not_committed(opening, event):
    attached, looked = Event(), Event()

    def attach():
        with transaction.atomic():
            lifecycle.attach_request(opening.pk, RequestOpened("10101", "SUP-101"))
            attached.set()
            assert looked.wait(PATIENCE_SECONDS)

    def look():
        assert attached.wait(PATIENCE_SECONDS)
        keep(event)
        inbox.drain()
        looked.set()

    together(attach, look)
    assert InboxEntry.objects.get().state == "new"
    drain()

    assert InboxEntry.objects.get().state == "done"
    assert Conversation.objects.get().end_reason == EVENTS[event]


@pytest.mark.parametrize("event", EVENTS)
def test_event_at_the_moment_of_the_attachment_is_never_lost(opening, event):
    keep(event)

    together(
        inbox.drain,
        lambda: lifecycle.attach_request(opening.pk, RequestOpened("10101", "SUP-101")),
    )
    drain()

    assert Conversation.objects.get().end_reason == EVENTS[event]
