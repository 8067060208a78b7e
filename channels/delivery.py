"""Keeping the promise to deliver a message: the outbox's handler for this neighbour."""

import logging
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from channels import pace
from channels.models import ProviderAccount
from channels.provider import ChannelProvider, Trace, provider_for
from conversations.contracts import DeliveryReport, FailureKind, OutgoingMessage, Promise
from conversations.errors import (
    NotYetItsTurn,
    PermanentFailure,
    TemporaryFailure,
    UnknownOutcome,
)
from conversations.services import delivery

GIVE_UP_AFTER = timedelta(hours=24)

logger = logging.getLogger(__name__)


def deliver_message(promise: Promise) -> None:
    """Send one message once; a failure that is final is shown with the message.

    After a try whose end is unknown the provider's log is asked before anything is sent again.
    """
    send_id = UUID(promise.subject)
    message = delivery.begin(send_id, may_have_left=promise.uncertain_since is not None)
    if message is None:
        return
    if promise.uncertain_since is None and _is_stale(promise):
        # The site slept: what was meant for another day is the agent's to send again.
        delivery.fail(send_id, FailureKind.GAVE_UP, permanent=False)
        return
    try:
        _deliver(send_id, message, promise)
    except PermanentFailure as failure:
        _fail(send_id, message, failure)
    except NotYetItsTurn:
        raise
    except TemporaryFailure as failure:
        if not _is_stale(promise):
            raise
        if isinstance(failure, UnknownOutcome):
            delivery.leave_unconfirmed(send_id)
        else:
            delivery.fail(send_id, FailureKind.GAVE_UP, text=str(failure), permanent=False)
    except Exception:
        if not _is_stale(promise):
            raise
        # A defect that has lasted for a day: whether it left nobody will know.
        logger.warning("send_given_up", extra={"send": promise.subject})
        delivery.leave_unconfirmed(send_id)


def take_report(report: DeliveryReport) -> None:
    """Take what a provider says became of a message, and slow down where it was too fast.

    Raises NotYetKnown.
    """
    send = delivery.send_of(report)
    kind = provider_for(send.channel).failure_of(report.error_code)
    taken = delivery.take_report(replace(report, failure=kind), send)
    if taken and kind is FailureKind.TOO_FAST:
        pace.slow_down(send.sender_id, send.address_id)


def _fail(send_id: UUID, message: OutgoingMessage, failure: PermanentFailure) -> None:
    kind = provider_for(message.channel).failure_of(failure.code)
    if kind is FailureKind.TOO_FAST:
        pace.slow_down(message.sender_id, message.address_id)
    # What was refused is refused for good: a report that says it may be tried again is another.
    delivery.fail(send_id, kind, code=failure.code, text=str(failure))


def _is_stale(promise: Promise) -> bool:
    return timezone.now() - promise.promised_at >= GIVE_UP_AFTER


def _deliver(send_id: UUID, message: OutgoingMessage, promise: Promise) -> None:
    account = ProviderAccount.objects.connected()
    if account is None:
        if promise.uncertain_since is None:
            delivery.fail(send_id, FailureKind.NO_ACCOUNT)
        else:
            delivery.leave_unconfirmed(send_id)  # whether it left cannot be asked any more
        return
    provider = provider_for(message.channel)
    if promise.uncertain_since is not None:
        _settle_uncertain(send_id, _trace(provider, account, message))
        return
    pace.take_senders_turn(promise, message)
    try:
        provider_id = provider.send(account, message)
    except UnknownOutcome:
        _settle_unknown(send_id, provider, account, message)
    except TemporaryFailure as failure:
        if failure.retry_after is not None:
            pace.hold(message.sender_id, failure.retry_after)
        raise
    else:
        delivery.accept(send_id, provider_id=provider_id)


def _settle_unknown(
    send_id: UUID, provider: ChannelProvider, account: ProviderAccount, message: OutgoingMessage
) -> None:
    trace = _trace(provider, account, message)
    if trace is Trace.NOT_TAKEN:
        # The log may be behind the request that has just left: ask it once more before sending.
        raise UnknownOutcome("The provider did not answer.")
    _settle_uncertain(send_id, trace)


def _settle_uncertain(send_id: UUID, trace: Trace) -> None:
    if trace is Trace.TAKEN:
        delivery.accept(send_id)
    elif trace is Trace.NO_LOG:
        delivery.leave_unconfirmed(send_id)
    else:
        # It never arrived. Sent again with the same id, so that a duplicate would be refused.
        raise TemporaryFailure("The provider did not get it.", retry_after=0)


def _trace(provider: ChannelProvider, account: ProviderAccount, message: OutgoingMessage) -> Trace:
    try:
        return provider.look_up(account, message.message_id)
    except TemporaryFailure as failure:
        # The question failed, so the message's own fate is as unknown as before.
        raise UnknownOutcome(str(failure), retry_after=failure.retry_after) from failure
    except PermanentFailure:
        # A log that may not be asked is none.
        return Trace.NO_LOG
