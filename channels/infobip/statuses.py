"""Infobip's words for what became of a message, translated once.

Source: Infobip's status and error codes. Any of a status object's fields may be missing: its group
is read by name, then by id, then from the beginning of the status's own name.
"""

from typing import Any

from conversations.contracts import SendState

GROUPS_BY_ID = {
    0: "ACCEPTED",
    1: "PENDING",
    2: "UNDELIVERABLE",
    3: "DELIVERED",
    4: "EXPIRED",
    5: "REJECTED",
}
STATES_BY_GROUP = {
    "OK": SendState.SENT,
    "ACCEPTED": SendState.SENT,
    "PENDING": SendState.SENT,
    "UNDELIVERABLE": SendState.FAILED,
    "DELIVERED": SendState.DELIVERED,
    "EXPIRED": SendState.FAILED,
    "REJECTED": SendState.FAILED,
}
STATES_BY_NAME = {
    "DELIVERED_TO_OPERATOR": SendState.SENT,  # on its way: the phone has not said anything yet
    "EXPIRED_DLR_UNKNOWN": SendState.SENT,  # nobody will ever know; it did leave
    "MESSAGE_ACCEPTED": SendState.SENT,
}
DUPLICATES = {"REJECTED_DUPLICATE_MESSAGE_ID", "EC_DUPLICATE_MESSAGE", "EC_DUPLICATE_REQUEST"}
DUPLICATE_IDS = {23, 5492, 7280}


def state_of(status: Any) -> SendState | None:
    """Return what a status object means for us; None when it says nothing we know."""
    if not isinstance(status, dict):
        return None
    return STATES_BY_NAME.get(_name(status)) or STATES_BY_GROUP.get(_group(status))


def is_duplicate(status: Any) -> bool:
    """Whether a refusal says that the provider has this message id already."""
    if not isinstance(status, dict):
        return False
    return str(status.get("name")).upper() in DUPLICATES or (
        _is_int(status.get("id")) and status.get("id") in DUPLICATE_IDS
    )


def error_of(status: Any, error: Any) -> tuple[str, str, bool]:
    """Return codes, text and permanence of a failure: the error's, and beside it the status's.

    A code is a number, else a name. Without a flag a rejection is taken for final, and a message
    that got lost is not.
    """
    code, status_code = _code(error), _code(status)
    words = error if code else status
    words = words if isinstance(words, dict) else {}
    text = str(words.get("description") or words.get("name") or "")
    said = words.get("permanent")
    rejected = isinstance(status, dict) and _group(status) == "REJECTED"
    permanent = rejected if said is None else str(said).lower() == "true"
    return f"{code} {status_code and f'status-{status_code}'}".strip(), text, permanent


def _code(found: Any) -> str:
    if not isinstance(found, dict) or found.get("id") in (0, "0"):
        return ""
    code = found.get("id") if _is_int(found.get("id")) else found.get("id") or _name(found)
    return "_".join(str(code or "").split())[:40]


def _name(found: dict[str, Any]) -> str:
    return str(found.get("name") or "").upper()


def _group(status: dict[str, Any]) -> str:
    """Return a status's group: by its name, by its id, or as its own name begins."""
    said = str(status.get("groupName") or "").upper()
    by_id = GROUPS_BY_ID.get(status["groupId"]) if _is_int(status.get("groupId")) else None
    groups = (said, by_id or "", _name(status).partition("_")[0])
    return next((group for group in groups if group in STATES_BY_GROUP), "")


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
