"""What a customer is told by itself: once when they begin a conversation, and outside hours."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone

from conversations import audit, business_hours
from conversations.business_hours import Hours
from conversations.contracts import AutoReplyOccasion, Channel
from conversations.errors import SendingRefused
from conversations.models import (
    Address,
    AuditEvent,
    AutoReplySettings,
    AutoReplyText,
    Conversation,
    Message,
    Send,
)
from conversations.nudges import ring
from conversations.own_texts import filled, names_in
from conversations.services.outgoing import add_send, window_is_open
from conversations.services.texts import sendable_text
from conversations.spoken_languages import first_of, languages_at
from tenants.context import current_site

CUSTOMER_NAME, REQUEST_KEY = VARIABLES = ("customer.name", "request.key")
# Longer than the hour after which we hear of a resolve at the latest, so that who wrote after it is
# still greeted; a greeting that comes half a day late confuses more than it helps.
IN_TIME = timedelta(hours=2)
# Infobip refuses the 7th equal SMS an hour to a number; and of two machines that answer each other
# one has to stop.
MOST_AN_HOUR = 3
HOUR = timedelta(hours=1)
# Who is in the middle of a chat with an agent need not hear that nobody is there.
AGENT_IS_THERE = HOUR
HELD, REFUSED = NOT_SENT = ("auto-reply.held", "auto-reply.refused")
IDS = UUID("5b8f8a4e-9a0c-4f0e-8d8a-0c6a6f7e2d51")


def answer(message: Message, *, opened: bool) -> None:
    """Answer a customer's message by itself if the site wants that; once, however often called.

    The caller has stored the message and holds the customer's lock. `opened` says that the message
    opened its conversation. A text that names the request waits for `answer_opening`.
    """
    _answer(AutoReplySettings.objects.current(), message, opened=opened)


def _answer(settings: AutoReplySettings, message: Message, *, opened: bool) -> None:
    text = _text(settings, message, opened=opened)
    if text is None or not _may_be_answered(message):
        return
    conversation, client_id = message.conversation, _client_id(message, opened=opened)
    waits = REQUEST_KEY in names_in(text.text) and not conversation.issue_key
    if waits or Message.objects.filter(client_id=client_id).exists():
        return
    if _sent_lately(message) >= MOST_AN_HOUR:
        _note(message, text, HELD)
        return
    try:
        words = _sendable(text, conversation)
    except SendingRefused as refusal:
        _note(message, text, REFUSED, result=refusal.code)
        return
    _send(message, text, words, client_id)


def answer_opening(conversation: Conversation) -> None:
    """Answer the message that opened a conversation, unless it was decided already.

    Call when its request exists, too: a text may have waited for it. The caller holds the
    customer's lock.
    """
    if conversation.state not in {Conversation.State.OPENING, Conversation.State.ACTIVE}:
        return
    settings = AutoReplySettings.objects.current()
    if not (settings.enabled or settings.closed_enabled):
        return
    written = Message.objects.from_customer().filter(conversation=conversation)
    first = written.filter(channel=conversation.channel).order_by("pk").first()
    if first is not None and not _noted(conversation).exists():
        _answer(settings, first, opened=True)


def is_late(send: Send) -> bool:
    """Whether what would leave by itself has waited so long that it had better stay."""
    return bool(send.message.auto_reply) and timezone.now() - send.created_at > IN_TIME


def _text(settings: AutoReplySettings, message: Message, *, opened: bool) -> AutoReplyText | None:
    """Return what the customer is to be told.

    Outside business hours that is said and no greeting, also to who goes on with a conversation;
    who was told lately is told nothing more.
    """
    if settings.closed_enabled:
        closed = _in_their_language(settings, AutoReplyOccasion.CLOSED, message)
        if closed is not None and not _was_open(settings, message.occurred_at):
            return None if _knows(settings, message) else closed
    if opened and settings.enabled:
        return _in_their_language(settings, AutoReplyOccasion.GREETING, message)
    return None


def _in_their_language(
    settings: AutoReplySettings, occasion: AutoReplyOccasion, message: Message
) -> AutoReplyText | None:
    found = settings.texts.filter(occasion=occasion, channel=message.channel)
    texts = {text.language: text for text in found}
    wanted = (*languages_at(message.address.value), settings.language)
    return texts.get(first_of(wanted, texts) or "")


def _was_open(settings: AutoReplySettings, at: datetime) -> bool:
    hours = [Hours(each.weekday, each.opens_at, each.closes_at) for each in settings.hours.all()]
    holidays = set(settings.holidays.values_list("day", flat=True))
    return business_hours.is_open(
        at, zone=ZoneInfo(settings.time_zone), hours=hours, holidays=holidays
    )


def _knows(settings: AutoReplySettings, message: Message) -> bool:
    """Whether the customer was told lately that nobody is there, or has an agent there."""
    now = timezone.now()
    told = Message.objects.filter(
        conversation__customer=message.conversation.customer_id,
        auto_reply=AutoReplyOccasion.CLOSED,
        occurred_at__gt=now - timedelta(hours=settings.hours_between),
    )
    agents = Message.objects.filter(
        conversation=message.conversation_id, occurred_at__gt=now - AGENT_IS_THERE
    ).exclude(author="")
    return told.exists() or agents.exists()


def _may_be_answered(message: Message) -> bool:
    """Whether a text may go back now, the way the message came."""
    # Read again: what the message said may have opted it out.
    address = Address.objects.get(pk=message.address_id)
    return (
        timezone.now() - message.occurred_at <= IN_TIME
        and address.answerable
        and address.opted_out_at is None
        and message.sender.enabled
        and current_site().licence_active
        and window_is_open(address, message.sender)
    )


def _client_id(message: Message, *, opened: bool) -> UUID:
    """Return the id under which the reply is stored once: one for each opening, else one each."""
    named = f"conversation:{message.conversation_id}" if opened else f"message:{message.pk}"
    return uuid5(IDS, named)


def _sent_lately(message: Message) -> int:
    """Return how many the subscriber got within the hour on this channel."""
    lately = Message.objects.filter(
        address__phone_number=message.address.phone_number_id,
        channel=message.channel,
        occurred_at__gt=timezone.now() - HOUR,
    )
    return lately.exclude(auto_reply="").count()


def _sendable(text: AutoReplyText, conversation: Conversation) -> str:
    """Return the words; without the customer's name if only with it they could not be sent."""
    values = {CUSTOMER_NAME: conversation.customer.name, REQUEST_KEY: conversation.issue_key}
    channel = Channel(text.channel)
    try:
        return sendable_text(filled(text.text, values), channel)
    except SendingRefused:
        return sendable_text(filled(text.text, values | {CUSTOMER_NAME: ""}), channel)


def _send(message: Message, text: AutoReplyText, words: str, client_id: UUID) -> None:
    conversation = message.conversation
    # Below the message that it answers, whose time is by the provider's clock.
    now = max(timezone.now(), message.occurred_at)
    version = conversation.raise_version(message_at=now)
    reply = Message.objects.create(
        conversation=conversation,
        direction=Message.Direction.OUT,
        channel=message.channel,
        text=words,
        sender=message.sender,
        address=message.address,
        client_id=client_id,
        auto_reply=text.occasion,
        occurred_at=now,
        version=version,
    )
    add_send(reply, sender=message.sender, address=message.address)
    audit.record(
        "message.accepted",
        actor_kind=audit.Actor.SYSTEM,
        subject=reply,
        conversation=conversation,
        channel=message.channel,
        address=message.address.value,
        auto_reply=text.occasion,
    )
    ring(conversation.pk, version)


def _noted(conversation: Conversation) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(
        subject_type="conversation", subject_id=str(conversation.pk), action__in=NOT_SENT
    )


def _note(message: Message, text: AutoReplyText, action: str, *, result: str = "") -> None:
    """Say in the thread that it was not sent; once, though many messages go unanswered."""
    conversation = message.conversation
    if _noted(conversation).filter(action=action, detail__auto_reply=text.occasion).exists():
        return
    version = conversation.raise_version()
    audit.record(
        action,
        actor_kind=audit.Actor.SYSTEM,
        subject=conversation,
        conversation=conversation,
        channel=message.channel,
        address=message.address.value,
        result=result,
        auto_reply=text.occasion,
        version=version,
    )
    ring(conversation.pk, version)
