"""Which of a customer's requests gets their messages: moved here, and told to every open panel."""

from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from conversations import nudges
from conversations.contracts import ConsentChange, RequestOpened
from conversations.errors import InvalidTransition
from conversations.models import AuditEvent, Conversation, OutboxEntry
from conversations.services import lifecycle
from conversations.services.consent import take_consent
from conversations.services.inbound import receive_message
from tests.conversations.concurrency import together
from tests.factories import (
    AddressFactory,
    AgentFactory,
    ConversationFactory,
    InboundMessageFactory,
    SenderFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(inside_acme):
    return ConversationFactory(issue_id="10101", state="paused")


@pytest.fixture
def there(here):
    """The request that has the customer's messages."""
    return ConversationFactory(issue_id="10118", issue_key="SUP-118", customer=here.customer)


@pytest.fixture
def agent(here, there):
    """An agent of both."""
    return AgentFactory(issue_id="10101", other_issue_id="10118")


def states(*conversations):
    for each in conversations:
        each.refresh_from_db()
    return [each.state for each in conversations]


def refusal(move, agent):
    with pytest.raises(InvalidTransition) as refused:
        move(agent)
    return refused.value


def test_moving_here_pauses_the_other(agent, here, there):
    lifecycle.move_here(agent)

    assert states(here, there) == ["active", "paused"]
    events = AuditEvent.objects.order_by("pk").values_list("action", "subject_id", "actor")
    assert list(events) == [
        ("conversation.paused", str(there.pk), agent.account_id),
        ("conversation.resumed", str(here.pk), agent.account_id),
    ]
    told = OutboxEntry.objects.filter(topic="request.annotate").values_list("subject", flat=True)
    assert set(told) == {str(here.pk), str(there.pk)}


def test_moving_twice_changes_nothing_more(agent, here, there):
    lifecycle.move_here(agent)
    events = AuditEvent.objects.count()

    lifecycle.move_here(agent)

    assert states(here, there) == ["active", "paused"]
    assert AuditEvent.objects.count() == events


def test_moving_where_nothing_is_in_the_way_resumes(agent, here, there):
    there.delete()

    lifecycle.move_here(agent)

    assert states(here) == ["active"]


@pytest.mark.parametrize("known", ["", "10119"])
def test_only_an_agent_of_the_other_request_takes_it(here, there, known):
    refused = refusal(lifecycle.move_here, AgentFactory(issue_id="10101", other_issue_id=known))

    assert refused.code == "other-active"
    assert str(refused) == (
        "The customer's messages go to another request. Ask an agent of that one to pause."
    )
    assert states(here, there) == ["paused", "active"]


def test_request_that_is_being_opened_is_waited_for(agent, here, there):
    Conversation.objects.filter(pk=there.pk).update(issue_id="", state="opening")

    assert refusal(lifecycle.move_here, agent).code == "opening"
    assert states(here, there) == ["paused", "opening"]


MOVES = [lifecycle.pause, lifecycle.resume, lifecycle.move_here]


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("resolved", "The request is resolved. Reopen it in Jira first."),
        ("deleted", "This request was deleted in Jira."),
    ],
)
def test_ended_conversation_is_not_moved(agent, here, there, move, reason, words):
    Conversation.objects.filter(pk=here.pk).update(state="ended", end_reason=reason)

    refused = refusal(move, agent)

    assert (refused.code, str(refused)) == ("ended", words)
    assert states(here, there) == ["ended", "active"]


@pytest.mark.parametrize("move", MOVES)
def test_reader_moves_nothing(here, there, move):
    reader = AgentFactory(issue_id="10101", other_issue_id="10118", may_reply=False)

    assert refusal(move, reader).code == "read-only"


@pytest.mark.parametrize("move", MOVES)
def test_without_licence_nothing_is_moved(agent, here, there, move, monkeypatch):
    monkeypatch.setattr(connection.tenant, "licence_active", False)

    assert refusal(move, agent).code == "unlicensed"


@pytest.mark.parametrize("move", [lifecycle.resume, lifecycle.move_here])
def test_conversation_without_channels_is_not_resumed(agent, here, there, move):
    Conversation.objects.filter(pk=here.pk).update(channels=[])

    assert refusal(move, agent).code == "no-channel"


@pytest.mark.django_db(transaction=True)
def test_moves_in_opposite_directions_leave_one_active(agent, here, there):
    back = AgentFactory(issue_id="10118", other_issue_id="10101")
    for _ in range(5):
        together(*[partial(lifecycle.move_here, each) for each in (agent, back)] * 3)

        assert sorted(states(here, there)) == ["active", "paused"]


def take_status(resolved):
    status = "Resolved" if resolved else "In progress"
    lifecycle.take_status("10118", status=status, resolved=resolved, at=timezone.now())


def resolved_then_reopened():
    take_status(resolved=True)
    take_status(resolved=False)


def attached(there):
    Conversation.objects.filter(pk=there.pk).update(issue_id="", state="opening")
    lifecycle.attach_request(there.pk, RequestOpened("10777", "SUP-777"))


def opted_out(there):
    address = AddressFactory(phone_number__customer=there.customer)
    take_consent(ConsentChange(address.channel, address.value, "", timezone.now(), opted_in=False))


@pytest.fixture
def rung(monkeypatch):
    """The newest version that each conversation was rung for."""
    versions = {}
    monkeypatch.setattr(
        nudges._bells, "add", lambda subject, version: versions.update({subject[1]: version})
    )
    return versions


RINGS = {
    "pause": lambda agent, _: lifecycle.pause(AgentFactory(issue_id="10118")),
    "move": lambda agent, _: lifecycle.move_here(agent),
    "resolve": lambda *_: take_status(resolved=True),
    "reopen": lambda *_: resolved_then_reopened(),
    "delete": lambda *_: lifecycle.take_deletion("10118", at=timezone.now()),
    "attach": lambda _, there: attached(there),
    "opt out": lambda _, there: opted_out(there),
}


@pytest.mark.parametrize("happens", RINGS)
def test_open_panels_are_rung(
    agent, here, there, happens, rung, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        RINGS[happens](agent, there)

    there.refresh_from_db()
    assert rung[there.pk] == there.version > 0
    # The customer's other request shows where their messages go.
    here.refresh_from_db()
    assert happens == "opt out" or rung[here.pk] == here.version > 0


def test_first_message_after_a_pause_rings_the_paused_request(
    here, rung, django_capture_on_commit_callbacks
):
    number = AddressFactory(phone_number__customer=here.customer).value
    SenderFactory()

    with django_capture_on_commit_callbacks(execute=True):
        receive_message(InboundMessageFactory(address=number))

    assert rung[here.pk] == 1
