"""Paused, resumed, resolved, reopened, deleted."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.contracts import RequestOpened
from conversations.errors import InvalidTransition, NotFound
from conversations.models import AuditEvent, Conversation, OutboxEntry
from conversations.services import known_requests, lifecycle
from tests.factories import AgentFactory, ConversationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(inside_acme):
    return AgentFactory(issue_id="10101")


def at(minute):
    return datetime(2026, 11, 20, 9, minute, tzinfo=UTC)


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


def resolve(minute=0):
    return lifecycle.take_status("10101", status="Resolved", resolved=True, at=at(minute))


def reopen(minute=1):
    return lifecycle.take_status("10101", status="In progress", resolved=False, at=at(minute))


def test_resolve_ends_and_reopening_continues():
    active = conversation()
    resolve()
    assert state_of(active) == "ended"

    reopen()

    assert state_of(active) == "active"


def test_reopened_paused_conversation_stays_paused():
    paused = conversation(state="paused")
    resolve()

    reopen()

    assert state_of(paused) == "paused"


def test_reopened_conversation_is_paused_while_another_is_active():
    ended = conversation()
    resolve()
    ConversationFactory(customer=ended.customer)

    reopen()

    assert state_of(ended) == "paused"


def test_resolve_twice_is_recorded_once():
    conversation()

    for _ in range(2):
        resolve()

    assert AuditEvent.objects.filter(action="conversation.resolved").count() == 1


def test_resolve_promises_the_transcript():
    ended = conversation()

    resolve()

    entry = OutboxEntry.objects.get(topic="request.transcript")
    assert (entry.group, entry.subject) == (f"transcript:{ended.pk}", str(ended.pk))


def test_older_news_changes_nothing():
    active = conversation()
    reopen(5)

    assert resolve(4) is True

    active.refresh_from_db()
    assert (active.state, active.issue_status) == ("active", "In progress")
    assert active.issue_status_at == at(5)


def test_same_status_again_only_says_until_when_it_is_known():
    active = conversation()
    reopen(1)
    version = Conversation.objects.get(pk=active.pk).version

    reopen(5)
    resolve(4)

    active.refresh_from_db()
    assert (active.state, active.version, active.issue_status_at) == ("active", version, at(5))
    assert AuditEvent.objects.filter(action="request.status-changed").count() == 1


HISTORY = st.lists(st.sampled_from(["To do", "In progress", "Resolved", "Closed"]), max_size=6)


@given(
    history=HISTORY,
    deleted=st.booleans(),
    before=st.sampled_from(["active", "paused"]),
    chance=st.randoms(use_true_random=False),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_order_of_the_same_news_ends_alike(inside_acme, history, deleted, before, chance):
    news = list(enumerate([*history, *(["deleted"] if deleted else [])]))
    shuffled = [each for each in news for _ in range(chance.randint(1, 3))]
    chance.shuffle(shuffled)

    assert outcome(shuffled, before) == outcome(news, before)


def outcome(news, before):
    """Tell it, and return what has become of the conversation that was in the state `before`."""
    told = ConversationFactory(state=before)
    for minute, said in news:
        if said == "deleted":
            lifecycle.take_deletion(told.issue_id, at=at(minute))
        else:
            lifecycle.take_status(
                told.issue_id, status=said, resolved=said in {"Resolved", "Closed"}, at=at(minute)
            )
    told.refresh_from_db()
    status = told.issue_status if told.end_reason != "deleted" else ""
    continues_as = told.state_before_end if told.state == "ended" else told.state
    return told.state, told.end_reason, status, told.issue_status_at, continues_as


def test_deleted_request_is_not_reopened_by_a_late_status():
    ended = conversation()
    lifecycle.take_deletion("10101", at=at(0))

    reopen(1)

    assert state_of(ended) == "ended"


def test_deletion_after_a_resolve_ends_for_good():
    ended = conversation()
    resolve()

    lifecycle.take_deletion("10101", at=at(1))
    reopen(2)

    ended.refresh_from_db()
    assert (ended.state, ended.end_reason) == ("ended", "deleted")


def test_status_of_a_foreign_request_means_nothing():
    assert lifecycle.take_status("99999", status="Done", resolved=True, at=at(0)) is False
    assert lifecycle.take_deletion("99999", at=at(0)) is False
    assert known_requests.ask_for_status("99999") is False


def test_status_is_asked_for_once():
    asked = conversation()

    for _ in range(2):
        assert known_requests.ask_for_status("10101") is True

    entry = OutboxEntry.objects.get()
    assert (entry.topic, entry.subject) == ("request.refresh", str(asked.pk))


def test_hidden_request_is_remembered_until_it_is_seen_again():
    hidden = conversation()
    for _ in range(2):
        known_requests.take_visibility("10101", hidden=True)
    hidden.refresh_from_db()
    assert (hidden.state, hidden.issue_hidden_since is None) == ("active", False)

    known_requests.take_visibility("10101", hidden=False)

    hidden.refresh_from_db()
    assert hidden.issue_hidden_since is None
    actions = AuditEvent.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["request.hidden", "request.visible"]


def test_request_that_is_seen_again_gets_the_property_it_missed():
    hidden = conversation(issue_hidden_since=at(0))

    for _ in range(2):
        known_requests.take_visibility("10101", hidden=False)

    entry = OutboxEntry.objects.get(topic="request.annotate")
    assert (entry.group, entry.subject) == (f"annotate:{hidden.pk}", str(hidden.pk))


def test_request_attached_after_the_inbox_gave_up_is_asked_for_its_status():
    opening = conversation(
        state="opening", issue_id="", created_at=timezone.now() - timedelta(minutes=11)
    )

    lifecycle.attach_request(opening.pk, RequestOpened("10777", "SUP-777"))

    topics = OutboxEntry.objects.order_by("pk").values_list("topic", flat=True)
    assert list(topics) == ["request.annotate", "request.refresh"]
