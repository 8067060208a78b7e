"""What Infobip's answer to a send means: taken, or refused inside a 200."""

from typing import Any

from channels.infobip.inbound import LONGEST_ID
from channels.infobip.statuses import error_of, is_duplicate, state_of
from conversations.contracts import SendState
from conversations.errors import PermanentFailure, UnknownOutcome


def provider_id_of(answer: Any) -> str:
    """Return Infobip's id of the one message an answer speaks of, by itself or in a list.

    Success is a status of the groups PENDING and DELIVERED (and ACCEPTED, as v3 names it). Raises
    PermanentFailure for a rejection, UnknownOutcome for an answer without a status.
    """
    answer = _only_one(answer)
    status, error = answer.get("status"), answer.get("error")
    state = state_of(status)
    if state is None:
        raise UnknownOutcome("Infobip's answer has no status.")
    if state is SendState.FAILED and not (is_duplicate(status) or is_duplicate(error)):
        code, text, _permanent = error_of(status, error)
        raise PermanentFailure(text or "Infobip rejected the message.", code=code)
    given = answer.get("messageId")
    return given if isinstance(given, str) and len(given) <= LONGEST_ID else ""


def _only_one(answer: Any) -> dict[str, Any]:
    if isinstance(answer, dict) and "messages" in answer:
        rows = answer["messages"]
        answer = rows[0] if isinstance(rows, list) and rows else None
    return answer if isinstance(answer, dict) else {}
