"""Infobip's codes for what went wrong, as the domain's reasons.

Source: Infobip's list of response status and error codes. Errors and statuses are numbered apart,
so a status is written `status-12`; where both are known they stand together: `27 status-9`. A
refused call has its HTTP status, which no error of theirs shares.
"""

from conversations.contracts import FailureKind

CALLS = {
    "bad-host": FailureKind.NO_ACCOUNT,
    "no-file": FailureKind.FILE_NOT_FETCHED,
    "400": FailureKind.NOT_ACCEPTED,
    "401": FailureKind.KEY_REFUSED,
    "403": FailureKind.KEY_LIMITED,
    "404": FailureKind.SENDER_UNKNOWN,
    "413": FailureKind.NOT_ACCEPTED,
    "415": FailureKind.NOT_ACCEPTED,
    "422": FailureKind.NOT_ACCEPTED,
}
HIGHEST_STATUS = 100
STATUSES = {
    6: FailureKind.NETWORK,
    8: FailureKind.BAD_NUMBER,
    10: FailureKind.OPTED_OUT,  # a national do-not-disturb list
    11: FailureKind.SENDER_REFUSED,
    12: FailureKind.NO_CREDIT,
    13: FailureKind.SENDER_REFUSED,
    14: FailureKind.OPTED_OUT,
    15: FailureKind.EXPIRED,
    17: FailureKind.NO_CREDIT,
    18: FailureKind.NOT_FOR_TESTS,
    19: FailureKind.NO_ROUTE,
    20: FailureKind.FLOODED,
    21: FailureKind.PROVIDER_TROUBLE,
    24: FailureKind.NOT_ACCEPTED,
    25: FailureKind.TOO_LONG,
    51: FailureKind.BAD_NUMBER,
    52: FailureKind.BAD_NUMBER,
    56: FailureKind.NOT_ACCEPTED,
    77: FailureKind.TOO_LONG,
    87: FailureKind.TAKEN_FOR_SPAM,
}
ERRORS = {
    1: FailureKind.NOT_IN_USE,
    5: FailureKind.UNREACHABLE,
    6: FailureKind.UNREACHABLE,
    8: FailureKind.UNREACHABLE,
    9: FailureKind.NOT_IN_USE,
    11: FailureKind.CANNOT_RECEIVE,
    12: FailureKind.CANNOT_RECEIVE,
    13: FailureKind.UNREACHABLE,
    27: FailureKind.UNREACHABLE,
    31: FailureKind.UNREACHABLE,
    32: FailureKind.UNREACHABLE,
    33: FailureKind.PHONE_FULL,
    34: FailureKind.NETWORK,
    256: FailureKind.PHONE_FULL,
    351: FailureKind.BAD_NUMBER,
    355: FailureKind.TOO_LONG,
    368: FailureKind.SENDER_REFUSED,
    375: FailureKind.SENDER_REFUSED,
    433: FailureKind.ACCOUNT_BLOCKED,
    500: FailureKind.PROVIDER_TROUBLE,
    502: FailureKind.NETWORK,
    541: FailureKind.TOO_FAST,
    542: FailureKind.TOO_FAST,
    565: FailureKind.CANNOT_RECEIVE,
    573: FailureKind.BLOCKED,
    581: FailureKind.CANNOT_RECEIVE,
    603: FailureKind.OPTED_OUT,
    604: FailureKind.OPTED_OUT,
    607: FailureKind.TAKEN_FOR_SPAM,
    628: FailureKind.UNREACHABLE,
    629: FailureKind.CANNOT_RECEIVE,
    811: FailureKind.EXPIRED,
    2048: FailureKind.EXPIRED,
    2052: FailureKind.OPTED_OUT,
    2053: FailureKind.SENDER_REFUSED,
    4098: FailureKind.EXPIRED,
    4099: FailureKind.ACCOUNT_BLOCKED,  # what it may send in a month is used up
    4101: FailureKind.EXPIRED,
    4103: FailureKind.FLOODED,
    4104: FailureKind.FLOODED,
    4202: FailureKind.TOO_FAST,
    7001: FailureKind.SENDER_UNKNOWN,
    7002: FailureKind.NOT_ON_WHATSAPP,
    7003: FailureKind.BLOCKED,
    7004: FailureKind.KEY_REFUSED,
    7005: FailureKind.KEY_LIMITED,
    7006: FailureKind.NOT_ACCEPTED,
    7007: FailureKind.SENDER_REFUSED,
    7008: FailureKind.BAD_TEMPLATE,
    7009: FailureKind.BAD_TEMPLATE,
    7010: FailureKind.WINDOW_CLOSED,
    7011: FailureKind.ACCOUNT_BLOCKED,
    7012: FailureKind.PROVIDER_TROUBLE,
    7013: FailureKind.FILE_NOT_FETCHED,
    7014: FailureKind.FILE_NOT_FETCHED,
    7015: FailureKind.FILE_REFUSED,
    7016: FailureKind.QUALITY_LIMIT,
    7017: FailureKind.TOO_FAST,
    7022: FailureKind.FILE_REFUSED,
    7024: FailureKind.NOT_NOW,
    7027: FailureKind.NOT_ACCEPTED,
    7029: FailureKind.IDENTITY_CHANGED,
    7030: FailureKind.NO_MARKETING,
    7032: FailureKind.CAPPED,
    7033: FailureKind.NO_MARKETING,
    7034: FailureKind.SENDER_UNKNOWN,
    7036: FailureKind.TEMPLATE_NOT_READY,
    7037: FailureKind.TEMPLATE_NOT_READY,
    **dict.fromkeys((7050, 7051, 7052), FailureKind.PROVIDER_TROUBLE),
    **dict.fromkeys((7080, 7081, 7082, 7083, 7084), FailureKind.PROVIDER_TROUBLE),
}
# For bodies that name no number.
NAMES = {
    "REJECTED_NOT_ENOUGH_CREDITS": FailureKind.NO_CREDIT,
    "REJECTED_DESTINATION_BLOCKLISTED": FailureKind.OPTED_OUT,
    "REJECTED_BLACKLISTED": FailureKind.OPTED_OUT,
    "REJECTED_FLOODING_FILTER": FailureKind.FLOODED,
    "REJECTED_SENDER": FailureKind.SENDER_REFUSED,
    "REJECTED_DESTINATION": FailureKind.BAD_NUMBER,
    "EXPIRED_EXPIRED": FailureKind.EXPIRED,
    "EC_UNKNOWN_SUBSCRIBER": FailureKind.NOT_IN_USE,
    "EC_ABSENT_SUBSCRIBER": FailureKind.UNREACHABLE,
    "EC_UNKNOWN_USER": FailureKind.NOT_ON_WHATSAPP,
    "EC_BLOCKED_USER": FailureKind.BLOCKED,
    "EC_NO_SESSION": FailureKind.WINDOW_CLOSED,
    "EC_TOO_MANY_REQUESTS": FailureKind.TOO_FAST,
    "EC_MARKETING_OPT_OUT": FailureKind.NO_MARKETING,
}
# Operators' own errors, by what all of a range have in common.
RANGES = (
    (range(1024, 1797), FailureKind.NETWORK),
    (range(560, 570), FailureKind.NETWORK),
    (range(10, 52), FailureKind.NETWORK),
    (range(4096, 4203), FailureKind.NETWORK),
)


def failure_of(codes: str) -> FailureKind:
    """Return the reason that a send's codes name; the error's own goes before the status's."""
    found = (_kind(code) for code in codes.split())
    return next((kind for kind in found if kind is not None), FailureKind.UNKNOWN)


def _kind(code: str) -> FailureKind | None:
    if code in CALLS:
        return CALLS[code]
    named = code.removeprefix("status-")
    if not named.isdecimal():
        return NAMES.get(named)
    number = int(named)
    # An answer may carry an error's number in the place of the status's, which are below 101.
    if named != code and number <= HIGHEST_STATUS:
        return STATUSES.get(number)
    ranged = (kind for numbers, kind in RANGES if number in numbers)
    return ERRORS.get(number) or next(ranged, None)
