"""Which Jira account a customer is: as an agent says, or as the bridge has made it."""

import re

from django.db import transaction
from django.utils.translation import gettext as _

from conversations import audit
from conversations.contracts import Agent
from conversations.direction import kept_to_itself
from conversations.errors import InvalidTransition, NotFound
from conversations.models import Conversation, Customer, Message
from conversations.nudges import ring
from conversations.outbox import promise
from conversations.services.outgoing import locked_conversation
from conversations.storable import storable

ACCOUNT_ID = re.compile(r"[A-Za-z0-9:_-]{1,128}")


@transaction.atomic
def link_account(agent: Agent, *, account_id: str, name: str = "") -> None:
    """Make a Jira account the customer's, and the reporter of the agent's request.

    Locks the customer. `name` is the customer's from then on, if they had none or were linked to
    somebody else. Raises NotFound or InvalidTransition.
    """
    conversation = locked_conversation(agent)
    if not agent.may_reply:
        raise InvalidTransition(
            _("You can read this conversation but not change it."), code="read-only"
        )
    if not ACCOUNT_ID.fullmatch(account_id):
        raise NotFound(_("There is no such account. Choose another."))
    customer = conversation.customer
    if customer.erased_at:
        raise InvalidTransition(_("This person was erased."), code="erased")
    before = customer.jira_account_id
    customer.jira_account_id = account_id
    was_another = before not in {"", account_id}
    if name and (was_another or not customer.name):
        customer.name = kept_to_itself(storable(name))[:200]
    customer.save(update_fields=["jira_account_id", "name"])
    promise("request.reporter", group=f"reporter:{conversation.pk}", subject=conversation.pk)
    if before != account_id:
        _record(conversation, agent, before=before, after=account_id)


@transaction.atomic
def remember_account(customer_id: int, account_id: str) -> str:
    """Keep the account that was made for a customer; returns the one that is theirs now.

    An agent may have linked another one meanwhile: that one stays. Somebody who was erased
    meanwhile has none. Locks the customer.
    """
    for customer in Customer.objects.lock([customer_id]):
        if customer.jira_account_id or customer.erased_at:
            return customer.jira_account_id
        customer.jira_account_id = account_id
        customer.save(update_fields=["jira_account_id"])
        audit.record(
            "customer.linked",
            actor_kind=audit.Actor.SYSTEM,
            subject=customer,
            before="",
            after=account_id,
        )
    return account_id


def link_reporter(agent: Agent, customer: Customer) -> None:
    """Make the reporter of the agent's request the customer's account, if they have none.

    Unless it is the agent, who has made the request themselves. The caller holds the customer's
    lock.
    """
    if agent.reporter_account_id != agent.account_id and not customer.jira_account_id:
        _change(agent, customer, agent.reporter_account_id)


def unlink_reporter(agent: Agent, customer: Customer) -> None:
    """A number that was mistyped belongs to a stranger: the reporter is not them."""
    wrote = Message.objects.filter(conversation__customer=customer).exists()
    if customer.jira_account_id == agent.reporter_account_id and not wrote:
        _change(agent, customer, "")


def _change(agent: Agent, customer: Customer, account_id: str) -> None:
    before, customer.jira_account_id = customer.jira_account_id, account_id
    if before == account_id:
        return
    customer.save(update_fields=["jira_account_id"])
    audit.record(
        "customer.linked",
        actor_kind=audit.Actor.AGENT,
        actor=agent.account_id,
        subject=customer,
        before=before,
        after=account_id,
    )


def _record(conversation: Conversation, agent: Agent, *, before: str, after: str) -> None:
    version = conversation.raise_version()
    audit.record(
        "customer.linked",
        actor_kind=audit.Actor.AGENT,
        actor=agent.account_id,
        subject=conversation.customer,
        conversation=conversation,
        before=before,
        after=after,
        version=version,
    )
    ring(conversation.pk, version)
