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
    name = str(status.get("name") or "").upper()
    group = str(status.get("groupName") or "").upper()
    group_id = status.get("groupId")
    by_id = GROUPS_BY_ID.get(group_id) if isinstance(group_id, int) else None
    return (
        STATES_BY_NAME.get(name)
        or STATES_BY_GROUP.get(group)
        or STATES_BY_GROUP.get(by_id or "")
        or STATES_BY_GROUP.get(name.partition("_")[0])
    )


def is_duplicate(status: Any) -> bool:
    """Whether a refusal says that the provider has this message id already."""
    if not isinstance(status, dict):
        return False
    return str(status.get("name")).upper() in DUPLICATES or (
        _is_int(status.get("id")) and status.get("id") in DUPLICATE_IDS
    )


def error_of(status: Any, error: Any) -> tuple[str, str, bool]:
    """Return code, text and permanence of a failure: the error's own, else the status's."""
    for found in (error, status):
        if isinstance(found, dict) and found.get("id") not in (None, 0, "0"):
            text = str(found.get("description") or found.get("name") or "")
            permanent = str(found.get("permanent", found is status)).lower() == "true"
            return str(found["id"]), text, permanent
    words = status if isinstance(status, dict) else {}
    name = str(words.get("name") or words.get("groupName") or "")
    return name, str(words.get("description") or ""), False


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
