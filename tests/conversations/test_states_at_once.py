"""Whatever happens to one customer's requests at the same moment, the rules of docs/states.md hold.

Hypothesis draws what each of several threads does; `STATES_EXAMPLES=500` tries that many.
"""

import os
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count, pairwise
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.contracts import Channel, RequestOpened
from conversations.errors import DomainError
from conversations.models import AuditEvent, Message, OutboxEntry, PhoneNumber, Sender
from conversations.services import lifecycle
from conversations.services.activation import activate
from conversations.services.inbound import receive_message
from conversations.services.replies import send_reply
from tests.conversations.concurrency import together
from tests.factories import AgentFactory, InboundMessageFactory, SenderFactory

pytestmark = pytest.mark.django_db(transaction=True)

EXAMPLES = int(os.environ.get("STATES_EXAMPLES", "10"))
THREADS = 3
numbers = count(1)


@dataclass
class World:
    """A customer whom no other example knows, with two requests: one active, one paused."""

    sender: Sender
    number: str = field(default_factory=lambda: f"38591{next(numbers):07d}")
    written: list = field(default_factory=list)

    def __post_init__(self):
        for which in (0, 1):
            activate(self.agent(which), numbers={Channel.SMS: f"+{self.number}"})

    @property
    def customer(self):
        return PhoneNumber.objects.get(key=self.number).customer

    def agent(self, which):
        return AgentFactory(issue_id=self.issue(which), other_issue_id=self.issue(1 - which))

    def issue(self, which):
        return f"{self.number[-7:]}{which}"

    def write(self, text="Hello?"):
        self.written.append(str(uuid4()))
        event = InboundMessageFactory(
            address=self.number,
            text=text,
            provider_id=self.written[-1],
            occurred_at=timezone.now(),
        )
        receive_message(event)


def send(world, which):
    address = PhoneNumber.objects.get(key=world.number).addresses.get()
    ends = {"sender_id": world.sender.pk, "address_id": address.pk}
    send_reply(world.agent(which), text="Today.", client_id=uuid4(), **ends)


def resolve(world, which, *, resolved=True):
    status = "Resolved" if resolved else "In progress"
    lifecycle.take_status(world.issue(which), status=status, resolved=resolved, at=timezone.now())


def open_requests(world, _which):
    for conversation in world.customer.conversations.filter(issue_id=""):
        issue_id = uuid4().hex
        lifecycle.attach_request(conversation.pk, RequestOpened(issue_id, f"SUP-{issue_id}"))


def activate_another(world, _which):
    agent = AgentFactory(issue_id=uuid4().hex)
    activate(agent, numbers={Channel.SMS: f"+{world.number}"})


STEPS = {
    "write": lambda world, _: world.write(),
    "stop": lambda world, _: world.write("STOP"),
    "start": lambda world, _: world.write("START"),
    "send": send,
    "pause": lambda world, which: lifecycle.pause(world.agent(which)),
    "resume": lambda world, which: lifecycle.resume(world.agent(which)),
    "move here": lambda world, which: lifecycle.move_here(world.agent(which)),
    "resolve": resolve,
    "reopen": partial(resolve, resolved=False),
    "delete": lambda world, which: lifecycle.take_deletion(world.issue(which), at=timezone.now()),
    "open requests": open_requests,
    "activate another": activate_another,
}
steps = st.tuples(st.sampled_from(sorted(STEPS)), st.sampled_from([0, 1]))
threads = st.lists(st.lists(steps, min_size=2, max_size=6), min_size=THREADS, max_size=THREADS)


@given(plans=threads)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_rules_hold_whatever_happens_at_once(inside_acme, plans):
    world = World(SenderFactory())

    together(*[partial(take, world, plan) for plan in plans])
    world.write()

    require_one_place(world)
    for conversation in world.customer.conversations.all():
        require_sent_while_active(conversation)
        require_rising_versions(conversation)
        require_one_request(conversation)


def take(world, plan):
    for step, which in plan:
        # A refusal is an answer; whatever else is raised is a defect.
        with suppress(DomainError):
            STEPS[step](world, which)


def require_one_place(world):
    """One conversation takes the next message, and none of those written is lost or doubled."""
    assert world.customer.conversations.active().count() == 1
    stored = Message.objects.filter(provider_id__in=world.written)
    assert sorted(stored.values_list("provider_id", flat=True)) == sorted(world.written)
    assert {message.conversation.customer for message in stored} == {world.customer}


def require_sent_while_active(conversation):
    """Events are written under the customer's lock: their order is that of what happened."""
    sent = conversation.messages.filter(direction="out").values_list("pk", flat=True)
    accepted = AuditEvent.objects.filter(
        action="message.accepted", subject_type="message", subject_id__in=[str(pk) for pk in sent]
    )
    state = "opening"
    for event in (events_of(conversation) | accepted).order_by("pk"):
        state = event.detail.get("state", state)
        assert event.action != "message.accepted" or state == "active"
    assert accepted.count() == len(sent)


def require_rising_versions(conversation):
    """Each change has a version of its own; what moves away with the end has that of the end."""
    changes = events_of(conversation).exclude(action="message.moved")
    versions = [
        event.detail["version"] for event in changes.order_by("pk") if "version" in event.detail
    ]
    assert all(earlier < later for earlier, later in pairwise(versions))
    shown = conversation.messages.values_list("version", flat=True)
    assert max([*versions, *shown, 0]) <= conversation.version


def require_one_request(conversation):
    """Whoever the customer began with is opened once in Jira."""
    asked = OutboxEntry.objects.filter(topic="request.open", subject=str(conversation.pk))
    opened = events_of(conversation).filter(action="conversation.opened")
    assert asked.count() == opened.count() == (1 if conversation.channels is None else 0)


def events_of(conversation):
    return AuditEvent.objects.filter(subject_type="conversation", subject_id=str(conversation.pk))
