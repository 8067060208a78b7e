"""What every message of an agent goes through: may it be sent, from where to where, then kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NotRequired, TypedDict
from uuid import UUID

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations import audit
from conversations.capabilities import CAPABILITIES
from conversations.contracts import Agent, Channel, MessageKind
from conversations.errors import NotFound, SendingRefused
from conversations.models import Address, Conversation, Customer, Message, Send, Sender
from conversations.nudges import ring
from conversations.outbox import promise
from conversations.reach import holder_of, why_ended
from conversations.sms_text import measure
from tenants.context import current_site

# Free text this close to the window's end would arrive after it.
WINDOW_MARGIN = timedelta(minutes=1)


class Where(TypedDict):
    """From, To and what is quoted, as an agent chose them; the panel's own id of the message."""

    client_id: UUID
    sender_id: int
    address_id: int
    quoted_id: NotRequired[int | None]


@dataclass(frozen=True)
class Route:
    """From and To of a message, both checked."""

    sender: Sender
    address: Address

    @property
    def channel(self) -> Channel:
        return Channel(self.address.channel)


def begin_sending(agent: Agent, client_id: UUID) -> tuple[Conversation, Message | None]:
    """Lock the customer; return the conversation, and the message of an earlier call if any.

    Raises NotFound, or SendingRefused when the agent may not write here now.
    """
    conversation = locked_conversation(agent)
    seen = Message.objects.filter(client_id=client_id).first()
    if seen is None:
        require_right_to_reply(agent, conversation)
    elif seen.conversation_id != conversation.pk:
        raise NotFound(_("This message belongs to another request."))
    return conversation, seen


def require_right_to_reply(agent: Agent, conversation: Conversation) -> None:
    """Refuse those who may only read, a site without licence, and a conversation that rests."""
    if not agent.may_reply:
        raise SendingRefused(_("You can read this conversation but not reply."), code="read-only")
    if not current_site().licence_active:
        raise SendingRefused(
            _("OmniChat is not active on this site. Ask your Jira admin to renew the licence."),
            code="unlicensed",
        )
    if conversation.state != Conversation.State.ACTIVE:
        raise SendingRefused(_why_resting(conversation), code=f"conversation-{conversation.state}")


def _why_resting(conversation: Conversation) -> str:
    if conversation.state == Conversation.State.ENDED:
        return why_ended(conversation)
    if holder_of(conversation):
        return _(
            "The customer's messages go to another request now. Move them here to write to the"
            " customer."
        )
    return _("This conversation is not active. Resume it to write to the customer.")


def require_route(
    conversation: Conversation, sender_id: int, address_id: int, *, in_window: bool = True
) -> Route:
    """Return From and To if a message may go there now.

    A template needs no open window: `in_window` is False then. Raises NotFound or SendingRefused.
    """
    sender = Sender.objects.able().filter(pk=sender_id).first()
    address = Address.objects.filter(
        pk=address_id, phone_number__customer=conversation.customer_id
    ).first()
    chosen = conversation.channels
    off = address is not None and chosen is not None and address.channel not in chosen
    if sender is None or address is None or off:
        raise NotFound(_("This number cannot be used here. Choose another From or To."))
    if sender.channel != address.channel:
        raise SendingRefused(
            _("From and To must be on the same channel. Choose another From or To."),
            code="channel-mismatch",
        )
    _require_reachable(address, sender, in_window=in_window)
    return Route(sender, address)


def _require_reachable(address: Address, sender: Sender, *, in_window: bool) -> None:
    if not address.answerable:
        raise SendingRefused(
            _("This sender cannot receive answers. Choose another To."), code="not-answerable"
        )
    if address.opted_out_at:
        raise SendingRefused(
            _("The customer asked not to be messaged here. Choose another To."), code="opted-out"
        )
    if in_window and not window_is_open(address, sender):
        raise SendingRefused(
            _("More than 24 hours have passed since the customer's last message. Send a template."),
            code="window-closed",
        )


def require_quotable(
    conversation: Conversation, route: Route, quoted_id: int | None
) -> Message | None:
    """Return the message that is quoted: one that the customer wrote in the same chat."""
    if quoted_id is None:
        return None
    if not CAPABILITIES[route.channel].quotes:
        raise SendingRefused(_("SMS cannot quote a message. Remove the quote."), code="no-quotes")
    quoted = Message.objects.from_customer().filter(pk=quoted_id, conversation=conversation).first()
    if quoted is None or not quoted.provider_id:
        raise NotFound(_("The quoted message cannot be quoted. Remove the quote."))
    if (quoted.sender_id, quoted.address_id) != (route.sender.pk, route.address.pk):
        raise SendingRefused(
            _("The quoted message came by other numbers. Choose them, or remove the quote."),
            code="quoted-elsewhere",
        )
    return quoted


def store_outgoing(
    agent: Agent,
    conversation: Conversation,
    route: Route,
    *,
    client_id: UUID,
    kind: MessageKind = MessageKind.TEXT,
    text: str = "",
    content: dict[str, Any] | None = None,
    quoted: Message | None = None,
) -> Message:
    """Store what an agent sends and promise its delivery; the caller holds the customer's lock."""
    now = timezone.now()
    version = conversation.raise_version(message_at=now)
    message = Message.objects.create(
        conversation=conversation,
        direction=Message.Direction.OUT,
        channel=route.channel,
        kind=kind,
        text=text,
        content=content or {},
        sender=route.sender,
        address=route.address,
        client_id=client_id,
        author=agent.account_id,
        quoted=quoted,
        quoted_provider_id=quoted.provider_id if quoted else "",
        occurred_at=now,
        version=version,
    )
    add_send(message, sender=route.sender, address=route.address)
    _record(message, conversation, route)
    ring(conversation.pk, version)
    return message


def add_send(message: Message, *, sender: Sender, address: Address, number: int = 1) -> Send:
    """Promise an attempt to send a message, the first or one more.

    The caller holds the customer's lock.
    """
    by_sms = address.channel == Channel.SMS
    send = Send.objects.create(
        message=message,
        number=number,
        channel=address.channel,
        sender=sender,
        address=address,
        parts=measure(message.text_alone).parts if by_sms else 0,
    )
    promise("message.deliver", group=f"conversation:{message.conversation_id}", subject=send.pk)
    return send


def _record(message: Message, conversation: Conversation, route: Route) -> None:
    audit.record(
        "message.accepted",
        actor_kind=audit.Actor.AGENT,
        actor=message.author,
        subject=message,
        conversation=conversation,
        channel=route.channel,
        address=route.address.value,
    )


def conversation_of(agent: Agent) -> Conversation:
    """Return the conversation of the agent's request, the newest if it had several.

    Raises NotFound.
    """
    conversation = Conversation.objects.filter(issue_id=agent.issue_id).first()
    if conversation is None:
        raise NotFound(_("This request has no conversation."))
    return conversation


def locked_conversation(agent: Agent) -> Conversation:
    """Lock the customer of the agent's request and return its conversation as it is then."""
    while True:
        found = Conversation.objects.filter(issue_id=agent.issue_id)[:1]
        locked = Customer.objects.lock_owners(found)
        conversation = conversation_of(agent)
        if [conversation.customer_id] == [one.pk for one in locked]:
            return conversation


def window_ends_at(address: Address, sender: Sender) -> datetime | None:
    """When free text to `address` from `sender` stops being allowed; None when it never does.

    Counted from the customer's own last message to that sender, in whichever request; a customer
    who never wrote there has a window that ended at the beginning of time.
    """
    window = CAPABILITIES[Channel(address.channel)].reply_window
    if window is None:
        return None
    last = (
        Message.objects.from_customer()
        .filter(address__phone_number=address.phone_number_id, sender=sender)
        .filter(channel=address.channel)
        .aggregate(Max("occurred_at"))["occurred_at__max"]
    )
    return last + window if last else datetime.min.replace(tzinfo=timezone.now().tzinfo)


def window_is_open(address: Address, sender: Sender) -> bool:
    """Whether free text to `address` from `sender` would still arrive in time."""
    ends_at = window_ends_at(address, sender)
    return ends_at is None or timezone.now() + WINDOW_MARGIN <= ends_at
