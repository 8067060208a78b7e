"""A request of one customer in each state, and all that can happen to it, by the real services."""

from dataclasses import dataclass
from uuid import uuid4

from django.db import connection
from django.utils import timezone

from conversations.contracts import Agent, Channel, RequestOpened
from conversations.errors import DomainError
from conversations.models import Address, Conversation, Sender
from conversations.panel.situation import situation_of
from conversations.services import lifecycle
from conversations.services.activation import activate
from conversations.services.inbound import receive_message
from conversations.services.replies import send_reply
from tests.factories import (
    AddressFactory,
    AgentFactory,
    ConversationFactory,
    InboundMessageFactory,
    SenderFactory,
)

HERE, OTHER, THIRD = "10101", "10118", "10140"
NUMBER = "385991903327"


@dataclass
class World:
    """A site with one customer and an agent of all their requests, who looks at one of them."""

    agent: Agent
    sender: Sender
    conversation: Conversation | None = None

    def now(self):
        """The request's conversation as it is now."""
        return self.conversation and Conversation.objects.get(pk=self.conversation.pk)

    def write(self, text="Hello?"):
        return receive_message(
            InboundMessageFactory(
                address=NUMBER, text=text, provider_id=str(uuid4()), occurred_at=timezone.now()
            )
        )

    @property
    def state(self):
        conversation = self.now()
        if conversation is None:
            return "none"
        if not conversation.issue_id:
            return conversation.state
        if conversation.end_reason == "deleted":
            return "deleted"
        return situation_of(self.agent, conversation).state.value

    @property
    def banner(self):
        """What stands over the thread; nothing where there is no request to look at."""
        conversation = self.now()
        if conversation is not None and not conversation.issue_id:
            return ""
        banner = situation_of(self.agent, conversation).banner
        return banner.title or banner.text

    def place_of(self, message):
        if self.conversation and message.conversation_id == self.conversation.pk:
            return "this request"
        known = {OTHER: "the other request", THIRD: "the other request"}
        return known.get(message.conversation.issue_id, "a new request")


def play(state, event):
    """Let something happen in a state.

    Returns the state then, what the agent is told, and where the customer's next message goes.
    """
    world = World(AgentFactory(issue_id=HERE, other_issue_id=OTHER), SenderFactory())
    STATES[state](world)
    assert world.state == state
    told = ""
    try:
        events_of(state)[event](world)
    except DomainError as refused:
        told = str(refused)
    return world.state, told or world.banner or "-", world.place_of(world.write())


def _known(world):
    customer = AddressFactory(value=NUMBER, phone_number__key=NUMBER).phone_number.customer
    world.conversation = ConversationFactory(customer=customer, issue_id=HERE, issue_key="SUP-101")
    world.write()


def _opening(world):
    world.conversation = world.write().conversation


def _paused(world):
    _known(world)
    lifecycle.pause(world.agent)


def _other_active(world):
    _paused(world)
    customer = world.conversation.customer
    ConversationFactory(customer=customer, issue_id=OTHER, issue_key="SUP-118")


def _resolved(world):
    _known(world)
    _resolve(world)


def _deleted(world):
    _known(world)
    _delete(world)


def _opted_out(world):
    _known(world)
    world.write("STOP")


STATES = {
    "none": lambda world: None,
    "opening": _opening,
    "active": _known,
    "paused": _paused,
    "other-active": _other_active,
    "resolved": _resolved,
    "deleted": _deleted,
    "opted-out": _opted_out,
}


def _send(world):
    address = Address.objects.filter(value=NUMBER).first()
    send_reply(
        world.agent,
        text="Today at noon.",
        client_id=uuid4(),
        sender_id=world.sender.pk,
        address_id=address.pk if address else 0,
    )


def _resolve(world):
    lifecycle.take_status(HERE, status="Resolved", resolved=True, at=timezone.now())


def _reopen(world):
    lifecycle.take_status(HERE, status="In progress", resolved=False, at=timezone.now())


def _delete(world):
    lifecycle.take_deletion(HERE, at=timezone.now())


def _open_request(world):
    lifecycle.attach_request(world.conversation.pk, RequestOpened(HERE, "SUP-101"))


def _activate(world):
    begun = activate(world.agent, numbers={Channel.SMS: f"+{NUMBER}"})
    world.conversation = world.conversation or begun


def _activate_elsewhere(world):
    activate(AgentFactory(issue_id=THIRD, issue_key="SUP-140"), numbers={Channel.SMS: f"+{NUMBER}"})


def _end_licence(world):
    connection.tenant.licence_active = False  # of this process's copy: the test puts it right


EVENTS = {
    "The customer writes": lambda world: world.write(),
    "The customer writes STOP": lambda world: world.write("STOP"),
    "The customer writes START": lambda world: world.write("START"),
    "The agent sends": _send,
    "The agent pauses": lambda world: lifecycle.pause(world.agent),
    "The agent resumes": lambda world: lifecycle.resume(world.agent),
    "The agent moves it here": lambda world: lifecycle.move_here(world.agent),
    "The agent activates the number here": _activate,
    "The number is activated in another request": _activate_elsewhere,
    "Jira resolves the request": _resolve,
    "Jira reopens the request": _reopen,
    "Jira deletes the request": _delete,
    "The licence ends": _end_licence,
}
# What only a conversation can meet that waits for its request.
WHILE_OPENING = {"Jira opens the request": _open_request}


def events_of(state):
    return EVENTS | WHILE_OPENING if state == "opening" else EVENTS
