"""What became of our messages, as Infobip reports it: delivery and seen, of every version."""

from typing import Any

from channels.infobip.dates import moment
from channels.infobip.failures import failure_of
from channels.infobip.fields import text_of
from channels.infobip.inbound import CHANNELS
from channels.infobip.statuses import error_of, is_duplicate, state_of
from conversations.contracts import Channel, DeliveryReport, SendState
from conversations.errors import NotUnderstood

ONLY_OF_SMS = ({"smsCount"}, {"sender", "mccMnc"})  # in versions 1 and 2, and in version 3


def delivery(item: dict[str, Any]) -> DeliveryReport | None:
    """Understand a delivery report; None for one that says nothing of a message of ours."""
    status = item["status"]
    if is_duplicate(status) or is_duplicate(item.get("error")):
        return None  # it speaks of a second try; the first one's report says what became of it
    state = state_of(status)
    if state is None:
        raise NotUnderstood("The report has a status that is not known.")
    failed = state is SendState.FAILED
    code, text, permanent = error_of(status, item.get("error")) if failed else ("", "", False)
    return DeliveryReport(
        reference=_reference(item),
        state=state,
        occurred_at=moment(item.get("doneAt") or item.get("sentAt")),
        error_code=code,
        error_text=text,
        permanent=permanent,
        failure=failure_of(code),
        channel=_channel(item),
    )


def seen(item: dict[str, Any]) -> DeliveryReport:
    return DeliveryReport(
        reference=_reference(item),
        state=SendState.READ,
        occurred_at=moment(item.get("seenAt")),
        channel=_channel(item),
    )


def _reference(item: dict[str, Any]) -> str:
    reference = item.get("messageId")
    if not isinstance(reference, str) or not reference:
        raise NotUnderstood("The report names no message.")
    return reference


def _channel(item: dict[str, Any]) -> Channel | None:
    """Return the channel that a report names or shows; most do neither."""
    said = CHANNELS.get(text_of(item, "channel").upper())
    filled = {name for name, value in item.items() if value is not None}
    return said or (Channel.SMS if any(names <= filled for names in ONLY_OF_SMS) else None)
