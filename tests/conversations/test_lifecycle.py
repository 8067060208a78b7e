"""Paused, resumed, resolved, reopened, deleted."""

import pytest

from conversations.contracts import RequestOpened
from conversations.errors import InvalidTransition, NotFound
from conversations.models import AuditEvent, Conversation, OutboxEntry
from conversations.services import lifecycle
from tests.factories import AgentFactory, ConversationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(inside_acme):
    return AgentFactory(issue_id="10101")


def conversation(**fields):
    return ConversationFactory(**({"issue_id": "10101"} | fields))


def state_of(conversation):
    return Conversation.objects.get(pk=conversation.pk).state


def test_request_makes_the_conversation_active():
    opening = conversation(state="opening", issue_id="", issue_key="")

    lifecycle.attach_request(opening.pk, RequestOpened("10777", "SUP-777"))

    opening.refresh_from_db()
    assert (opening.state, opening.issue_key) == ("active", "SUP-777")
    assert OutboxEntry.objects.get().topic == "request.annotate"


def test_request_of_a_conversation_paused_meanwhile_leaves_it_paused():
    opening = conversation(state="paused", issue_id="", issue_key="")

    lifecycle.attach_request(opening.pk, RequestOpened("10777", "SUP-777"))

    assert state_of(opening) == "paused"


def test_second_request_is_not_attached():
    active = conversation(issue_key="SUP-101")

    lifecycle.attach_request(active.pk, RequestOpened("10777", "SUP-777"))

    active.refresh_from_db()
    assert active.issue_key == "SUP-101"


def test_pause_and_resume(agent):
    paused = conversation()
    lifecycle.pause(agent)
    assert state_of(paused) == "paused"

    lifecycle.resume(agent)

    assert state_of(paused) == "active"


def test_pause_records_who(agent):
    conversation()

    lifecycle.pause(agent)

    event = AuditEvent.objects.get(action="conversation.paused")
    assert (event.actor_kind, event.actor) == ("agent", agent.account_id)


def test_resume_while_another_request_is_active_is_refused(agent):
    paused = conversation(state="paused")
    ConversationFactory(customer=paused.customer)

    with pytest.raises(InvalidTransition) as refused:
        lifecycle.resume(agent)

    assert refused.value.code == "other-active"
    assert state_of(paused) == "paused"


def test_viewer_may_not_pause():
    active = conversation()

    with pytest.raises(InvalidTransition):
        lifecycle.pause(AgentFactory(issue_id="10101", may_reply=False))

    assert state_of(active) == "active"


def test_pause_of_a_request_without_conversation_is_not_found(agent):
    with pytest.raises(NotFound):
        lifecycle.pause(agent)


def test_resolve_ends_and_reopening_continues():
    active = conversation()
    lifecycle.take_status("10101", status="Resolved", resolved=True)
    assert state_of(active) == "ended"

    lifecycle.take_status("10101", status="In progress", resolved=False)

    assert state_of(active) == "active"


def test_reopened_paused_conversation_stays_paused():
    paused = conversation(state="paused")
    lifecycle.take_status("10101", status="Resolved", resolved=True)

    lifecycle.take_status("10101", status="In progress", resolved=False)

    assert state_of(paused) == "paused"


def test_reopened_conversation_is_paused_while_another_is_active():
    ended = conversation()
    lifecycle.take_status("10101", status="Resolved", resolved=True)
    ConversationFactory(customer=ended.customer)

    lifecycle.take_status("10101", status="In progress", resolved=False)

    assert state_of(ended) == "paused"


def test_resolve_twice_is_recorded_once():
    conversation()

    for _ in range(2):
        lifecycle.take_status("10101", status="Resolved", resolved=True)

    assert AuditEvent.objects.filter(action="conversation.resolved").count() == 1


def test_deleted_request_is_not_reopened_by_a_late_status():
    ended = conversation()
    lifecycle.take_deletion("10101")

    lifecycle.take_status("10101", status="In progress", resolved=False)

    assert state_of(ended) == "ended"


def test_status_of_a_foreign_request_means_nothing():
    assert lifecycle.take_status("99999", status="Resolved", resolved=True) is False
