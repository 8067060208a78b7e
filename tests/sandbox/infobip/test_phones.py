"""The phones: what one writes reaches the company, what it answers is on the screen."""

import time

import pytest
from starlette.testclient import TestClient

from sandbox.infobip.clock import clock
from sandbox.infobip.dates import epoch
from sandbox.infobip.ledger import Message
from sandbox.infobip.people import user_id
from sandbox.infobip.template_store import Template
from sandbox.phones.app import create_app

CUSTOMER = "385991903327"
THREAD = {"number": CUSTOMER, "channel": "whatsapp", "to": "385951006720"}
FILE = {"name": "modem.png", "content_type": "image/png", "base64": "iVBORw0KGgo="}


@pytest.fixture
def phone(api, app, config):
    client = TestClient(create_app(config, app))
    # The pushes belong to the loop in which the Infobip runs.
    client.portal = api.portal
    return client


@pytest.fixture
def screen(phone):
    return lambda **change: phone.get("/api/thread", params=THREAD | change).json()


@pytest.fixture(autouse=True)
def _clock_stands():
    yield
    clock.ahead_seconds = 0.0


def record(app, **fields):
    """Lay a message of the company on the phone."""
    known = {"channel": "whatsapp", "company": THREAD["to"], "customer": CUSTOMER, "text": ""}
    book = app.state.infobip.ledger
    message = Message(
        **{
            "direction": "out",
            "message_id": f"out-{time.monotonic_ns()}",
            "site": "demo",
            "status": "DELIVERED_TO_HANDSET",
            **known,
            **fields,
        }
    )
    return book.record(message)


def write(phone, **change):
    return phone.post("/api/messages", json=THREAD | {"text": "Halo"} | change)


def answer(api, pushed, to=CUSTOMER):
    message = {"from": "385951006720", "to": to, "content": {"text": "Dobar dan"}}
    api.post("/whatsapp/1/message/text", json=message)
    pushed()


def test_written_message_is_pushed_and_shown(phone, screen, product):
    write(phone)

    assert product.results()[0]["message"]["text"] == "Halo"
    assert [(m["direction"], m["text"], m["state"]) for m in screen()["messages"]] == [
        ("mine", "Halo", "sent")
    ]


def test_message_the_company_did_not_take_is_still_sending(phone, screen, product):
    product.statuses = [503] * 8

    answer = write(phone)

    assert answer.json()["status"] == 503
    assert screen()["messages"][0]["state"] == "sending"


def test_answer_appears_in_its_thread_only(api, phone, screen, pushed):
    write(phone)

    answer(api, pushed)

    assert [m["text"] for m in screen()["messages"]] == ["Halo", "Dobar dan"]
    assert screen(channel="sms")["messages"] == []
    assert screen(number="385991903328")["messages"] == []


def test_undelivered_answer_never_appears(api, phone, screen, pushed):
    write(phone, number="385991903391")

    answer(api, pushed, to="385991903391")

    assert [m["text"] for m in screen(number="385991903391")["messages"]] == ["Halo"]


def test_reading_is_told_once(api, phone, screen, pushed):
    write(phone)
    answer(api, pushed)
    assert screen()["unread"] == 1

    phone.post("/api/read", json=THREAD)

    assert screen()["unread"] == 0
    assert sum("seenAt" in row for row in pushed()) == 1


def test_sms_does_not_tell_that_it_was_read(phone):
    assert phone.post("/api/read", json=THREAD | {"channel": "sms"}).json() == {"seen": []}


def test_company_reading_turns_the_mark(api, phone, screen):
    message_id = write(phone).json()["message_id"]

    api.post(f"/whatsapp/1/senders/385951006720/message/{message_id}/read")

    assert screen()["messages"][0]["state"] == "read"


def test_typing_of_the_company_is_shown(api, phone, screen):
    event = {
        "sender": "385951006720",
        "destinations": [{"to": CUSTOMER}],
        "content": {"type": "TYPING_INDICATOR"},
    }

    api.post("/whatsapp/1/events", json={"events": [event]})

    assert screen()["typing"] is True


def test_senders_of_all_sites_can_be_chosen(phone):
    rows = phone.get("/api/senders").json()["senders"]

    assert [(row["site"], row["channel"], row["number"]) for row in rows] == [
        ("demo", "sms", "385951006719"),
        ("demo", "whatsapp", "385951006720"),
    ]


@pytest.mark.parametrize("change", [{"number": "me"}, {"channel": "pigeon"}, {"text": 7}])
def test_impossible_message_is_refused(phone, product, change):
    assert write(phone, **change).status_code == 400
    assert product.requests == []


def test_page_allows_no_foreign_content(phone):
    answer = phone.get("/")

    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "style=" not in answer.text


@pytest.mark.parametrize("name", ["phones.js", "phones.css", "map.svg"])
def test_files_of_the_page_are_served(phone, name):
    assert phone.get(f"/static/{name}").status_code == 200


def test_file_of_either_side_is_shown_and_fetched(api, app, phone, screen):
    write(phone, type="image", text="See", file=FILE)
    sent = record(app, kind="document", content={"filename": "bill.pdf"})
    sent.media_id = app.state.infobip.media.keep(b"%PDF-", "application/pdf", "b.pdf")

    mine, theirs = screen()["messages"]

    assert (mine["kind"], mine["text"], mine["file"]["name"]) == ("image", "See", "modem.png")
    assert phone.get(mine["file"]["url"]).content == b"\x89PNG\r\n\x1a\n"
    assert theirs["file"] == {
        "url": f"/media/{sent.number}",
        "name": "bill.pdf",
        "type": "application/pdf",
        "size": 5,
    }


@pytest.mark.parametrize(
    ("content_type", "disposition"),
    [("image/png", "inline"), ("image/svg+xml", "attachment"), ("text/html", "attachment")],
)
def test_only_pictures_and_sounds_are_opened_in_the_page(
    app, phone, screen, content_type, disposition
):
    message = record(app, kind="document")
    message.media_id = app.state.infobip.media.keep(b"<svg/>", content_type, "a")

    answer = phone.get(f"/media/{message.number}")

    assert answer.headers["Content-Disposition"].startswith(disposition)
    assert (answer.headers["Content-Type"] == content_type) == (disposition == "inline")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("number", [1, 7])
def test_there_is_no_file_without_one(phone, number):
    write(phone)

    assert phone.get(f"/media/{number}").status_code == 404


def test_quote_shows_what_is_answered(app, phone, screen):
    theirs = record(app, text="Which light?")
    write(phone, text="The third", quotes=theirs.message_id)
    write(phone, text="Lost", quotes="never-seen")

    _, quoting, lost = screen()["messages"]

    assert quoting["quoted"] == {"mine": False, "text": "Which light?", "id": theirs.number}
    assert lost["quoted"]["id"] is None


def test_reaction_stands_on_its_message_and_goes_again(app, phone, screen):
    theirs = record(app, text="Done")

    write(phone, type="reaction", reaction={"emoji": "👍", "to": theirs.message_id})
    added = screen()["messages"]
    write(phone, type="reaction", reaction={"emoji": "", "to": theirs.message_id})

    assert [(m["text"], m["reaction"]) for m in added] == [("Done", "👍")]
    assert screen()["messages"][0]["reaction"] == ""


def test_buttons_can_be_answered_once(app, phone, screen, product):
    action = {"buttons": [{"type": "REPLY", "id": "y", "title": "Yes"}]}
    content = {"body": {"text": "Shall we?"}, "footer": {"text": "Free"}, "action": action}
    theirs = record(app, kind="interactive/buttons", content=content)
    offered = screen()["messages"][0]

    write(phone, type="button", id="y", title="Yes", quotes=theirs.message_id)

    assert (offered["text"], offered["footer"], offered["answered"]) == ("Shall we?", "Free", False)
    assert offered["buttons"] == [{"type": "reply", "title": "Yes", "id": "y"}]
    assert screen()["messages"][0]["answered"] is True
    assert product.results()[0]["message"]["type"] == "INTERACTIVE_BUTTON_REPLY"


def test_list_has_its_rows(app, screen):
    rows = [{"id": "r1", "title": "Friday", "description": "8 to 12"}]
    action = {"title": "Choose", "sections": [{"title": "Days", "rows": rows}]}
    record(app, kind="interactive/list", content={"body": {"text": "When?"}, "action": action})

    shown = screen()["messages"][0]["list"]

    assert shown == {"button": "Choose", "sections": [{"title": "Days", "rows": rows}]}


def test_voice_note_of_the_company_is_one(app, screen):
    record(app, kind="audio", content={"voice": True})

    assert screen()["messages"][0]["kind"] == "voice"


def test_place_and_contact_are_shown(app, screen):
    record(app, kind="location", content={"latitude": 45.8, "longitude": 15.9, "name": "Shop"})
    card = {"name": {"formattedName": "Ivan"}, "phones": [{"phone": "385951112233"}]}
    record(app, kind="contact", content={"contacts": [card]})

    place, contact = screen()["messages"]

    assert place["location"] == {
        "latitude": 45.8,
        "longitude": 15.9,
        "name": "Shop",
        "address": None,
    }
    assert (contact["contacts"][0]["name"], contact["contacts"][0]["phones"]) == (
        "Ivan",
        ["385951112233"],
    )


def test_hidden_number_is_the_same_phone(phone, screen, product):
    write(phone)
    write(phone, hidden=True, text="It is me")

    assert [m["text"] for m in screen()["messages"]] == ["Halo", "It is me"]
    assert product.results()[1]["contact"] == {"userId": user_id(CUSTOMER)}


def test_message_of_yesterday_says_so(phone, product):
    write(phone, ago=90000)

    received = epoch(product.results()[0]["receivedAt"])
    assert 89_990 < time.time() - received < 90_010


def test_hours_pass_for_the_phone_but_not_for_the_company(phone, screen, product):
    phone.post("/api/clock", json={"hours": 24})
    write(phone)

    assert screen()["ahead"] == 24 * 3600
    assert screen()["messages"][0]["at"] - time.time() > 86_000
    assert abs(epoch(product.results()[0]["receivedAt"]) - time.time()) < 10

    assert phone.post("/api/clock", json={"hours": 0}).json()["ahead"] == 0


def test_clock_does_not_jump_by_years(phone, screen):
    assert phone.post("/api/clock", json={"hours": 9000}).status_code == 400
    assert screen()["ahead"] == 0


def test_sender_that_only_wrote_is_in_the_list_of_its_phone(app, phone):
    record(app, channel="sms", company="InfoSMS")

    mine = phone.get("/api/senders", params={"number": CUSTOMER}).json()["senders"]
    others = phone.get("/api/senders", params={"number": "385991900000"}).json()["senders"]

    assert {"site": "demo", "channel": "sms", "number": "InfoSMS"} in mine
    assert len(others) == 2


@pytest.mark.parametrize("name", ["photo.jpg", "voice.ogg", "clip.mp4", "sticker.webp"])
def test_samples_are_served(phone, name):
    assert phone.get(f"/static/samples/{name}").status_code == 200


def test_template_is_dressed_with_header_footer_and_buttons(app, screen):
    app.state.infobip.templates.add(
        Template(
            site="demo",
            name="visit",
            language="en",
            category="UTILITY",
            structure={
                "header": {"format": "TEXT", "text": "Visit {{1}}"},
                "body": {"text": "We come on {{1}}."},
                "footer": {"text": "Service desk"},
                "buttons": [
                    {"type": "QUICK_REPLY", "text": "Good"},
                    {"type": "URL", "text": "Change it", "url": "https://demo.example/{{1}}"},
                    {"type": "QUICK_REPLY", "text": "Bad"},
                    {"type": "PHONE_NUMBER", "text": "Call", "phoneNumber": "38514000000"},
                    {"type": "COPY_CODE"},
                ],
            },
        )
    )
    given = [
        {"type": "QUICK_REPLY", "parameter": "good-7"},
        {"type": "URL", "parameter": "V7"},
    ]
    data = {"header": {"type": "TEXT", "placeholder": "V7"}, "buttons": given}
    content = {"templateName": "visit", "language": "en", "templateData": data}
    record(app, kind="template", text="We come on Friday.", content=content)

    (shown,) = screen()["messages"]

    assert (shown["header"], shown["text"]) == ("Visit V7", "We come on Friday.")
    assert shown["footer"] == "Service desk"
    assert shown["buttons"] == [
        {"type": "quick", "title": "Good", "payload": "good-7"},
        {"type": "url", "title": "Change it", "url": "https://demo.example/V7"},
        {"type": "quick", "title": "Bad", "payload": "Bad"},
        {"type": "phone", "title": "Call", "phone": "38514000000"},
        {"type": "other", "title": "Copy code"},
    ]


def test_template_that_is_gone_is_its_text(app, screen):
    record(app, kind="template", text="Hello", content={"templateName": "gone", "language": "en"})

    assert screen()["messages"][0]["text"] == "Hello"
