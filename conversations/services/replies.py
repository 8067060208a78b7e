"""What agents do: they answer."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from conversations.capabilities import CAPABILITIES
from conversations.contracts import Agent, MessageKind
from conversations.errors import SendingRefused
from conversations.models import Attachment, Conversation, Draft, Message
from conversations.services.attention import require_no_other_reply, stop_writing
from conversations.services.canned_replies import require_filled
from conversations.services.outgoing import (
    Route,
    begin_sending,
    require_quotable,
    require_route,
    store_outgoing,
)
from conversations.services.texts import require_few_parts, sendable_part, sendable_text
from conversations.services.uploads import claim_uploads, give_upload, require_size

MOST_FILES = 10  # at a time: each is a message of its own
CAPTIONED = {MessageKind.IMAGE, MessageKind.VIDEO, MessageKind.DOCUMENT}


@dataclass(frozen=True)
class Part:
    """One of the messages that a reply becomes."""

    kind: MessageKind
    text: str = ""
    attachment: Attachment | None = None


@transaction.atomic
def send_reply(
    agent: Agent,
    *,
    text: str,
    client_id: UUID,
    sender_id: int,
    address_id: int,
    attachment_ids: Sequence[int] = (),
    quoted_id: int | None = None,
    confirmed: Collection[str] = (),
) -> Message:
    """Store an agent's message and promise its delivery; it leaves soon after the commit.

    Each file is a message of its own, the text the caption of the first. Locks the customer.
    Returns the first message; called twice with the same client id, that of the first call. Raises
    NotFound or SendingRefused; then nothing is stored and nothing promised. ConfirmationNeeded is
    raised no more for the codes in `confirmed`.
    """
    conversation, seen = begin_sending(agent, client_id)
    if seen is not None:
        return seen

    require_no_other_reply(agent, conversation, confirmed)
    route = require_route(conversation, sender_id, address_id)
    quoted = require_quotable(conversation, route, quoted_id)
    first, *others = _parts(agent, route, text, attachment_ids)
    require_few_parts(first.text, route.channel, confirmed)
    store = partial(_store, agent, conversation, route)
    message = store(first, client_id, quoted=quoted)
    for number, part in enumerate(others, start=1):
        store(part, uuid5(client_id, str(number)))
    Draft.objects.filter(issue_id=agent.issue_id, account_id=agent.account_id).delete()
    stop_writing(agent)
    return message


def _store(
    agent: Agent,
    conversation: Conversation,
    route: Route,
    part: Part,
    client_id: UUID,
    *,
    quoted: Message | None = None,
) -> Message:
    message = store_outgoing(
        agent,
        conversation,
        route,
        client_id=client_id,
        kind=part.kind,
        text=part.text,
        quoted=quoted,
    )
    give_upload(part.attachment, message)
    return message


def _parts(agent: Agent, route: Route, text: str, attachment_ids: Sequence[int]) -> list[Part]:
    require_filled(text)
    if not attachment_ids:
        return [Part(MessageKind.TEXT, sendable_text(text, route.channel))]
    if not CAPABILITIES[route.channel].files:
        raise SendingRefused(
            _("SMS carries text only. Remove the files, or choose WhatsApp."), code="text-only"
        )
    if len(attachment_ids) > MOST_FILES:
        raise SendingRefused(
            _("Up to %d files go at a time. Send the others after them.") % MOST_FILES,
            code="too-many-files",
        )
    files = [_file(each, route) for each in claim_uploads(agent, attachment_ids)]
    return list(_with_text(text, files, route))


def _file(attachment: Attachment, route: Route) -> Part:
    limit = CAPABILITIES[route.channel].limit_for(attachment.content_type)
    if limit is None:
        raise SendingRefused(
            _("%s is of a type that is not carried. Remove it.") % attachment.name,
            code="file-type",
        )
    require_size(attachment.name, attachment.size, limit.largest)
    return Part(limit.kind, attachment=attachment)


def _with_text(text: str, files: list[Part], route: Route) -> Iterator[Part]:
    """Put the text to the first file, or before it when files of its kind carry none."""
    first, *others = files
    if first.kind in CAPTIONED:
        longest = CAPABILITIES[route.channel].longest_caption
        caption = sendable_part(text, name=_("The text to a file"), longest=longest, needed=False)
        yield Part(first.kind, caption, first.attachment)
    else:
        if text.strip():
            yield Part(MessageKind.TEXT, sendable_text(text, route.channel))
        yield first
    yield from others
