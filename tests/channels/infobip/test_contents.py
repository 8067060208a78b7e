"""What each type of message carries, in the domain's words."""

import pytest

from conversations.contracts import Channel, InboundFile, InboundReaction, MessageKind
from conversations.errors import NotUnderstood
from tests.channels.infobip.payloads import items, parse, parsed

MEDIA = "https://api.infobip.com/whatsapp/1/senders/385951006720/media/20669_"
SENT = "3f0a1b52-7c7e-4e0d-9d6a-1f2e3d4c5b6a"


def whatsapp(message):
    return parse({**items("whatsapp_text")[0], "message": message})


def messages_api(*pieces):
    return parse({**items("messages_api_whatsapp")[0], "content": list(pieces)})


@pytest.mark.parametrize(
    ("name", "kind", "number", "text"),
    [
        ("whatsapp_image", MessageKind.IMAGE, "1", "The broken cup"),
        ("whatsapp_document", MessageKind.DOCUMENT, "2", "Warranty.pdf"),
        ("whatsapp_audio", MessageKind.AUDIO, "3", ""),
        ("whatsapp_voice", MessageKind.VOICE, "4", ""),
        ("whatsapp_video", MessageKind.VIDEO, "5", "How it leaks"),
        ("whatsapp_sticker", MessageKind.STICKER, "6", ""),
    ],
)
def test_file_lies_at_the_provider_and_its_caption_is_the_text(name, kind, number, text):
    message = parsed(name)

    assert (message.kind, message.text, message.content) == (kind, text, {})
    assert message.files == (InboundFile(MEDIA + number),)


def test_file_without_address_is_named_and_kept():
    message = parsed("whatsapp_image_without_address")

    assert (message.kind, message.text) == (MessageKind.UNSUPPORTED, "The broken cup")
    assert message.content["type"] == "IMAGE"
    assert message.files == ()


def test_location():
    message = parsed("whatsapp_location")

    assert (message.kind, message.text) == (MessageKind.LOCATION, "")
    assert message.content == {
        "latitude": 45.813177,
        "longitude": 15.977048,
        "name": "Corner shop",
        "address": "Ilica 1, Zagreb",
        "url": "https://shop.example/ilica",
    }


def test_location_without_names():
    assert parsed("whatsapp_location_bare").content == {
        "latitude": 45.813177,
        "longitude": 15.977048,
    }


def test_location_that_is_only_an_address_on_the_web_says_it():
    message = parsed("messages_api_location_by_address")

    assert (message.kind, message.text) == (
        MessageKind.LOCATION,
        "https://maps.example/?q=45.8,15.9",
    )


def test_contacts():
    message = parsed("whatsapp_contact")

    assert message.kind == MessageKind.CONTACT
    assert message.content == {
        "contacts": [
            {
                "name": "Ivo Babić",
                "phones": ["+385 98 111 222"],
                "emails": ["ivo@shop.example"],
                "organisation": "Corner shop",
            },
            {"name": "Ana Novak", "phones": [], "emails": [], "organisation": ""},
        ]
    }


@pytest.mark.parametrize(
    ("name", "kind", "text", "content"),
    [
        ("whatsapp_button", "button", "Yes, please", {"id": "callback-yes", "description": ""}),
        ("whatsapp_button_reply", "button", "Tomorrow", {"id": "tomorrow", "description": ""}),
        (
            "whatsapp_list_reply",
            "list",
            "Friday",
            {"id": "slot-3", "description": "Between 9 and 12"},
        ),
        ("messages_api_button_reply", "button", "Tomorrow", {"id": "tomorrow", "description": ""}),
        (
            "messages_api_list_reply",
            "list",
            "Friday\nSaturday",
            {"id": "slot-3", "description": ""},
        ),
    ],
)
def test_choice_is_its_title(name, kind, text, content):
    message = parsed(name)

    assert (message.kind, message.text, message.content) == (kind, text, content)


def test_answers_of_a_flow():
    message = parsed("whatsapp_flow_reply")

    assert (message.kind, message.text) == (MessageKind.FLOW, "Sent")
    assert message.content == {"answers": {"order_number": "4711", "problem": ["leaks", "noisy"]}}


def test_answers_of_a_flow_in_a_text_of_their_own():
    assert parsed("messages_api_flow").content == {"answers": {"order_number": "4711"}}


@pytest.mark.parametrize("response", ["no JSON", "[" * 100_000, None, 7, ["a"]])
def test_answers_of_a_flow_that_are_no_object_are_kept(response):
    message = messages_api({"type": "FLOW_RESPONSE", "response": response})

    assert (message.kind, set(message.content["answers"])) == (MessageKind.FLOW, {"response"})


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        (
            "whatsapp_payment_confirmation",
            {"status": "CAPTURED", "referenceId": "order-4711", "currency": "INR"},
        ),
        (
            "whatsapp_payment_acknowledgement",
            {"paymentId": "pay-1", "referenceId": "order-4711"},
        ),
    ],
)
def test_payment(name, fields):
    message = parsed(name)

    assert (message.kind, message.content) == (MessageKind.PAYMENT, {"fields": fields})


def test_order():
    message = parsed("whatsapp_order")

    assert (message.kind, message.text) == (MessageKind.ORDER, "By Friday, please")
    assert message.content["items"] == [
        {"id": "cup-blue", "quantity": "2", "price": "4.5", "currency": "EUR"},
        {"id": "plate", "quantity": "", "price": "12", "currency": "EUR"},
    ]


@pytest.mark.parametrize(
    ("name", "emoji"),
    [
        ("whatsapp_reaction", "👍"),
        ("whatsapp_reaction_removed", ""),
        ("messages_api_reaction", "❤️"),
    ],
)
def test_reaction_names_its_message(name, emoji):
    reaction = parsed(name)

    assert isinstance(reaction, InboundReaction)
    assert (reaction.channel, reaction.target_id) == (Channel.WHATSAPP, SENT)
    assert reaction.emoji == emoji


@pytest.mark.parametrize("context", [None, {}, {"id": None}, {"id": "x" * 513}, "x"])
def test_reaction_to_nothing_is_not_understood(context):
    with pytest.raises(NotUnderstood, match="names no message"):
        whatsapp({"type": "REACTION", "emoji": "👍", "context": context})


@pytest.mark.parametrize("name", ["whatsapp_reply", "whatsapp_button", "whatsapp_button_reply"])
def test_answer_names_what_it_answers(name):
    assert parsed(name).quoted_id == SENT


@pytest.mark.parametrize("context", [None, {}, {"id": None}, {"id": "x" * 513}, [], "x"])
def test_answer_to_nothing_we_can_name_is_a_message_all_the_same(context):
    message = whatsapp({"type": "TEXT", "text": "Yes", "context": context})

    assert (message.text, message.quoted_id) == ("Yes", "")


def test_advertisement_is_named():
    message = parsed("whatsapp_from_advertisement")

    assert (message.kind, message.text) == (MessageKind.TEXT, "Is it still on offer?")
    assert message.content == {
        "referral": {
            "headline": "Cups for winter",
            "body": "Two for one",
            "url": "https://ads.example/cups",
        }
    }


def test_infected_file_is_said():
    message = parsed("whatsapp_infected")

    assert (message.kind, message.files) == (MessageKind.INFECTED, ())
    assert message.content == {"malware": "Eicar-Signature"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("whatsapp_unsupported", "UNSUPPORTED"),
        ("whatsapp_call_permission", "INTERACTIVE_CALL_PERMISSION_REPLY"),
        ("whatsapp_new_type", "HOLOGRAM"),
    ],
)
def test_what_is_not_supported_is_named_and_kept(name, said):
    message = parsed(name)

    assert message.kind == MessageKind.UNSUPPORTED
    assert message.content == {"type": said, "raw": items(name)[0]["message"]}


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ({"url": MEDIA + "9"}, MessageKind.DOCUMENT),
        ({"latitude": 45.8, "longitude": 15.9}, MessageKind.LOCATION),
        ({"text": "Hi"}, MessageKind.TEXT),
        ({"text": None}, MessageKind.TEXT),
        ({"text": {"body": "Hi"}}, MessageKind.UNSUPPORTED),
        ({"beam": 3}, MessageKind.UNSUPPORTED),
        ({}, MessageKind.TEXT),
    ],
)
def test_message_without_type_is_known_by_its_shape(message, kind):
    assert whatsapp(message).kind == kind


@pytest.mark.parametrize("type_", [7, ["TEXT"], {"a": 1}, True, 1.5])
def test_type_of_another_sort_is_not_supported(type_):
    assert whatsapp({"type": type_, "beam": 3}).kind == MessageKind.UNSUPPORTED


def test_image_and_text_in_two_pieces_are_one_message():
    message = parsed("messages_api_image_and_text")

    assert (message.kind, message.text) == (MessageKind.IMAGE, "It came like this")
    assert message.files == (InboundFile("https://api.infobip.com/media/1/77"),)


def test_mms_of_the_messages_api_has_its_subject_and_both_images():
    message = parsed("messages_api_mms")

    assert (message.channel, message.kind) == (Channel.SMS, MessageKind.IMAGE)
    assert message.text == "Broken\nBoth of them"
    assert [file.url[-2:] for file in message.files] == ["78", "79"]


def test_mms_leaves_its_layout_out():
    message = parsed("mms_inbound")

    assert (message.channel, message.kind, message.text) == ("sms", "image", "Look at this")
    assert message.files == (
        InboundFile("https://api.infobip.com/mms/1/77", content_type="image/jpeg"),
        InboundFile("https://api.infobip.com/mms/1/80", content_type="text/x-vcard"),
    )


def test_mms_of_old_is_a_text():
    message = parsed("mms_inbound_plain")

    assert (message.kind, message.text) == (MessageKind.TEXT, "Only words")


def test_address_on_the_web_is_a_text():
    assert parsed("messages_api_web_address").text == "https://shop.example/p/1"


@pytest.mark.parametrize(
    ("pieces", "kind", "text"),
    [
        ([{"type": "TEXT", "text": "Hi"}, {"type": "HOLOGRAM"}], "unsupported", "Hi"),
        ([{"type": "HOLOGRAM"}, {"type": "IMAGE", "url": MEDIA}], "image", ""),
        (
            [{"type": "TEXT", "text": "Here"}, {"type": "LOCATION", "url": "u"}],
            "location",
            "Here\nu",
        ),
        (["Hi", None, 7], "text", "Hi\n7"),
        ([], "text", ""),
    ],
)
def test_of_several_pieces_the_one_that_says_most_gives_the_kind(pieces, kind, text):
    message = messages_api(*pieces)

    assert (message.kind, message.text) == (kind, text)


LONG = "x" * 10_000


@pytest.mark.parametrize(
    "message",
    [
        {"type": "TEXT", "text": LONG},
        {"type": "IMAGE", "url": MEDIA, "caption": LONG},
        {"type": "LOCATION", "latitude": 1, "longitude": 2, "name": LONG, "address": LONG},
        {"type": "CONTACT", "contacts": [{"name": {"formattedName": LONG}}] * 100},
        {"type": "BUTTON", "text": LONG, "payload": LONG},
        {"type": LONG, "text": LONG},
    ],
    ids=lambda message: message["type"][:8],
)
def test_long_fields_are_kept_whole(message):
    assert LONG in repr(whatsapp(message))
