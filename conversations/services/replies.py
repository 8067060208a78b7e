"""What agents do: they answer."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations import audit, sms_text
from conversations.capabilities import CAPABILITIES
from conversations.contracts import Agent, Channel
from conversations.errors import NotFound, SendingRefused
from conversations.models import Address, Conversation, Customer, Draft, Message, Send, Sender
from conversations.nudges import ring
from conversations.outbox import promise
from conversations.sms_text import TextProblemCode
from tenants.context import current_site

# Free text this close to the window's end would arrive after it.
WINDOW_MARGIN = timedelta(minutes=1)


@transaction.atomic
def send_reply(
    agent: Agent, *, text: str, client_id: UUID, sender_id: int, address_id: int
) -> Message:
    """Store an agent's message and promise its delivery; it leaves soon after the commit.

    Locks the customer. Called twice with the same client id, it returns the message of the first
    call. Raises NotFound or SendingRefused; then nothing is stored and nothing promised.
    """
    conversation = locked_conversation(agent)
    seen = Message.objects.filter(client_id=client_id).first()
    if seen is not None:
        if seen.conversation_id != conversation.pk:
            raise NotFound(_("This message belongs to another request."))
        return seen

    _require_right_to_reply(agent, conversation)
    sender, address = _route(conversation, sender_id, address_id)
    text = sms_text.normalise(text)
    _require_sendable(text, sender, address)
    message = _store(agent, conversation, sender, address, text, client_id)
    Draft.objects.filter(issue_id=agent.issue_id, account_id=agent.account_id).delete()
    return message


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
        customer_id = conversation_of(agent).customer_id
        Customer.objects.lock([customer_id])
        conversation = conversation_of(agent)
        if conversation.customer_id == customer_id:
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


def _require_right_to_reply(agent: Agent, conversation: Conversation) -> None:
    if not agent.may_reply:
        raise SendingRefused(_("You can read this conversation but not reply."), code="read-only")
    if not current_site().licence_active:
        raise SendingRefused(
            _("OmniChat is not active on this site. Ask your Jira admin to renew the licence."),
            code="unlicensed",
        )
    if conversation.state != Conversation.State.ACTIVE:
        raise SendingRefused(
            _("This conversation is not active. Resume it to write to the customer."),
            code=f"conversation-{conversation.state}",
        )


def _route(conversation: Conversation, sender_id: int, address_id: int) -> tuple[Sender, Address]:
    sender = Sender.objects.working().filter(pk=sender_id).first()
    address = Address.objects.filter(
        pk=address_id, phone_number__customer=conversation.customer_id
    ).first()
    chosen = conversation.channels
    off = address is not None and chosen is not None and address.channel not in chosen
    if sender is None or address is None or off:
        raise NotFound(_("This number cannot be used here. Choose another From or To."))
    if sender.channel != address.channel:
        raise SendingRefused(_("From and To must be on the same channel."), code="channel-mismatch")
    return sender, address


def _require_sendable(text: str, sender: Sender, address: Address) -> None:
    if not address.answerable:
        raise SendingRefused(_("This sender cannot receive answers."), code="not-answerable")
    if address.opted_out_at:
        raise SendingRefused(_("The customer asked not to be messaged here."), code="opted-out")
    channel = Channel(address.channel)
    problem = sms_text.refusal(text, limit=CAPABILITIES[channel].longest_text)
    if channel == Channel.WHATSAPP:
        problem = _whatsapp_problem(text, problem)
    if problem is not None:
        raise SendingRefused(_words(problem), code=problem.code.lower().replace("_", "-"))
    ends_at = window_ends_at(address, sender)
    if ends_at is not None and timezone.now() + WINDOW_MARGIN > ends_at:
        raise SendingRefused(
            _("More than 24 hours have passed since the customer's last message."),
            code="window-closed",
        )


def _whatsapp_problem(
    text: str, problem: sms_text.TextProblem | None
) -> sms_text.TextProblem | None:
    """WhatsApp counts characters, not parts; what cannot be sent at all is the same."""
    if problem is not None and problem.code in {
        TextProblemCode.EMPTY,
        TextProblemCode.CONTROL_CHARACTER,
        TextProblemCode.LONE_SURROGATE,
    }:
        return problem
    longest = CAPABILITIES[Channel.WHATSAPP].longest_text
    if len(text) > longest:
        return sms_text.TextProblem(TextProblemCode.TOO_LONG, len(text), longest)
    return None


def _words(problem: sms_text.TextProblem) -> str:
    match problem.code:
        case TextProblemCode.EMPTY:
            return _("Write a message first.")
        case TextProblemCode.TOO_LONG:
            return _(
                "The message has %(found)d characters, %(allowed)d are allowed. Shorten it."
            ) % {
                "found": problem.found,
                "allowed": problem.allowed,
            }
        case TextProblemCode.TOO_MANY_PARTS | TextProblemCode.TOO_MANY_BYTES:
            return _("The message is longer than a phone can receive. Send it in pieces.")
        case _:
            return _(
                "The message holds characters that cannot be sent: %(which)s. Remove them."
            ) % {"which": ", ".join(problem.offending)}


def _store(
    agent: Agent,
    conversation: Conversation,
    sender: Sender,
    address: Address,
    text: str,
    client_id: UUID,
) -> Message:
    now = timezone.now()
    version = conversation.raise_version(message_at=now)
    message = Message.objects.create(
        conversation=conversation,
        direction=Message.Direction.OUT,
        channel=address.channel,
        text=text,
        sender=sender,
        address=address,
        client_id=client_id,
        author=agent.account_id,
        occurred_at=now,
        version=version,
    )
    add_send(message, sender=sender, address=address)
    audit.record(
        "message.accepted",
        actor_kind=audit.Actor.AGENT,
        actor=agent.account_id,
        subject=message,
        conversation=conversation,
        channel=address.channel,
        address=address.value,
    )
    ring(conversation.pk, version)
    return message


def add_send(message: Message, *, sender: Sender, address: Address) -> Send:
    """Promise one more attempt to send a message; the caller holds the customer's lock."""
    send = Send.objects.create(
        message=message,
        number=message.sends.count() + 1,
        channel=address.channel,
        sender=sender,
        address=address,
    )
    promise("message.deliver", group=f"conversation:{message.conversation_id}", subject=send.pk)
    return send
