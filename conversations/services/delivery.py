"""What becomes of a message on its way to the customer."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from prometheus_client import Counter

from conversations import audit
from conversations.contracts import (
    Channel,
    DeliveryReport,
    FailureKind,
    MessageKind,
    OutgoingFile,
    OutgoingMessage,
    SendState,
)
from conversations.errors import NotYetKnown, TemporaryFailure, UnknownOutcome
from conversations.models import (
    Attachment,
    Conversation,
    Message,
    Send,
    Sender,
    SendingSettings,
)
from conversations.models.message import SendQuerySet
from conversations.nudges import ring
from conversations.services import auto_replies, consent
from tenants.context import current_site
from tenants.models import Site

SENDS = Counter("omnichat_sends", "Sends that came to a state.", ["channel", "state"])
TIMES = {
    SendState.SENT: ("sent_at",),
    SendState.DELIVERED: ("delivered_at",),
    SendState.READ: ("read_at",),
}


def begin(send_id: UUID, *, may_have_left: bool = False) -> OutgoingMessage | None:
    """Ask, at the moment of sending, whether the send may leave; None when it is settled.

    One that may not leave any more fails visibly here, unless an earlier try may have sent it: then
    what became of that try has to be found out first. Raises TemporaryFailure while the site
    sleeps, UnknownOutcome if an earlier try may have sent it.
    """
    send = (
        Send.objects.select_related("message__conversation", "sender", "address")
        .filter(pk=send_id, state__in=[SendState.QUEUED, SendState.SENDING])
        .first()
    )
    if send is None:
        return None
    site = current_site()
    if site.state != Site.State.ACTIVE:
        failure = UnknownOutcome if may_have_left else TemporaryFailure
        raise failure("The app is not active on this site.")
    refused = None if may_have_left else _refusal(send, site)
    if refused is not None:
        # No news of the customer's wishes: they are why.
        _settle(send_id, SendState.FAILED, by_us=True, failure=refused, permanent=True)
        return None
    Send.objects.filter(pk=send_id).below(SendState.SENDING).update(state=SendState.SENDING)
    return _outgoing(send)


def send_of(report: DeliveryReport) -> Send:
    """Return the send that a report speaks of.

    Raises NotYetKnown when no send of ours has that id.
    """
    send = _with_message().known_as(report.reference).first()
    if send is None:
        raise NotYetKnown
    return send


def take_report(report: DeliveryReport, send: Send | None = None) -> bool:
    """Move the send that a report speaks of up the ladder; False when it stands higher already.

    `send` is the one, where the caller has found it. Raises NotYetKnown.
    """
    return _advance(send or send_of(report), report)


def accept(send_id: UUID, *, provider_id: str = "") -> bool:
    """The provider has taken the message."""
    if provider_id and provider_id != str(send_id):
        Send.objects.filter(pk=send_id).update(provider_id=provider_id)
    return _settle(send_id, SendState.SENT)


def leave_unconfirmed(send_id: UUID) -> bool:
    """Nobody can say whether the provider has it: the agent decides, or a report settles it."""
    return _settle(send_id, SendState.UNCONFIRMED)


def fail(
    send_id: UUID, failure: FailureKind, *, code: str = "", text: str = "", permanent: bool = True
) -> bool:
    """The message was not sent; code, text and permanence are the provider's."""
    return _settle(
        send_id,
        SendState.FAILED,
        failure=failure,
        error_code=code,
        error_text=text,
        permanent=permanent,
    )


def withdraw(send_id: UUID, *, may_have_left: bool) -> bool:
    """Let a send that waits not leave any more: nobody is left to get it."""
    if may_have_left:
        return leave_unconfirmed(send_id)
    failure = FailureKind.OPTED_OUT
    return _settle(send_id, SendState.FAILED, by_us=True, failure=failure, permanent=True)


def _settle(send_id: UUID, state: SendState, *, by_us: bool = False, **why: Any) -> bool:
    report = DeliveryReport(str(send_id), state, timezone.now(), **why)
    return _advance(_with_message().get(pk=send_id), report, by_us=by_us)


def _with_message() -> SendQuerySet:
    # What we have sent never moves to another conversation, so that this may be read in advance.
    return Send.objects.select_related("address", "message__conversation")


def _outgoing(send: Send) -> OutgoingMessage:
    message = send.message
    outgoing = OutgoingMessage(
        message_id=str(send.pk),
        channel=Channel(send.channel),
        sender_number=send.sender.number,
        address=send.address.value,
        text=message.text,
        sender_id=send.sender_id,
        address_id=send.address_id,
    )
    if send.channel != message.channel:
        return replace(outgoing, text=message.text_alone)
    return replace(
        outgoing,
        kind=MessageKind(message.kind),
        content=_content_of(send),
        file=_file_of(message),
        quoted_id=message.quoted_provider_id,
    )


def _content_of(send: Send) -> dict[str, Any]:
    """Return what the message holds; an SMS in its place only where one may go now as well."""
    content: dict[str, Any] = send.message.content
    if "sms_fallback" not in content or _may_fall_back(send, content["sms_fallback"]["sender"]):
        return content
    return {name: value for name, value in content.items() if name != "sms_fallback"}


def _may_fall_back(send: Send, number: str) -> bool:
    return (
        SendingSettings.objects.current().sms_fallback
        and Sender.objects.working().filter(channel=Channel.SMS, number=number).exists()
        and not consent.is_closed_to_sms(send.address)
    )


def _file_of(message: Message) -> OutgoingFile | None:
    if message.kind == MessageKind.TEXT:
        return None
    stored = message.attachments.filter(state=Attachment.State.STORED).first()
    if stored is None:
        return None
    return OutgoingFile(stored.pk, stored.name, stored.content_type, stored.size)


def _refusal(send: Send, site: Site) -> FailureKind | None:
    if not site.licence_active:
        return FailureKind.UNLICENSED
    conversation = send.message.conversation
    if conversation.state == Conversation.State.ENDED:
        opted_out = conversation.end_reason == Conversation.EndReason.OPTED_OUT
        return FailureKind.OPTED_OUT if opted_out else FailureKind.CONVERSATION_ENDED
    if auto_replies.is_late(send):
        return FailureKind.EXPIRED
    unwanted = consent.refusal_of(send)
    return unwanted or (None if send.sender.enabled else FailureKind.SENDER_OFF)


@transaction.atomic(savepoint=False)
def _advance(send: Send, report: DeliveryReport, *, by_us: bool = False) -> bool:
    refused = not by_us and consent.lock_for_refusal(send, report)
    # The ranks stand in the WHERE: reports come late, twice and out of order.
    state = report.state
    moved = (
        Send.objects.filter(pk=send.pk)
        .below(state)
        .update(
            state=state,
            failure=report.failure if state is SendState.FAILED else "",
            error_code=report.error_code[:100],
            error_text=report.error_text[:500],
            error_permanent=report.permanent,
            by_fallback=_by_fallback(send, report),
            **dict.fromkeys(TIMES.get(state, ()), report.occurred_at),
        )
    )
    if not moved:
        return False
    message = send.message
    version = message.conversation.raise_version()
    Message.objects.filter(pk=message.pk).update(version=version)
    audit.record(
        f"message.{state}",
        actor_kind=audit.Actor.PROVIDER,
        subject=message,
        conversation=message.conversation,
        channel=send.channel,
        address=send.address.value,
        result=report.failure if state is SendState.FAILED else "",
        send=str(send.pk),
    )
    ring(message.conversation_id, version)
    transaction.on_commit(lambda: SENDS.labels(send.channel, state.value).inc())
    if refused:
        consent.note_refusal(send, report)
    return True


def _by_fallback(send: Send, report: DeliveryReport) -> Any:
    """Whether it went another way than was asked for; most reports do not say which way."""
    return F("by_fallback") if report.channel is None else report.channel != send.channel
