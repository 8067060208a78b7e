"""Each kind of WhatsApp message: where it goes, and what stands in it, exactly."""

import pytest

from channels.infobip import whatsapp, whatsapp_contents
from conversations.contracts import Channel, FailureKind, MessageKind, OutgoingFile, OutgoingMessage
from conversations.errors import PermanentFailure, UnknownOutcome

pytestmark = pytest.mark.django_db

ID = "3f0a1b52-7c7e-4e0d-9d6a-1f2e3d4c5b6a"
PENDING = {"groupId": 1, "groupName": "PENDING", "id": 7, "name": "PENDING_ENROUTE"}
FILE_URL = "https://files.example/5"


@pytest.fixture(autouse=True)
def file_address(monkeypatch):
    monkeypatch.setattr(
        whatsapp_contents, "media_url", lambda file: f"https://files.example/{file.attachment_id}"
    )


def outgoing(kind, text="", **values):
    return OutgoingMessage(
        ID, Channel.WHATSAPP, "385951006720", "385991903327", text, kind, **values
    )


def file(name, content_type):
    return OutgoingFile(5, name, content_type, 1000)


def left(infobip):
    (request,) = infobip.requests
    assert request.method == "POST"
    return request.path.removeprefix("/whatsapp/1/message/"), request.json


JPG, PDF = file("a.jpg", "image/jpeg"), file("a.pdf", "application/pdf")
OGG, MP4 = file("a.ogg", "audio/ogg"), file("a.mp4", "video/mp4")
PLACE = {"latitude": 45.8, "longitude": 15.97}
ROWS = [{"id": "1", "title": "One", "description": ""}]
CARD = {"name": "Ana", "phones": ["+385912345678"], "emails": [], "organisation": ""}
FULL_CARD = {
    "name": "Ana Marija Kovač",
    "phones": ["+385912345678", "+385912345679"],
    "emails": ["ana@example.com"],
    "organisation": "Parcels",
}
KINDS = [
    (outgoing("text", "Hvala 👍"), "text", {"text": "Hvala 👍"}),
    (
        outgoing("text", "See https://example.com/1"),
        "text",
        {"text": "See https://example.com/1", "previewUrl": True},
    ),
    (outgoing("text", "HTTPS://example.com"), "text", {"text": "HTTPS://example.com"}),
    (outgoing("image", file=JPG), "image", {"mediaUrl": FILE_URL}),
    (outgoing("image", "It", file=JPG), "image", {"mediaUrl": FILE_URL, "caption": "It"}),
    (outgoing("document", file=PDF), "document", {"mediaUrl": FILE_URL, "filename": "a.pdf"}),
    (
        outgoing("document", "It", file=PDF),
        "document",
        {"mediaUrl": FILE_URL, "caption": "It", "filename": "a.pdf"},
    ),
    (
        outgoing("document", file=file("x" * 250 + ".pdf", "application/pdf")),
        "document",
        {"mediaUrl": FILE_URL, "filename": "x" * 236 + ".pdf"},
    ),
    (outgoing("audio", file=file("a.mp3", "audio/mpeg")), "audio", {"mediaUrl": FILE_URL}),
    (outgoing("voice", file=OGG), "audio", {"mediaUrl": FILE_URL, "voice": True}),
    (outgoing("video", "It", file=MP4), "video", {"mediaUrl": FILE_URL, "caption": "It"}),
    (outgoing("sticker", file=file("a.webp", "image/webp")), "sticker", {"mediaUrl": FILE_URL}),
    (outgoing("location", content=PLACE | {"name": "", "address": ""}), "location", PLACE),
    (
        outgoing("location", content=PLACE | {"name": "Office", "address": "Ilica 1"}),
        "location",
        {"latitude": 45.8, "longitude": 15.97, "name": "Office", "address": "Ilica 1"},
    ),
    (
        outgoing("location", content={"latitude": 0, "longitude": 0}),
        "location",
        {"latitude": 0, "longitude": 0},
    ),
    (
        outgoing("contact", content={"contacts": [CARD]}),
        "contact",
        {
            "contacts": [
                {
                    "name": {"firstName": "Ana", "formattedName": "Ana"},
                    "phones": [{"phone": "+385912345678"}],
                }
            ]
        },
    ),
    (
        outgoing("contact", content={"contacts": [FULL_CARD]}),
        "contact",
        {
            "contacts": [
                {
                    "name": {
                        "firstName": "Ana",
                        "formattedName": "Ana Marija Kovač",
                        "lastName": "Marija Kovač",
                    },
                    "phones": [{"phone": "+385912345678"}, {"phone": "+385912345679"}],
                    "emails": [{"email": "ana@example.com"}],
                    "org": {"company": "Parcels"},
                }
            ]
        },
    ),
    (
        outgoing(
            "reply-buttons",
            "Which day?",
            content={"buttons": [{"id": "1", "title": "Today"}], "footer": ""},
        ),
        "interactive/buttons",
        {
            "body": {"text": "Which day?"},
            "action": {"buttons": [{"type": "REPLY", "id": "1", "title": "Today"}]},
        },
    ),
    (
        outgoing(
            "reply-list",
            "Which day?",
            content={
                "button": "Days",
                "sections": [
                    {"title": "A", "rows": ROWS},
                    {"title": "", "rows": [{"id": "2", "title": "Two", "description": "second"}]},
                ],
                "footer": "At once",
            },
        ),
        "interactive/list",
        {
            "body": {"text": "Which day?"},
            "action": {
                "title": "Days",
                "sections": [
                    {"title": "A", "rows": [{"id": "1", "title": "One"}]},
                    {"rows": [{"id": "2", "title": "Two", "description": "second"}]},
                ],
            },
            "footer": {"text": "At once"},
        },
    ),
]


@pytest.mark.parametrize(("message", "path", "content"), KINDS)
def test_kind(infobip, account, acme, message, path, content):
    infobip.answer(200, {"messageId": ID, "status": PENDING})

    whatsapp.send(account, message)

    sent_to, body = left(infobip)
    assert sent_to == path
    assert body == {
        "from": "385951006720",
        "to": "385991903327",
        "messageId": ID,
        "notifyUrl": body["notifyUrl"],
        "content": content,
    }


def test_quote(infobip, account):
    infobip.answer(200, {"messageId": ID, "status": PENDING})

    whatsapp.send(account, outgoing("text", "Yes.", quoted_id="wamid.1="))

    assert left(infobip)[1]["context"] == {"replyToMessageId": "wamid.1="}


@pytest.mark.parametrize("kind", ["image", "document", "voice", "sticker"])
def test_file_that_is_gone_is_not_sent(infobip, account, kind):
    with pytest.raises(PermanentFailure) as failure:
        whatsapp.send(account, outgoing(kind))

    assert whatsapp.failure_of(failure.value.code) == FailureKind.FILE_NOT_FETCHED
    assert infobip.requests == []


def template(**content):
    file = content.pop("file", None)
    plain = {"name": "parcel_here", "language": "en_GB", "body": [], "header": None, "buttons": []}
    return outgoing("template", "Your parcel is here.", content=plain | content, file=file)


TEMPLATES = [
    (template(), {"body": {"placeholders": []}}),
    (template(body=["Ana", "SUP-1"]), {"body": {"placeholders": ["Ana", "SUP-1"]}}),
    (
        template(header={"type": "text", "value": "SUP-1"}),
        {"body": {"placeholders": []}, "header": {"type": "TEXT", "placeholder": "SUP-1"}},
    ),
    *[
        (
            template(header={"type": kind, "value": ""}, file=file),
            {
                "body": {"placeholders": []},
                "header": {"type": kind.upper(), "mediaUrl": FILE_URL},
            },
        )
        for kind, file in (("image", JPG), ("video", MP4), ("gif", MP4))
    ],
    (
        template(header={"type": "document", "value": ""}, file=PDF),
        {
            "body": {"placeholders": []},
            "header": {"type": "DOCUMENT", "mediaUrl": FILE_URL, "filename": "a.pdf"},
        },
    ),
    (
        template(header={"type": "location", "value": PLACE}),
        {
            "body": {"placeholders": []},
            "header": {"type": "LOCATION", "latitude": 45.8, "longitude": 15.97},
        },
    ),
    (
        template(
            buttons=[
                {"type": "quick-reply", "value": "yes"},
                {"type": "url", "value": "SUP-1"},
                {"type": "copy-code", "value": "A1"},
            ]
        ),
        {
            "body": {"placeholders": []},
            "buttons": [
                {"type": "QUICK_REPLY", "parameter": "yes"},
                {"type": "URL", "parameter": "SUP-1"},
                {"type": "COPY_CODE", "parameter": "A1"},
            ],
        },
    ),
]


@pytest.mark.parametrize(("message", "data"), TEMPLATES)
def test_template(infobip, account, acme, message, data):
    infobip.answer(200, {"messages": [{"messageId": ID, "status": PENDING}]})

    assert whatsapp.send(account, message) == ID

    path, body = left(infobip)
    (one,) = body["messages"]
    assert path == "template"
    assert one == {
        "from": "385951006720",
        "to": "385991903327",
        "messageId": ID,
        "notifyUrl": one["notifyUrl"],
        "content": {"templateName": "parcel_here", "language": "en_GB", "templateData": data},
    }


def test_template_with_an_sms_in_its_place(infobip, account):
    infobip.answer(200, {"messages": [{"messageId": ID, "status": PENDING}]})
    fallback = {"sender": "385951006719", "text": "Your parcel is here."}

    whatsapp.send(account, template(sms_fallback=fallback))

    (one,) = left(infobip)[1]["messages"]
    assert one["smsFailover"] == {"from": "385951006719", "text": "Your parcel is here."}


def test_template_quotes_nothing(infobip, account):
    infobip.answer(200, {"messages": [{"messageId": ID, "status": PENDING}]})

    whatsapp.send(account, outgoing("template", content=template().content, quoted_id="wamid.1="))

    assert "context" not in left(infobip)[1]["messages"][0]


@pytest.mark.parametrize("rows", [[], None, [None], {}])
def test_answer_that_names_no_message_is_unknown(infobip, account, rows):
    infobip.answer(200, {"messages": rows})

    with pytest.raises(UnknownOutcome):
        whatsapp.send(account, template())


def test_every_kind_of_ours_can_be_sent():
    theirs_alone = {"button", "list", "flow", "payment", "order", "infected", "unsupported"}

    assert set(whatsapp_contents.SHAPES) == set(MessageKind) - theirs_alone - {"template"}
