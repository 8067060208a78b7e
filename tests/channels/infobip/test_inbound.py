"""Customers' messages in each of the provider's three formats."""

from datetime import UTC, datetime

import pytest

from channels.infobip.inbound import parse as parse_item
from conversations.contracts import Channel, InboundMessage, MessageKind
from conversations.errors import NotUnderstood
from tests.channels.infobip.payloads import items, parse, parsed

RECEIVED = datetime(2026, 11, 20, 9, 31, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("_long_ago_received")


@pytest.fixture
def _long_ago_received(time_machine_at):
    time_machine_at("2026-11-22T12:00:00Z")


def test_sms_takes_the_whole_text_and_not_the_one_without_keyword():
    assert parsed("sms_inbound") == InboundMessage(
        channel=Channel.SMS,
        provider_id="918273645546372819",
        address="385991903327",
        sender_number="385951006719",
        occurred_at=datetime(2026, 11, 20, 9, 30, 5, 120000, tzinfo=UTC),
        text="ORDER where is my parcel?",
    )


def test_bare_sms_keeps_the_address_as_it_wrote_and_is_dated_now():
    message = parsed("sms_inbound_bare")

    assert message.address == "+385 99 190 3327"
    assert message.sender_number == "385951006719"
    assert message.occurred_at == datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_alphanumeric_author_is_kept():
    assert parsed("sms_inbound_alphanumeric").address == "POSTA"


def test_whatsapp_text():
    assert parsed("whatsapp_text") == InboundMessage(
        channel=Channel.WHATSAPP,
        provider_id="wamid.HBgMMzg1OTkxOTAzMzI3FQIAEhgU==",
        address="385991903327",
        sender_number="385951006720",
        occurred_at=RECEIVED,
        text="Good morning",
        user_id="HR.7700112233",
        profile_name="Maja Horvat",
    )


def test_whatsapp_author_without_number_is_the_user_id():
    message = parsed("whatsapp_without_number")

    assert (message.address, message.user_id) == ("HR.7700112233", "HR.7700112233")


def test_number_in_the_contact_is_preferred_to_a_user_id_in_from():
    message = parsed("whatsapp_from_user_id_with_number")

    assert (message.address, message.user_id) == ("385991903327", "HR.7700112233")


@pytest.mark.parametrize("contact", [{"phoneNumber": "385991903327"}, {}, None])
def test_user_id_in_from_is_one_whatever_the_contact_says(contact):
    message = parse({**items("whatsapp_without_number")[0], "contact": contact})

    number = "385991903327" if contact else "HR.7700112233"
    assert (message.address, message.user_id) == (number, "HR.7700112233")


def test_bare_whatsapp_is_known_by_our_sender():
    message = parsed("whatsapp_bare")

    assert (message.channel, message.kind) == (Channel.WHATSAPP, MessageKind.TEXT)
    assert message.text == "No type, no contact"


@pytest.mark.parametrize(
    ("name", "channel"), [("sms_inbound", Channel.SMS), ("whatsapp_bare", Channel.WHATSAPP)]
)
def test_body_alone_tells_the_channel_when_our_sender_does_not(name, channel):
    message = parse_item(items(name)[0], channel_of=lambda number: None)

    assert message.channel == channel


@pytest.mark.parametrize(
    ("name", "channel", "sender"),
    [
        ("messages_api_sms", Channel.SMS, "385951006719"),
        ("messages_api_whatsapp", Channel.WHATSAPP, "385951006720"),
    ],
)
def test_messages_api(name, channel, sender):
    message = parsed(name)

    assert (message.channel, message.sender_number) == (channel, sender)
    assert (message.address, message.text) == ("385991903327", "By the messages API")


def test_type_that_came_after_us_is_unsupported_and_kept():
    message = parsed("whatsapp_new_type")

    assert message.kind == MessageKind.UNSUPPORTED
    raw = items("whatsapp_new_type")[0]["message"]
    assert message.content == {"type": "HOLOGRAM", "raw": raw}


def test_nulls_around_a_text_do_not_hide_it():
    message = parsed("nulls_around_a_text")

    assert (message.kind, message.text) == (MessageKind.TEXT, "Still a text")
    assert (message.user_id, message.profile_name) == ("", "")


def test_numeric_id_is_an_id():
    assert parse({**items("sms_inbound")[0], "messageId": 42}).provider_id == "42"


@pytest.mark.parametrize("broken", [None, "", True, [], {}, "x" * 513])
def test_message_without_usable_id_is_not_understood(broken):
    with pytest.raises(NotUnderstood, match=r"^The message has no usable id\.$"):
        parse({**items("sms_inbound")[0], "messageId": broken})


def test_other_channel_is_not_understood_and_not_quoted():
    with pytest.raises(NotUnderstood) as refused:
        parse({**items("messages_api_sms")[0], "channel": "385991903327"})

    assert str(refused.value) == "The message came by a channel that is not one of ours."


def test_message_of_more_parts_than_one_can_have_is_not_understood():
    pieces = [{"type": "IMAGE", "url": f"https://api.infobip.com/{n}"} for n in range(101)]

    assert len(parse({**items("messages_api_sms")[0], "content": pieces[:100]}).files) == 100
    with pytest.raises(NotUnderstood):
        parse({**items("messages_api_sms")[0], "content": pieces})


def test_nulls_everywhere_are_not_understood():
    refused = 0
    for item in items("nulls_everywhere"):
        with pytest.raises(NotUnderstood):
            parse(item)
        refused += 1

    assert refused == 2
