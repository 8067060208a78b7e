"""By which numbers a request's customer is reached, and what stands in the way."""

from django.utils.translation import gettext as _

from conversations.contracts import Agent, Channel
from conversations.models import Address, AuditEvent, Conversation, Message
from conversations.phone_numbers import AddressKind, identify


def why_ended(conversation: Conversation) -> str:
    """Return the sentence for an agent who wants to write where nothing can be written any more."""
    if conversation.end_reason == Conversation.EndReason.DELETED:
        return _("This request was deleted in Jira.")
    if conversation.end_reason == Conversation.EndReason.OPTED_OUT:
        return _("The customer asked not to be messaged.")
    sentence = _(
        "It is not possible to use Infobip communication channels"
        ' if the request is in status "%(status)s"'
    )
    return sentence % {"status": conversation.issue_status}


def holder_of(conversation: Conversation) -> Conversation | None:
    """Return the customer's active conversation if it is another one."""
    others = Conversation.objects.active().filter(customer=conversation.customer_id)
    return others.exclude(pk=conversation.pk).first()


def known_holder(agent: Agent, conversation: Conversation) -> Conversation | None:
    """Return the customer's active conversation if it is of another request of the same agent."""
    holder = holder_of(conversation)
    known = holder and holder.issue_key and holder.issue_id == agent.other_issue_id
    return holder if known else None


def holder_to_ask_for(agent: Agent, conversation: Conversation) -> str:
    """Return a mark of the other request that this agent's session does not know; else nothing.

    The customer has begun there after the session was made.
    """
    holder = holder_of(conversation)
    unknown = holder and holder.issue_id and holder.issue_id != agent.other_issue_id
    return str(holder.pk) if holder and unknown and agent.may_reply else ""


def is_reached_by_comments(agent: Agent, conversation: Conversation) -> bool:
    """Whether the request's reporter is a person with an account of their own."""
    reporter = agent.reporter_account_id
    made_for_number = AuditEvent.objects.filter(
        subject_type="customer",
        subject_id=str(conversation.customer_id),
        action="customer.linked",
        actor_kind=AuditEvent.Actor.SYSTEM,
        detail__after=reporter,
    )
    return reporter not in {"", agent.account_id} and not made_for_number.exists()


def other_issue_id(issue_id: str) -> str:
    """Return the request that holds the active conversation of a request's customer, if another."""
    conversation = Conversation.objects.filter(issue_id=issue_id).first()
    holder = holder_of(conversation) if conversation else None
    return holder.issue_id if holder else ""


def written_addresses(conversation: Conversation) -> dict[Channel, Address]:
    """Return by channel the address that was written from or to last in this conversation."""
    last = (
        Message.objects.filter(conversation=conversation)
        .select_related("address")
        .order_by("channel", "-occurred_at", "-pk")
        .distinct("channel")
    )
    return {Channel(message.channel): message.address for message in last}


def numbers_of(conversation: Conversation) -> dict[Channel, Address]:
    """Return by channel where the conversation's customer is reached, on activated ones or not."""
    known = Address.objects.filter(
        phone_number__customer=conversation.customer_id, answerable=True
    ).order_by("pk")
    newest = {Channel(address.channel): address for address in known}
    return newest | written_addresses(conversation)


def number_of_reporter(agent: Agent) -> str:
    """Return a number of the customer who is linked to the request's reporter, or nothing."""
    if not agent.reporter_account_id:
        return ""
    known = Address.objects.filter(
        phone_number__customer__jira_account_id=agent.reporter_account_id,
        answerable=True,
        opted_out_at=None,
    )
    values = known.order_by("-pk").values_list("value", flat=True)
    return next((value for value in values if identify(value).kind is AddressKind.NUMBER), "")
