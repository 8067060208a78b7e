"""WhatsApp messages of every kind: their bounds, the file that is fetched, the answer quoted."""

import httpx
import pytest

PATH = "/whatsapp/1/message/"
SENDER = "385951006720"
CUSTOMER = "385991903327"
FILE = "http://app.test/media/abc"
JPEG = b"\xff\xd8\xff\xe0 slika"
BUTTON = {"type": "REPLY", "id": "1", "title": "Da"}
ROW = {"id": "1", "title": "Jutro"}
CONTACT = {"name": {"firstName": "Ana", "formattedName": "Ana Anić"}}
GOOD = {
    "text": {"text": "Evo"},
    "image": {"mediaUrl": FILE, "caption": "Slika"},
    "document": {"mediaUrl": FILE, "filename": "ponuda.pdf"},
    "audio": {"mediaUrl": FILE},
    "video": {"mediaUrl": FILE},
    "sticker": {"mediaUrl": FILE},
    "location": {"latitude": 45.8, "longitude": 15.9, "name": "Ured"},
    "contact": {"contacts": [CONTACT]},
    "interactive/buttons": {"body": {"text": "Radi?"}, "action": {"buttons": [BUTTON]}},
    "interactive/list": {
        "body": {"text": "Kada?"},
        "action": {"title": "Termini", "sections": [{"rows": [ROW]}]},
    },
    "interactive/url-button": {
        "body": {"text": "Pogledajte"},
        "action": {"displayText": "Otvori", "url": "https://desk.example/1"},
    },
}


def send(api, kind, content, **changes):
    message = {"from": SENDER, "to": CUSTOMER, "messageId": "chat-1", "content": content}
    return api.post(PATH + kind, json=message | changes)


def hear(api):
    api.post("/_sandbox/inbound", json={"channel": "whatsapp", "from": CUSTOMER, "text": "Halo"})


def errors(answer):
    assert answer.status_code == 400
    return answer.json()["requestError"]["serviceException"]["validationErrors"]


@pytest.fixture
def files(app):
    """What the company's server answers to whoever fetches a file of it."""
    served = {"answer": httpx.Response(200, content=JPEG, headers={"Content-Type": "image/jpeg"})}
    asked = []

    def serve(request):
        if request.url.path.startswith("/media/"):
            asked.append(request)
            return served["answer"]
        return httpx.Response(200)

    client = httpx.AsyncClient(transport=httpx.MockTransport(serve))
    object.__setattr__(app.state.infobip, "client", client)
    served["asked"] = asked
    return served


@pytest.mark.parametrize("kind", GOOD)
def test_every_kind_is_taken(api, sends, kind):
    answer = send(api, kind, GOOD[kind] | {"unheard": 1})

    assert answer.json()["status"]["name"] == "PENDING_ENROUTE"
    assert sends()[0]["kind"] == kind


def many(count, **row):
    return [ROW | {"id": str(number)} | row for number in range(count)]


def listed(*sections):
    return GOOD["interactive/list"] | {"action": {"title": "T", "sections": list(sections)}}


@pytest.mark.parametrize(
    ("kind", "content", "violations"),
    [
        ("image", {}, {"content.mediaUrl": ["must not be blank"]}),
        ("image", {"mediaUrl": "slika"}, {"content.mediaUrl": ["is not a valid url"]}),
        (
            "image",
            {"mediaUrl": FILE, "caption": "c" * 3001},
            {"content.caption": ["size must be between 0 and 3000"]},
        ),
        (
            "document",
            {"mediaUrl": FILE, "filename": "f" * 241},
            {"content.filename": ["size must be between 0 and 240"]},
        ),
        (
            "location",
            {"latitude": 91, "longitude": "x"},
            {
                "content.latitude": ["must be less than or equal to 90"],
                "content.longitude": ["must be a number"],
            },
        ),
        ("contact", {"contacts": [{}]}, {"content.contacts[0].name": ["must not be null"]}),
        (
            "interactive/buttons",
            GOOD["interactive/buttons"] | {"action": {"buttons": [BUTTON, BUTTON]}},
            {"content.action.buttons": ["ids and titles must be unique"]},
        ),
        (
            "interactive/buttons",
            GOOD["interactive/buttons"] | {"action": {"buttons": [BUTTON | {"title": "t" * 21}]}},
            {"content.action.buttons[0].title": ["size must be between 1 and 20"]},
        ),
        (
            "interactive/list",
            listed({"rows": many(11)}),
            {"content.action.sections": ["number of rows must be between 1 and 10"]},
        ),
        (
            "interactive/list",
            listed({"rows": many(1)}, {"title": "B", "rows": many(1, id="b")}),
            {"content.action.sections[0].title": ["must not be blank"]},
        ),
    ],
)
def test_bounds_are_refused_by_field(api, sends, kind, content, violations):
    assert violations.items() <= errors(send(api, kind, content)).items()
    assert sends() == []


def test_preview_needs_a_link(api):
    answer = send(api, "text", {"text": "Evo", "previewUrl": True})

    assert list(errors(answer)) == ["content.text"]


def test_file_is_fetched_without_the_key_and_kept(api, app, files, pushed, sends):
    hear(api)

    send(api, "image", GOOD["image"])

    assert pushed()[-1]["status"]["name"] == "DELIVERED_TO_HANDSET"
    assert [request.method for request in files["asked"]] == ["HEAD", "GET"]
    assert "Authorization" not in files["asked"][1].headers
    media = app.state.infobip.media.get(sends()[0]["media_id"])
    assert app.state.infobip.media.path_of(media).read_bytes() == JPEG


@pytest.mark.parametrize(
    ("kind", "status", "content", "content_type", "error"),
    [
        ("image", 404, JPEG, "image/jpeg", 7013),
        ("image", 200, JPEG, "image/gif", 7022),
        ("image", 200, b"<html>", "image/jpeg", 7022),
        ("image", 200, JPEG + b"0" * 5 * 1024 * 1024, "image/jpeg", 7015),
        ("document", 200, b"", "application/pdf", 7015),
        ("audio", 200, b"RIFF", "audio/wav", 7022),
    ],
)
def test_file_that_cannot_be_sent_is_reported(
    api, files, pushed, kind, status, content, content_type, error
):
    headers = {"Content-Type": content_type}
    files["answer"] = httpx.Response(status, content=content, headers=headers)
    hear(api)

    send(api, kind, GOOD[kind])

    assert pushed()[-1]["error"]["id"] == error


def test_voice_note_has_to_be_ogg(api, files, pushed):
    files["answer"] = httpx.Response(200, content=b"ID3", headers={"Content-Type": "audio/mpeg"})
    hear(api)

    send(api, "audio", {"mediaUrl": FILE, "voice": True})

    assert pushed()[-1]["error"]["id"] == 7022


def test_quoted_message_is_remembered(api, app):
    hear(api)

    send(api, "text", GOOD["text"], context={"replyToMessageId": "wamid.1"})

    assert app.state.infobip.ledger.sent()[0].quotes == "wamid.1"


@pytest.mark.parametrize("error", [7003, 7016, 7017, 7029, 7032, 7033])
def test_end_of_the_number_is_the_error(api, pushed, error):
    send(api, "text", GOOD["text"], to=f"38599190{error}")

    assert pushed()[-1]["error"]["id"] == error


def test_jump_of_the_clock_ends_the_session(api, pushed):
    hear(api)
    api.post("/_sandbox/clock", json={"ahead_seconds": 24 * 3600 + 60})

    send(api, "text", GOOD["text"])

    assert pushed()[-1]["error"]["id"] == 7010
    api.post("/_sandbox/clock", json={"ahead_seconds": 0})


def test_flood_filter_counts_what_is_the_same(api, pushed):
    api.post("/_sandbox/options", json={"flood_filter": True})
    hear(api)

    for number in range(7):
        send(api, "text", GOOD["text"], messageId=f"chat-{number}")

    failed = [row["messageId"] for row in pushed() if row.get("error", {}).get("id") == 4103]
    assert failed == ["chat-6"]


def test_changed_identity_has_to_be_confirmed(api, pushed):
    hear(api)
    changed = api.post("/_sandbox/identity", json={"customer": CUSTOMER}).json()["hash"]
    path = f"/whatsapp/1/{SENDER}/contacts/{CUSTOMER}/identity"
    send(api, "text", GOOD["text"])

    refused, confirmed = (api.put(path, json={"hash": told}) for told in ("old", changed))
    send(api, "text", GOOD["text"], messageId="chat-2")

    assert (refused.status_code, confirmed.status_code) == (409, 204)
    assert api.get(path).json()["acknowledged"] is True
    assert api.get("/_sandbox/messages").json()["messages"][0]["text"] == "Evo"
