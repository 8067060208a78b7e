"""What Infobip's answer to a send means: taken, or refused inside a 200."""

from typing import Any

from channels.infobip.inbound import LONGEST_ID
from channels.infobip.statuses import error_of, is_duplicate, state_of
from conversations.contracts import SendState
from conversations.errors import PermanentFailure, UnknownOutcome


def provider_id_of(answer: Any) -> str:
    """Return Infobip's id of the one message an answer speaks of.

    Success is a status of the groups PENDING and DELIVERED (and ACCEPTED, as v3 names it). Raises
    PermanentFailure for a rejection, UnknownOutcome for an answer without a status.
    """
    status = answer.get("status") if isinstance(answer, dict) else None
    state = state_of(status)
    if state is None:
        raise UnknownOutcome("Infobip's answer has no status.")
    if state is SendState.FAILED and not is_duplicate(status):
        code, text, _permanent = error_of(status, None)
        raise PermanentFailure(text or "Infobip rejected the message.", code=code)
    given = answer.get("messageId")
    return given if isinstance(given, str) and len(given) <= LONGEST_ID else ""
