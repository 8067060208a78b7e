"""Customers' messages and reactions as Infobip words them, in each of its formats."""

from collections.abc import Callable
from typing import Any

from channels.infobip.contents import content_of, type_of
from channels.infobip.dates import moment
from channels.infobip.fields import digits, mapping, text_of
from conversations.contracts import Channel, InboundMessage, InboundReaction
from conversations.errors import NotUnderstood
from conversations.phone_numbers import AddressKind, identify

# An MMS comes to the number that SMS come to, and its sender is answered by SMS.
CHANNELS = {"SMS": Channel.SMS, "MMS": Channel.SMS, "WHATSAPP": Channel.WHATSAPP}
LONGEST_ID = 512
MOST_PIECES = 100  # each may be a file: one message must not fill the outbox

ChannelOf = Callable[[str], str | None]


def parse(item: dict[str, Any], *, channel_of: ChannelOf) -> InboundMessage | InboundReaction:
    """Understand what a customer wrote; raises NotUnderstood when it lacks what is needed."""
    pieces = _pieces(item)
    reaction = next((piece for piece in pieces if type_of(piece) == "REACTION"), None)
    contact = mapping(item.get("contact"))
    sender_number = digits(text_of(item, "to", "destination"))
    author, user_id = _author(item, contact)
    channel = _channel(item, sender_number, channel_of)
    occurred_at = moment(item.get("receivedAt"))
    if reaction is not None:
        return InboundReaction(
            channel=channel,
            target_id=_target(item, reaction),
            address=author,
            sender_number=sender_number,
            occurred_at=occurred_at,
            emoji=_emoji(reaction),
            user_id=user_id,
        )
    content = content_of(pieces)
    return InboundMessage(
        channel=channel,
        provider_id=_id(item),
        address=author,
        sender_number=sender_number,
        occurred_at=occurred_at,
        text=content.text,
        kind=content.kind,
        content=content.said,
        user_id=user_id,
        profile_name=text_of(contact, "name", "username"),
        files=content.files,
        quoted_id=_quoted(item, pieces),
    )


def _id(item: dict[str, Any]) -> str:
    provider_id = text_of(item, "messageId")
    if not 0 < len(provider_id) <= LONGEST_ID:
        raise NotUnderstood("The message has no usable id.")
    return provider_id


def _author(item: dict[str, Any], contact: dict[str, Any]) -> tuple[str, str]:
    """Return what wrote, the number where the message names one, and the user id if there is one.

    What calls itself the sender may be either of the two.
    """
    author, user_id = text_of(item, "from", "sender"), text_of(contact, "userId")
    if identify(author).kind is AddressKind.USER_ID:
        user_id = user_id or author
    if author in {"", user_id}:
        author = text_of(contact, "phoneNumber") or user_id
    return author, user_id


def _pieces(item: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the message itself: an object, the objects of a list, or the item's own text."""
    for name in ("message", "content"):
        found = item.get(name)
        if isinstance(found, dict):
            return [found]
        if isinstance(found, str):
            return [{"text": found}]
        if isinstance(found, list) and found:
            if len(found) > MOST_PIECES:
                raise NotUnderstood("The message has more parts than a message can have.")
            # A list holds one message in pieces, such as a subject, a text and an image.
            return [piece if isinstance(piece, dict) else {"text": piece} for piece in found]
    return [{"text": item.get("text")}]


def _channel(item: dict[str, Any], sender_number: str, channel_of: ChannelOf) -> Channel:
    """Say which channel it came by: the body's word, else our sender's, else the body's shape."""
    said = text_of(item, "channel", "integrationType").upper()
    if said in CHANNELS:
        return CHANNELS[said]
    if said:
        raise NotUnderstood("The message came by a channel that is not one of ours.")
    known = channel_of(sender_number)
    if known:
        return Channel(known)
    return Channel.WHATSAPP if isinstance(item.get("message"), dict) else Channel.SMS


def _quoted(item: dict[str, Any], pieces: list[dict[str, Any]]) -> str:
    """Return the id of the message that this one answers; one too long to be an id is none."""
    for fields in (*pieces, item):
        quoted = text_of(mapping(fields.get("context")), "id")
        if 0 < len(quoted) <= LONGEST_ID:
            return quoted
    return ""


def _target(item: dict[str, Any], reaction: dict[str, Any]) -> str:
    target = _quoted(item, [reaction]) or text_of(item, "pairedMessageId")
    if not 0 < len(target) <= LONGEST_ID:
        raise NotUnderstood("The reaction names no message.")
    return target


def _emoji(reaction: dict[str, Any]) -> str:
    removed = text_of(reaction, "action").upper() == "REMOVED"
    return "" if removed else text_of(reaction, "emoji")
