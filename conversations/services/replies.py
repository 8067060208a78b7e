"""What agents do: they answer."""

from uuid import UUID

from django.db import transaction

from conversations.contracts import Agent
from conversations.models import Draft, Message
from conversations.services.outgoing import (
    begin_sending,
    require_quotable,
    require_route,
    store_outgoing,
)
from conversations.services.texts import sendable_text


@transaction.atomic
def send_reply(
    agent: Agent,
    *,
    text: str,
    client_id: UUID,
    sender_id: int,
    address_id: int,
    quoted_id: int | None = None,
) -> Message:
    """Store an agent's message and promise its delivery; it leaves soon after the commit.

    Locks the customer. Called twice with the same client id, it returns the message of the first
    call. Raises NotFound or SendingRefused; then nothing is stored and nothing promised.
    """
    conversation, seen = begin_sending(agent, client_id)
    if seen is not None:
        return seen

    route = require_route(conversation, sender_id, address_id)
    message = store_outgoing(
        agent,
        conversation,
        route,
        client_id=client_id,
        text=sendable_text(text, route.channel),
        quoted=require_quotable(conversation, route, quoted_id),
    )
    Draft.objects.filter(issue_id=agent.issue_id, account_id=agent.account_id).delete()
    return message
