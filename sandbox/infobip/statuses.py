"""What becomes of a message: Infobip's statuses and errors, and the numbers that provoke them.

Infobip has no magic numbers; the last two digits of the customer's number are our convention:

| ends in | channel  | what happens                                                      |
|---------|----------|-------------------------------------------------------------------|
| 00-89   | both     | delivered                                                         |
| 91      | both     | report: undeliverable (9), absent subscriber (27, transient)      |
| 92      | both     | report: expired (15)                                              |
| 93      | both     | not enough credits (12) at once, in the answer to the send         |
| 94      | both     | blocklisted (14) at once, in the answer to the send               |
| 95      | whatsapp | report: undeliverable (9), not a WhatsApp user (7002)             |
| 96      | both     | accepted and never reported                                       |
| 97      | both     | report: rejected by the flood filter (20)                         |
| others  | both     | delivered                                                         |

Free-form WhatsApp without a message from the customer within 24 hours: undeliverable (9), 7010.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

STATUSES = {
    "PENDING_ENROUTE": (1, "PENDING", 7, "Message sent to next instance"),
    "PENDING_ACCEPTED": (1, "PENDING", 26, "Message sent to next instance"),
    "UNDELIVERABLE_NOT_DELIVERED": (2, "UNDELIVERABLE", 9, "Message sent not delivered"),
    "DELIVERED_TO_HANDSET": (3, "DELIVERED", 5, "Message delivered to handset"),
    "EXPIRED_EXPIRED": (4, "EXPIRED", 15, "Message expired"),
    "REJECTED_NOT_ENOUGH_CREDITS": (5, "REJECTED", 12, "Not enough credits"),
    "REJECTED_SENDER": (5, "REJECTED", 13, "Invalid sender"),
    "REJECTED_DESTINATION_BLOCKLISTED": (5, "REJECTED", 14, "Destination is on the blocklist"),
    "REJECTED_FLOODING_FILTER": (5, "REJECTED", 20, "Flooding filter triggered"),
    "REJECTED_DUPLICATE_MESSAGE_ID": (5, "REJECTED", 23, "Duplicate message id"),
    "REJECTED_MESSAGE_TOO_LONG": (5, "REJECTED", 25, "Message too long"),
    "REJECTED_DESTINATION": (5, "REJECTED", 52, "Invalid destination address"),
}

ERRORS = {
    "NO_ERROR": (0, "OK", 0, "No Error", False),
    "EC_ABSENT_SUBSCRIBER": (1, "HANDSET_ERRORS", 27, "Absent Subscriber", False),
    "EC_VP_EXPIRED": (3, "OPERATOR_ERRORS", 4098, "Validity period expired", False),
    "EC_DESTINATION_FLOODING": (2, "USER_ERRORS", 4103, "Destination flooding", True),
    "EC_UNKNOWN_USER": (1, "HANDSET_ERRORS", 7002, "Unknown user", True),
    "EC_NO_SESSION": (2, "USER_ERRORS", 7010, "No session with the end user", True),
    "EC_SENDER_NOT_REGISTERED": (2, "USER_ERRORS", 7034, "Sender not registered", True),
}


@dataclass(frozen=True)
class Fate:
    """The last status of a message; None is never told. `at_once`: it stands in the answer."""

    final: str | None = "DELIVERED_TO_HANDSET"
    error: str = "NO_ERROR"
    at_once: bool = False


DELIVERED = Fate()
NO_SESSION = Fate("UNDELIVERABLE_NOT_DELIVERED", "EC_NO_SESSION")
SENDER_NOT_REGISTERED = Fate("UNDELIVERABLE_NOT_DELIVERED", "EC_SENDER_NOT_REGISTERED")
UNKNOWN_USER = Fate("UNDELIVERABLE_NOT_DELIVERED", "EC_UNKNOWN_USER")
FATES = {
    "91": Fate("UNDELIVERABLE_NOT_DELIVERED", "EC_ABSENT_SUBSCRIBER"),
    "92": Fate("EXPIRED_EXPIRED", "EC_VP_EXPIRED"),
    "93": Fate("REJECTED_NOT_ENOUGH_CREDITS", at_once=True),
    "94": Fate("REJECTED_DESTINATION_BLOCKLISTED", at_once=True),
    "96": Fate(None),
    "97": Fate("REJECTED_FLOODING_FILTER", "EC_DESTINATION_FLOODING"),
}


def fate_of(channel: str, customer: str) -> Fate:
    ending = customer[-2:]
    if ending == "95" and channel == "whatsapp":
        return UNKNOWN_USER
    return FATES.get(ending, DELIVERED)


def status(name: str) -> dict[str, Any]:
    group_id, group_name, number, description = STATUSES[name]
    return {
        "groupId": group_id,
        "groupName": group_name,
        "id": number,
        "name": name,
        "description": description,
    }


def error(name: str) -> dict[str, Any]:
    group_id, group_name, number, description, permanent = ERRORS[name]
    return {
        "groupId": group_id,
        "groupName": group_name,
        "id": number,
        "name": name,
        "description": description,
        "permanent": permanent,
    }


def state_of(status_name: str) -> str:
    """The group in lower case: pending, delivered, undeliverable, expired or rejected."""
    return STATUSES[status_name][1].lower()
