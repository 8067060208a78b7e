"""Delivery and seen reports in each of the provider's shapes."""

from datetime import UTC, datetime

import pytest

from conversations.contracts import Channel, DeliveryReport, FailureKind, SendState
from conversations.errors import NotUnderstood
from tests.channels.infobip.payloads import items, parse, parsed

ID = "3f0a1b52-7c7e-4e0d-9d6a-1f2e3d4c5b6a"
DONE = datetime(2026, 11, 20, 9, 0, 2, 250000, tzinfo=UTC)
SEEN = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _later(time_machine_at):
    time_machine_at("2026-11-22T12:00:00Z")


@pytest.mark.parametrize("name", ["report_v1", "report_v2", "report_v3", "report_messages_api"])
def test_delivered(name):
    assert parsed(name) == DeliveryReport(ID, SendState.DELIVERED, DONE, channel=Channel.SMS)


def test_report_of_the_sms_in_the_place_of_a_whatsapp_message_says_so():
    assert parsed("report_of_fallback").channel == Channel.SMS


def test_report_that_neither_names_nor_shows_a_channel_has_none():
    assert parsed("report_whatsapp").channel is None
    assert parse({**items("report_whatsapp")[0], "mccMnc": "21910"}).channel is None


def test_failure_that_may_pass():
    assert parsed("report_v3_failed") == DeliveryReport(
        ID,
        SendState.FAILED,
        DONE,
        "27 status-9",
        "Absent Subscriber",
        permanent=False,
        failure=FailureKind.UNREACHABLE,
        channel=Channel.SMS,
    )


def test_failure_that_will_not_pass():
    assert parsed("report_whatsapp") == DeliveryReport(
        ID,
        SendState.FAILED,
        DONE,
        "7010 status-2",
        "No session opened",
        permanent=True,
        failure=FailureKind.WINDOW_CLOSED,
    )


@pytest.mark.parametrize(
    ("name", "channel"), [("seen_whatsapp", None), ("seen_messages_api", Channel.WHATSAPP)]
)
def test_seen(name, channel):
    assert parsed(name) == DeliveryReport(ID, SendState.READ, SEEN, channel=channel)


@pytest.mark.parametrize(
    "refusal",
    [
        {"status": {"groupId": 5, "groupName": "REJECTED", "id": 23, "name": "REJECTED_DUPLICATE"}},
        {
            "status": {"groupId": 2, "id": 9, "name": "UNDELIVERABLE_NOT_DELIVERED"},
            "error": {"groupId": 3, "id": 5492, "name": "EC_DUPLICATE_MESSAGE"},
        },
    ],
)
def test_refused_duplicate_says_nothing_of_the_first_try(refusal):
    assert parse({**items("report_v3")[0], **refusal}) is None


def test_report_without_end_is_dated_by_its_beginning():
    report = parse({**items("report_v2")[0], "doneAt": None})

    assert report.occurred_at == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("reference", [None, "", 7, [], {"a": 1}])
def test_report_of_no_message_is_not_understood(reference):
    with pytest.raises(NotUnderstood, match="names no message"):
        parse({**items("report_v3")[0], "messageId": reference})


def test_status_that_came_after_us_is_not_understood():
    with pytest.raises(NotUnderstood, match="not known"):
        parse({**items("report_v3")[0], "status": {"groupId": 9, "name": "TELEPORTED"}})
