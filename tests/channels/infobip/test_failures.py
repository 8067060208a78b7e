"""Infobip's codes as reasons: errors before statuses, numbers before names."""

import pytest

from channels.infobip.failures import ERRORS, STATUSES, failure_of
from conversations.contracts import FailureKind


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        ("27 status-9", FailureKind.UNREACHABLE),
        ("status-12", FailureKind.NO_CREDIT),
        ("12", FailureKind.CANNOT_RECEIVE),
        ("status-14", FailureKind.OPTED_OUT),
        ("2052 status-14", FailureKind.OPTED_OUT),
        ("7010 status-9", FailureKind.WINDOW_CLOSED),
        ("7002 status-9", FailureKind.NOT_ON_WHATSAPP),
        ("7032 status-9", FailureKind.CAPPED),
        ("4099 status-9", FailureKind.ACCOUNT_BLOCKED),
        ("4103 status-20", FailureKind.FLOODED),
        ("31337 status-20", FailureKind.FLOODED),
        ("31337 status-9", FailureKind.UNKNOWN),
        ("1066 status-9", FailureKind.NETWORK),
        ("560 status-4", FailureKind.NETWORK),
        ("status-7017", FailureKind.TOO_FAST),
        ("EC_NO_SESSION status-9", FailureKind.WINDOW_CLOSED),
        ("status-REJECTED_BLACKLISTED", FailureKind.OPTED_OUT),
        ("401", FailureKind.KEY_REFUSED),
        ("403", FailureKind.KEY_LIMITED),
        ("400", FailureKind.NOT_ACCEPTED),
        ("422", FailureKind.NOT_ACCEPTED),
        ("bad-host", FailureKind.NO_ACCOUNT),
        ("status-", FailureKind.UNKNOWN),
        ("?", FailureKind.UNKNOWN),
        ("", FailureKind.UNKNOWN),
    ],
)
def test_failure(codes, kind):
    assert failure_of(codes) is kind


def test_statuses_and_errors_are_not_taken_for_each_other():
    same = set(STATUSES) & set(ERRORS)

    assert {failure_of(f"status-{number}") for number in (6, 11, 13)} == {
        FailureKind.NETWORK,
        FailureKind.SENDER_REFUSED,
    }
    assert len(same) > 3
