"""What becomes of a message: Infobip's statuses and errors, and the numbers that provoke them.

Infobip has no magic numbers; the end of the customer's number is our convention:

| ends in   | channel  | what happens                                                     |
|-----------|----------|------------------------------------------------------------------|
| 70xx      | whatsapp | report: undeliverable (9) with this error of chat channels:      |
|           |          | 7003 blocked, 7016 spam rate, 7017 too many, 7029 identity, ...  |
| 91        | both     | report: undeliverable (9), absent subscriber (27, transient)     |
| 92        | both     | report: expired (15)                                             |
| 93        | both     | not enough credits (12) at once, in the answer to the send       |
| 94        | both     | blocklisted (14) at once, in the answer to the send              |
| 95        | whatsapp | report: undeliverable (9), not a WhatsApp user (7002)            |
| 96        | both     | accepted and never reported                                      |
| 97        | both     | report: rejected by the flood filter (20)                        |
| 98        | sms      | report: undeliverable (9), the customer sent STOP (603)          |
| 99        | sms      | report: rejected by the network (6), unknown subscriber (1)      |
| all other | both     | delivered                                                        |

Free-form WhatsApp without a message from the customer within 24 hours: undeliverable (9), 7010.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.infobip.people import number_of

STATUSES = {
    "PENDING_ENROUTE": (1, "PENDING", 7, "Message sent to next instance"),
    "PENDING_ACCEPTED": (1, "PENDING", 26, "Message sent to next instance"),
    "MESSAGE_ACCEPTED": (1, "PENDING", 26, "Message sent to next instance"),
    "UNDELIVERABLE_NOT_DELIVERED": (2, "UNDELIVERABLE", 9, "Message sent not delivered"),
    "DELIVERED_TO_HANDSET": (3, "DELIVERED", 5, "Message delivered to handset"),
    "EXPIRED_EXPIRED": (4, "EXPIRED", 15, "Message expired"),
    "REJECTED_NETWORK": (5, "REJECTED", 6, "Network is forbidden"),
    "REJECTED_NOT_ENOUGH_CREDITS": (5, "REJECTED", 12, "Not enough credits"),
    "REJECTED_SENDER": (5, "REJECTED", 13, "Invalid sender"),
    "REJECTED_DESTINATION_BLOCKLISTED": (5, "REJECTED", 14, "Destination is on the blocklist"),
    "REJECTED_FLOODING_FILTER": (5, "REJECTED", 20, "Flooding filter triggered"),
    "REJECTED_DUPLICATE_MESSAGE_ID": (5, "REJECTED", 23, "Duplicate message id"),
    "REJECTED_MESSAGE_TOO_LONG": (5, "REJECTED", 25, "Message too long"),
    "REJECTED_DESTINATION": (5, "REJECTED", 52, "Invalid destination address"),
}

HANDSET, USER, OPERATOR = (1, "HANDSET_ERRORS"), (2, "USER_ERRORS"), (3, "OPERATOR_ERRORS")

ERRORS = {
    "NO_ERROR": (0, "OK", 0, "No Error", False),
    "EC_UNKNOWN_SUBSCRIBER": (*HANDSET, 1, "Unknown Subscriber", True),
    "EC_ABSENT_SUBSCRIBER": (*HANDSET, 27, "Absent Subscriber", False),
    "EC_CONTENT_BLOCKED": (*USER, 603, "Content blocked", True),
    "EC_VP_EXPIRED": (*OPERATOR, 4098, "Validity period expired", False),
    "EC_DESTINATION_FLOODING": (*USER, 4103, "Destination flooding", True),
    "EC_BLACKLISTED_DESTINATIONADDRESS": (*USER, 2052, "Blocklisted destination", True),
    "EC_UNKNOWN_APPLICATION": (*HANDSET, 7001, "Unknown application", True),
    "EC_UNKNOWN_USER": (*HANDSET, 7002, "Unknown user", True),
    "EC_BLOCKED_USER": (*HANDSET, 7003, "Blocked user", True),
    "EC_UNAUTHORIZED_ACCESS": (*HANDSET, 7004, "Unauthorized access", True),
    "EC_FORBIDDEN_ACCESS": (*HANDSET, 7005, "Forbidden access", True),
    "EC_BAD_REQUEST": (*HANDSET, 7006, "Bad request", True),
    "EC_ILLEGAL_TRAFFIC_TYPE": (*HANDSET, 7007, "Illegal traffic type", True),
    "EC_INVALID_TEMPLATE_ARGS": (*HANDSET, 7008, "Invalid template args", True),
    "EC_INVALID_TEMPLATE": (*HANDSET, 7009, "Invalid template", True),
    "EC_NO_SESSION": (*USER, 7010, "No session with the end user", True),
    "EC_ACCOUNT_ISSUE": (*USER, 7011, "Account issue", True),
    "EC_DEPLOYMENT_CONFIGURATION_ERROR": (*USER, 7012, "Deployment configuration", False),
    "EC_MEDIA_HOSTING_ERROR": (*USER, 7013, "Media hosting error", False),
    "EC_MEDIA_UPLOAD_ERROR": (*USER, 7014, "Media upload error", False),
    "EC_MEDIA_METADATA_ERROR": (*USER, 7015, "Media metadata error", True),
    "EC_SPAM_RATE": (*USER, 7016, "Spam rate limit hit", True),
    "EC_TOO_MANY_REQUESTS": (*USER, 7017, "Too many requests", False),
    "EC_MEDIA_UNSUPPORTED": (*USER, 7022, "Media unsupported", True),
    "EC_NOT_ALLOWED_SENDING_TIME": (*USER, 7024, "Not allowed sending time", False),
    "EC_BLOCKED_CONTENT": (*USER, 7027, "Blocked content", True),
    "EC_USER_IDENTITY_CHANGED": (*USER, 7029, "User identity changed", True),
    "EC_TEMPLATE_BLOCKED_BY_USER": (*USER, 7030, "Template blocked by user", True),
    "EC_FREQUENCY_CAPPING": (*USER, 7032, "Frequency capping", True),
    "EC_MARKETING_OPT_OUT": (*USER, 7033, "Marketing opt-out", True),
    "EC_SENDER_NOT_REGISTERED": (*USER, 7034, "Sender not registered", True),
    "EC_TEMPLATE_NOT_SYNCED": (*USER, 7036, "Template not synced", False),
    "EC_TEMPLATE_NOT_AVAILABLE": (*USER, 7037, "Template not available", False),
    "EC_PROVIDER_INTERNAL_ERROR": (*OPERATOR, 7050, "Provider internal error", False),
    "EC_PROVIDER_TIMEOUT": (*OPERATOR, 7051, "Provider timeout", False),
    "EC_INTERNAL_ERROR": (*OPERATOR, 7080, "Internal error", True),
}
CHAT = range(7001, 7100)
CHAT_ENDINGS = {str(row[2]): name for name, row in ERRORS.items() if row[2] in CHAT}


@dataclass(frozen=True)
class Fate:
    """The last status of a message; None is never told. `at_once`: it stands in the answer."""

    final: str | None = "DELIVERED_TO_HANDSET"
    error: str = "NO_ERROR"
    at_once: bool = False


DELIVERED = Fate()
BLOCKLISTED = Fate(
    "REJECTED_DESTINATION_BLOCKLISTED", "EC_BLACKLISTED_DESTINATIONADDRESS", at_once=True
)
FLOODING = Fate("REJECTED_FLOODING_FILTER", "EC_DESTINATION_FLOODING")
FATES = {
    "91": Fate("UNDELIVERABLE_NOT_DELIVERED", "EC_ABSENT_SUBSCRIBER"),
    "92": Fate("EXPIRED_EXPIRED", "EC_VP_EXPIRED"),
    "93": Fate("REJECTED_NOT_ENOUGH_CREDITS", at_once=True),
    "94": BLOCKLISTED,
    "96": Fate(None),
    "97": FLOODING,
}
SMS_FATES = {
    "98": Fate("UNDELIVERABLE_NOT_DELIVERED", "EC_CONTENT_BLOCKED"),
    "99": Fate("REJECTED_NETWORK", "EC_UNKNOWN_SUBSCRIBER"),
}


def undeliverable(error_name: str) -> Fate:
    return Fate("UNDELIVERABLE_NOT_DELIVERED", error_name)


SENDER_NOT_REGISTERED = undeliverable("EC_SENDER_NOT_REGISTERED")
UNKNOWN_USER = undeliverable("EC_UNKNOWN_USER")


def fate_of(channel: str, customer: str) -> Fate:
    customer = number_of(customer)
    ending = customer[-2:]
    if channel == "sms":
        return SMS_FATES.get(ending) or FATES.get(ending, DELIVERED)
    if customer[-4:] in CHAT_ENDINGS:
        return undeliverable(CHAT_ENDINGS[customer[-4:]])
    return UNKNOWN_USER if ending == "95" else FATES.get(ending, DELIVERED)


def status(name: str) -> dict[str, Any]:
    group_id, group_name, number, description = STATUSES[name]
    return {
        "groupId": group_id,
        "groupName": group_name,
        "id": number,
        "name": name,
        "description": description,
    }


def error(name: str, *, ok: str = "OK") -> dict[str, Any]:
    """`ok` is how the group of no error is called: older reports say Ok."""
    group_id, group_name, number, description, permanent = ERRORS[name]
    return {
        "groupId": group_id,
        "groupName": ok if group_id == 0 else group_name,
        "id": number,
        "name": name,
        "description": description,
        "permanent": permanent,
    }


def state_of(status_name: str) -> str:
    """The group in lower case: pending, delivered, undeliverable, expired or rejected."""
    return STATUSES[status_name][1].lower()
