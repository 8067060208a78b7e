"""What agents do with a message that was not delivered: send it again, or over another channel."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from conversations import audit
from conversations.contracts import Agent, Channel, MessageKind, SendState
from conversations.errors import NotFound, SendingRefused
from conversations.failures import Remedy, reason_of, remedies_of
from conversations.models import Address, Conversation, Message, Send
from conversations.nudges import ring
from conversations.phone_numbers import AddressKind, identify
from conversations.services.outgoing import (
    Route,
    add_send,
    locked_conversation,
    require_right_to_reply,
    require_route,
)
from conversations.services.texts import require_few_parts, sendable_text
from conversations.services.ways_over import channels_for, sender_over


@transaction.atomic
def resend(agent: Agent, message_id: int) -> Message:
    """Send a message again, as another attempt under the same row.

    Locks the customer. A message that is under way or delivered by now is left alone, so that two
    clicks are one attempt. Raises NotFound or SendingRefused.
    """
    conversation, message, send = _failed(agent, message_id, Remedy.RESEND)
    if send is not None:
        free = message.kind == MessageKind.TEMPLATE
        route = require_route(conversation, send.sender_id, send.address_id, in_window=not free)
        _promise(agent, conversation, message, route)
    return message


@transaction.atomic
def send_over(
    agent: Agent, message_id: int, channel: Channel, *, confirmed: Collection[str] = ()
) -> Message:
    """Send the text of a message over another channel, as another attempt under the same row.

    Locks the customer. Raises NotFound or SendingRefused; ConfirmationNeeded no more for the codes
    in `confirmed`.
    """
    conversation, message, send = _failed(agent, message_id, Remedy.OTHER_CHANNEL)
    if send is None:
        return message
    if send.channel == channel:
        raise SendingRefused(_("The message went over this channel already."), code="same-channel")
    if channel not in channels_for(message):
        raise SendingRefused(_("Only texts can be sent over another channel."), code="not-a-text")
    text = sendable_text(message.text_alone, channel)
    require_few_parts(text, channel, confirmed)
    _promise(agent, conversation, message, _route(conversation, send, channel))
    return message


def _failed(
    agent: Agent, message_id: int, remedy: Remedy
) -> tuple[Conversation, Message, Send | None]:
    """Return the message and its failed send; no send when there is nothing to mend any more."""
    conversation = locked_conversation(agent)
    require_right_to_reply(agent, conversation)
    ours = Message.objects.filter(direction=Message.Direction.OUT, conversation=conversation)
    message = ours.prefetch_related("sends").filter(pk=message_id).first()
    send = message.shown_send if message else None
    if message is None or send is None:
        raise NotFound(_("This request has no such message."))
    if send.state not in {SendState.FAILED, SendState.UNCONFIRMED}:
        return conversation, message, None
    failed = send.state == SendState.FAILED
    if failed and remedy not in remedies_of(send.failure, permanent=send.error_permanent):
        raise SendingRefused(
            _("This message cannot be sent like this: %(reason)s")
            % {"reason": reason_of(send.failure)},
            code="no-remedy",
        )
    return conversation, message, send


def _route(conversation: Conversation, failed: Send, channel: Channel) -> Route:
    """Return the way over `channel` to the person whom the failed send was for."""
    number = failed.address.phone_number
    address = Address.objects.filter(phone_number=number, channel=channel).order_by("-pk").first()
    if address is None and identify(failed.address.value).kind is AddressKind.NUMBER:
        address, _created = Address.objects.get_or_create(
            channel=channel, value=failed.address.value, defaults={"phone_number": number}
        )
    sender = sender_over(conversation, channel)
    if sender is None or address is None:
        raise SendingRefused(
            _("There is no number to use for %(channel)s.") % {"channel": channel.label},
            code="no-route",
        )
    return require_route(conversation, sender.pk, address.pk)


def _promise(agent: Agent, conversation: Conversation, message: Message, route: Route) -> None:
    number = message.sends.count() + 1
    send = add_send(message, sender=route.sender, address=route.address, number=number)
    version = conversation.raise_version()
    Message.objects.filter(pk=message.pk).update(version=version)
    audit.record(
        "message.resent",
        actor_kind=audit.Actor.AGENT,
        actor=agent.account_id,
        subject=message,
        conversation=conversation,
        channel=route.channel,
        address=route.address.value,
        send=str(send.pk),
    )
    ring(conversation.pk, version)
