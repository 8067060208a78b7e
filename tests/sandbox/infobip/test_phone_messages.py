"""What messages carry, as the phones show it and answer it."""

import pytest

from sandbox.infobip.template_store import Template
from tests.sandbox.infobip.phones import FILE, record, write


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
