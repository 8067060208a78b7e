"""The provider's status table, whole and with fields missing."""

import pytest

from channels.infobip.statuses import error_of, is_duplicate, state_of
from conversations.contracts import SendState

GROUPS = {
    "PENDING": (1, SendState.SENT),
    "UNDELIVERABLE": (2, SendState.FAILED),
    "DELIVERED": (3, SendState.DELIVERED),
    "EXPIRED": (4, SendState.FAILED),
    "REJECTED": (5, SendState.FAILED),
}
TABLE = [
    *[("PENDING", *row) for row in ((3, "PENDING_WAITING_DELIVERY"), (7, "PENDING_ENROUTE"))],
    *[("PENDING", *row) for row in ((26, "PENDING_ACCEPTED"), (26, "MESSAGE_ACCEPTED"))],
    ("UNDELIVERABLE", 4, "UNDELIVERABLE_REJECTED_OPERATOR"),
    ("UNDELIVERABLE", 9, "UNDELIVERABLE_NOT_DELIVERED"),
    ("UNDELIVERABLE", 31, "UNDELIVERABLE_NOT_SENT"),
    ("DELIVERED", 5, "DELIVERED_TO_HANDSET"),
    ("EXPIRED", 15, "EXPIRED_EXPIRED"),
    ("EXPIRED", 87, "SIGNALS_BLOCKED"),
    ("REJECTED", 6, "REJECTED_NETWORK"),
    ("REJECTED", 8, "REJECTED_PREFIX_MISSING"),
    ("REJECTED", 10, "REJECTED_DND"),
    ("REJECTED", 11, "REJECTED_SOURCE"),
    ("REJECTED", 12, "REJECTED_NOT_ENOUGH_CREDITS"),
    ("REJECTED", 13, "REJECTED_SENDER"),
    ("REJECTED", 14, "REJECTED_DESTINATION_BLOCKLISTED"),
    ("REJECTED", 14, "REJECTED_BLACKLISTED"),
    ("REJECTED", 17, "REJECTED_PREPAID_PACKAGE_EXPIRED"),
    ("REJECTED", 18, "REJECTED_DESTINATION_NOT_REGISTERED"),
    ("REJECTED", 19, "REJECTED_ROUTE_NOT_AVAILABLE"),
    ("REJECTED", 20, "REJECTED_FLOODING_FILTER"),
    ("REJECTED", 21, "REJECTED_SYSTEM_ERROR"),
    ("REJECTED", 23, "REJECTED_DUPLICATE_MESSAGE_ID"),
    ("REJECTED", 24, "REJECTED_INVALID_UDH"),
    ("REJECTED", 25, "REJECTED_MESSAGE_TOO_LONG"),
    ("REJECTED", 51, "MISSING_TO"),
    ("REJECTED", 52, "REJECTED_DESTINATION"),
    ("REJECTED", 87, "SIGNALS_BLOCKED"),
    ("REJECTED", 99, "REJECTED"),
    ("REJECTED", 100, "UNDELIVERABLE_REJECTED_PLATFORM"),
]


@pytest.mark.parametrize(("group", "number", "name"), TABLE)
def test_whole_status(group, number, name):
    group_id, state = GROUPS[group]

    status = {"groupId": group_id, "groupName": group, "id": number, "name": name}
    assert state_of(status) == state


@pytest.mark.parametrize(("group", "number", "name"), TABLE)
def test_group_name_alone(group, number, name):
    assert state_of({"groupName": group, "id": number, "name": name}) == GROUPS[group][1]


@pytest.mark.parametrize(("group", "number", "name"), TABLE)
def test_group_id_alone(group, number, name):
    group_id, state = GROUPS[group]

    assert state_of({"groupId": group_id, "id": number, "name": name}) == state


@pytest.mark.parametrize(
    ("group", "number", "name"), [row for row in TABLE if row[2].startswith(row[0])]
)
def test_name_alone(group, number, name):
    assert state_of({"name": name}) == GROUPS[group][1]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ({"groupId": 3, "groupName": "DELIVERED", "name": "DELIVERED_TO_OPERATOR"}, SendState.SENT),
        ({"groupId": 4, "groupName": "EXPIRED", "name": "EXPIRED_DLR_UNKNOWN"}, SendState.SENT),
        ({"groupId": 0, "groupName": "OK"}, SendState.SENT),
        ({"groupName": "Ok"}, SendState.SENT),
        ({"groupName": "ACCEPTED"}, SendState.SENT),
        ({"groupId": 0}, SendState.SENT),
        ({"name": "MESSAGE_ACCEPTED"}, SendState.SENT),
    ],
)
def test_status_that_means_something_else_than_its_group(status, state):
    assert state_of(status) == state


@pytest.mark.parametrize(
    "status",
    [None, "DELIVERED", 3, [], {}, {"groupId": "3"}, {"groupId": [3]}, {"name": {"a": 1}}],
)
def test_what_says_nothing_has_no_state(status):
    assert state_of(status) is None


@pytest.mark.parametrize(
    ("status", "duplicate"),
    [
        ({"id": 23, "name": "REJECTED_DUPLICATE_MESSAGE_ID"}, True),
        ({"id": 23}, True),
        ({"name": "ec_duplicate_message"}, True),
        ({"id": 5492}, True),
        ({"id": 7280}, True),
        ({"id": 12, "name": "REJECTED_NOT_ENOUGH_CREDITS"}, False),
        ({"id": True}, False),
        ({"id": [23]}, False),
        (None, False),
    ],
)
def test_duplicate(status, duplicate):
    assert is_duplicate(status) is duplicate


TRANSIENT = {"id": 27, "description": "Absent", "permanent": False}
QUOTED = {"id": 7010, "name": "EC_NO_SESSION", "permanent": "true"}
NO_ERROR = {"id": 0, "name": "NO_ERROR"}


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        ({"id": 9}, TRANSIENT, ("27 status-9", "Absent", False)),
        ({"id": 9}, QUOTED, ("7010 status-9", "EC_NO_SESSION", True)),
        (
            {"id": 9, "groupId": 2},
            {"name": "ec_absent"},
            ("EC_ABSENT status-9", "ec_absent", False),
        ),
        (
            {"id": 12, "groupId": 5, "description": "No credits"},
            NO_ERROR,
            ("status-12", "No credits", True),
        ),
        ({"id": 12, "name": "REJECTED_X"}, None, ("status-12", "REJECTED_X", True)),
        ({"name": "REJECTED_X"}, None, ("status-REJECTED_X", "REJECTED_X", True)),
        ({"groupName": "REJECTED", "description": "No"}, None, ("", "No", True)),
        ({"id": 9}, {"id": 27, "permanent": None}, ("27 status-9", "", False)),
        (None, None, ("", "", False)),
    ],
)
def test_error(status, error, expected):
    assert error_of(status, error) == expected
