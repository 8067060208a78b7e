"""What the provider tells besides messages and reports."""

from datetime import UTC, datetime

import pytest

from conversations.contracts import Channel, ConsentChange, IdentityChange, TemplateUpdate
from conversations.errors import NotUnderstood
from tests.channels.infobip.payloads import items, parse, parsed

TOLD = datetime(2026, 11, 20, 9, 31, tzinfo=UTC)
CUSTOMER, SMS, WHATSAPP = "385991903327", "385951006719", "385951006720"


@pytest.fixture(autouse=True)
def _later(time_machine_at):
    time_machine_at("2026-11-22T12:00:00Z")


@pytest.mark.parametrize("name", ["messages_api_typing", "click", "payment_status"])
def test_what_means_nothing_to_us_is_understood(name):
    assert parsed(name) is None


def test_blocklist():
    assert parsed("blocklist_block") == ConsentChange(
        Channel.SMS, CUSTOMER, SMS, TOLD, opted_in=False
    )


def test_blocklist_without_channel_is_known_by_our_sender():
    content = {"sender": WHATSAPP, "destination": CUSTOMER}

    change = parse({**items("blocklist_block")[0], "content": content})

    assert (change.channel, change.opted_in) == (Channel.WHATSAPP, False)


def test_unblocked_the_other_way_round():
    change = parsed("blocklist_unblock")

    assert (change.channel, change.opted_in) == (Channel.SMS, True)
    assert {change.address, change.sender_number} == {CUSTOMER, SMS}


def test_blocklist_of_another_channel_means_nothing_to_us():
    assert parsed("blocklist_email") is None


@pytest.mark.parametrize(("word", "opted_in"), [("stop", False), ("resume", True)])
def test_marketing(word, opted_in):
    assert parsed(f"marketing_{word}") == ConsentChange(
        Channel.WHATSAPP, CUSTOMER, WHATSAPP, TOLD, opted_in=opted_in, marketing_only=True
    )


def test_marketing_by_a_word_that_came_after_us_means_nothing():
    content = {"notificationMessagesStatus": "pause", "from": CUSTOMER}

    assert parse({**items("marketing_stop")[0], "content": content}) is None


def test_identity():
    assert parsed("identity_change") == IdentityChange(
        CUSTOMER, WHATSAPP, TOLD, "pQ9vGf3cK1M=", user_id="HR.7700112233"
    )


def test_identity_of_a_customer_without_number():
    item = items("identity_change")[0]
    content = {**item["content"], "userNumber": None}

    assert parse({**item, "content": content}).address == "HR.7700112233"


def test_template():
    assert parsed("template_update") == TemplateUpdate(
        "order_ready", "hr", datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"newStatus": "REJECTED", "reason": "SCAM"}, "SCAM"),
        ({"newStatus": "REJECTED", "reason": "NONE"}, ""),
        ({"newStatus": "REJECTED"}, ""),
        ({"newStatus": "APPROVED", "reason": "SCAM"}, ""),
        ({"newQualityScore": "LOW"}, ""),
    ],
)
def test_reason_of_a_rejected_template(change, reason):
    update = {**items("template_update")[0], "change": change}

    assert parse(update).rejected_for == reason


@pytest.mark.parametrize("told", [{}, {"event": "BILLING"}, {"from": CUSTOMER, "createdAt": None}])
def test_event_that_came_after_us_is_not_understood(told):
    with pytest.raises(NotUnderstood):
        parse(told)


@pytest.mark.parametrize("content", [None, [], {}, "x", {"sender": None, "destination": {}}])
def test_blocklist_without_numbers_is_of_nobody(content):
    change = parse({**items("blocklist_block")[0], "content": content})

    assert (change.address, change.channel) == ("", Channel.SMS)
