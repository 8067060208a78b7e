"""What Infobip tells besides messages and reports: consent, identities, templates and the like.

Source: the event webhooks of Infobip's WhatsApp, blocklist and SMS documents. Most of them are flat
objects without an id.
"""

from typing import Any

from channels.infobip.dates import moment
from channels.infobip.fields import digits, mapping, text_of
from channels.infobip.inbound import CHANNELS, ChannelOf
from conversations.contracts import Channel, ConsentChange, IdentityChange, TemplateUpdate

BLOCKLIST = ("BLOCK", "UNBLOCK")
MARKETING = {"stop": False, "resume": True}
TELLS_NOTHING = frozenset({"TYPING_STARTED", "TYPING_STOPPED", "CLICK", "CLICKED"})
IDENTITY_CHANGED = "user_identity_changed"

Told = ConsentChange | IdentityChange | TemplateUpdate


def is_event(item: dict[str, Any]) -> bool:
    """Whether an item is one of these, rather than a message or a report."""
    content = mapping(item.get("content"))
    return (
        _tells_nothing(item)
        or item.get("event") in BLOCKLIST
        or isinstance(item.get("change"), dict)
        or bool(content.get("notificationMessagesStatus"))
        or content.get("type") == IDENTITY_CHANGED
    )


def parse(item: dict[str, Any], *, channel_of: ChannelOf) -> Told | None:
    """Understand an event; None for those that mean nothing to us."""
    if _tells_nothing(item):
        return None
    if item.get("event") in BLOCKLIST:
        return _blocklist(item, channel_of)
    if isinstance(item.get("change"), dict):
        return TemplateUpdate(
            name=text_of(item, "messageTemplateName"),
            language=text_of(item, "messageTemplateLanguage"),
            occurred_at=moment(item.get("timestamp")),
            rejected_for=_reason(item["change"]),
        )
    if mapping(item.get("content")).get("type") == IDENTITY_CHANGED:
        return _identity(item)
    return _marketing(item)


def _reason(change: dict[str, Any]) -> str:
    """Return why a template was rejected; the lists of templates do not say it."""
    reason = text_of(change, "reason")
    rejected = text_of(change, "newStatus").upper() == "REJECTED"
    return reason if rejected and reason.upper() != "NONE" else ""


def _tells_nothing(item: dict[str, Any]) -> bool:
    if item.get("messageId") is None and mapping(item.get("content")).get("type") == "payment":
        return True  # of a payment link, which we never send
    said = item.get("event") or item.get("notificationType")
    return isinstance(said, str) and said in TELLS_NOTHING


def _blocklist(item: dict[str, Any], channel_of: ChannelOf) -> ConsentChange | None:
    content = mapping(item.get("content"))
    sender, destination = text_of(content, "sender"), text_of(content, "destination")
    said = text_of(content, "channel").upper()
    if said and said not in CHANNELS:
        return None
    known = channel_of(digits(sender)) or channel_of(digits(destination)) or Channel.SMS
    return ConsentChange(
        channel=CHANNELS[said] if said else Channel(known),
        address=destination,
        sender_number=digits(sender),
        occurred_at=moment(item.get("receivedAt")),
        opted_in=item["event"] == "UNBLOCK",
    )


def _marketing(item: dict[str, Any]) -> ConsentChange | None:
    content = mapping(item.get("content"))
    said = text_of(content, "notificationMessagesStatus").lower()
    if said not in MARKETING:
        return None
    return ConsentChange(
        channel=Channel.WHATSAPP,
        address=text_of(content, "from", "userNumber", "userId"),
        sender_number=digits(text_of(content, "sender") or text_of(item, "from")),
        occurred_at=moment(item.get("createdAt")),
        opted_in=MARKETING[said],
        marketing_only=True,
    )


def _identity(item: dict[str, Any]) -> IdentityChange:
    content = mapping(item.get("content"))
    return IdentityChange(
        address=text_of(content, "userNumber", "userId"),
        sender_number=digits(text_of(item, "from")),
        occurred_at=moment(item.get("createdAt")),
        identity=text_of(content, "hash"),
        user_id=text_of(content, "userId"),
    )
