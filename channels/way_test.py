"""A test message: it proves the way to a phone by its report, and the way back by the answer."""

from datetime import timedelta
from secrets import randbelow
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from channels.models import ProviderAccount, WayTest
from channels.provider import provider_for
from conversations.audit import hash_of
from conversations.contracts import (
    Channel,
    DeliveryReport,
    FailureKind,
    InboundMessage,
    OutgoingMessage,
    Promise,
    SendState,
)
from conversations.errors import PermanentFailure, TemporaryFailure, UnknownOutcome
from conversations.failures import reason_of
from conversations.models import PhoneNumber, Sender
from conversations.phone_numbers import identify
from conversations.services.customers import key_of

ANSWERED_WITHIN = timedelta(hours=1)
DIGITS = 6


def begin(account: ProviderAccount, sender: Sender, address: str, *, begun_by: str) -> WayTest:
    """Send a test message and return what is known of it; call outside any transaction."""
    code = str(randbelow(9 * 10 ** (DIGITS - 1)) + 10 ** (DIGITS - 1))
    test = WayTest.objects.create(sender=sender, address=address, code=code, begun_by=begun_by)
    message = OutgoingMessage(
        message_id=str(test.message_id),
        channel=Channel(sender.channel),
        sender_number=sender.number,
        address=address,
        text=_("OmniChat test %(code)s. Answer with %(code)s.") % {"code": code},
    )
    # Each saves what it knows and no more: the report may have come in meanwhile.
    try:
        test.provider_id = provider_for(sender.channel).send(account, message)
    except UnknownOutcome:
        return test  # its report may still say that it was taken
    except (PermanentFailure, TemporaryFailure) as failure:
        code = failure.code if isinstance(failure, PermanentFailure) else ""
        test.refused = _why(test, code, str(failure))
        test.save(update_fields=["refused"])
    else:
        test.taken_at = timezone.now()
        test.save(update_fields=["provider_id", "taken_at"])
    return test


def take_report(report: DeliveryReport) -> bool:
    """Whether a report speaks of a test message; what it says is noted."""
    named = Q(provider_id=report.reference) | Q(message_id=_as_uuid(report.reference))
    test = WayTest.objects.filter(named).first() if report.reference else None
    if test is None:
        return False
    if report.state in (SendState.DELIVERED, SendState.READ):
        test.delivered_at = test.delivered_at or timezone.now()
        test.refused = ""
    elif report.state is SendState.FAILED and test.delivered_at is None:
        test.refused = _why(test, report.error_code, report.error_text)
    test.taken_at = test.taken_at or timezone.now()
    test.save(update_fields=["delivered_at", "refused", "taken_at"])
    return True


def take_answer(message: InboundMessage) -> bool:
    """Whether a message is the answer to a test: its code and nothing else, within the hour."""
    code = message.text.strip().rstrip(".")
    if len(code) != DIGITS or not code.isdecimal():
        return False
    begun_after = timezone.now() - ANSWERED_WITHIN
    tests = WayTest.objects.filter(code=code, begun_at__gt=begun_after).select_related("sender")
    for test in tests:
        if _is_answer(message, test):
            test.answered_at = test.answered_at or timezone.now()
            test.save(update_fields=["answered_at"])
            Sender.objects.filter(pk=test.sender_id).update(heard_at=timezone.now())
            return True
    return False


def forget_erased(promise: Promise) -> None:
    """Remove the test messages to the numbers of an erased person: only their hashes are left."""
    erased = PhoneNumber.objects.filter(customer=int(promise.subject))
    hashes = {number.erased_hash for number in erased}
    for test in WayTest.objects.all():
        if hash_of(key_of(identify(test.address))) in hashes:
            test.delete()


def _why(test: WayTest, code: str, text: str) -> str:
    kind = provider_for(test.sender.channel).failure_of(code)
    if kind is FailureKind.WINDOW_CLOSED:
        return _(
            "WhatsApp takes such a text only within 24 hours of the person's own last message. Send"
            " the code %(code)s from this phone to %(number)s on WhatsApp, which proves the way"
            " back, then send another test."
        ) % {"code": test.code, "number": test.sender.number}
    reason = text if kind is FailureKind.UNKNOWN else reason_of(kind)
    return f"{reason[:1].upper()}{reason[1:]}"[:500] or code


def _is_answer(message: InboundMessage, test: WayTest) -> bool:
    return (
        test.sender.channel == message.channel
        and test.sender.is_known_as(message.sender_number)
        and key_of(identify(test.address)) == key_of(identify(message.address))
    )


def _as_uuid(reference: str) -> UUID | None:
    try:
        return UUID(reference)
    except ValueError:
        return None
