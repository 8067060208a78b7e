"""What customers send of each kind, in the body formats of Infobip's webhooks."""

import base64

import pytest

from sandbox.infobip.people import number_of, user_id

CUSTOMER = "385991903327"
COMPANY = "385951006720"
PNG = base64.b64decode("iVBORw0KGgo=")
FILE = {"name": "modem.png", "content_type": "image/png", "base64": "iVBORw0KGgo="}


@pytest.fixture
def writes(api, pushed):
    """Write on WhatsApp and return the row that was pushed."""

    def write(**wanted):
        message = {"channel": "whatsapp", "from": CUSTOMER}
        answer = api.post("/_sandbox/inbound", json=message | wanted)
        assert answer.status_code == 200, answer.text
        return pushed()[-1]

    return write


def refused(api, **wanted):
    message = {"channel": "whatsapp", "from": CUSTOMER}
    return api.post("/_sandbox/inbound", json=message | wanted).json().get("error", "")


@pytest.mark.parametrize("kind", ["image", "document", "audio", "voice", "video"])
def test_file_is_named_by_its_address_and_can_be_fetched(api, writes, kind):
    message = writes(type=kind, file=FILE, text="See the light")["message"]

    assert (message["type"], message["caption"]) == (kind.upper(), "See the light")
    assert f"/whatsapp/1/senders/{COMPANY}/media/" in message["url"]
    path = message["url"].partition(":8082")[2]
    assert api.get(path).content == PNG


def test_sticker_has_no_caption(writes):
    assert set(writes(type="sticker", file=FILE, text="ha")["message"]) == {"type", "url"}


def test_location(writes):
    place = {"latitude": 45.81, "longitude": 15.97, "name": "Home", "address": "Ilica 1"}

    assert writes(type="location", **place)["message"] == {"type": "LOCATION"} | place


def test_name_of_a_location_is_not_the_customers(writes):
    place = {"latitude": 45.81, "longitude": 15.97, "name": "Home"}

    assert "Home" not in str(writes(type="location", **place)["contact"])


def test_contact_is_spelled_out(writes):
    contact = {"name": "Ana Ban", "phone": "+385981234567", "email": "ana@firma.example"}

    (card,) = writes(type="contact", contact=contact | {"company": "Firma"})["message"]["contacts"]

    assert card["name"] == {"firstName": "Ana", "lastName": "Ban", "formattedName": "Ana Ban"}
    assert card["phones"][0]["phone"] == card["phones"][0]["waId"] == "385981234567"
    assert (card["emails"][0]["email"], card["org"]) == ("ana@firma.example", {"company": "Firma"})


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (
            {"type": "button", "text": "Yes", "payload": "confirm-7"},
            {"type": "BUTTON", "text": "Yes", "payload": "confirm-7"},
        ),
        (
            {"type": "button", "id": "b1", "title": "Yes"},
            {"type": "INTERACTIVE_BUTTON_REPLY", "id": "b1", "title": "Yes"},
        ),
        (
            {"type": "list", "id": "r2", "title": "Tuesday", "description": "8 to 12"},
            {
                "type": "INTERACTIVE_LIST_REPLY",
                "id": "r2",
                "title": "Tuesday",
                "description": "8 to 12",
            },
        ),
    ],
)
def test_choice_names_the_message_it_answers(writes, wanted, message):
    sent = writes(**wanted, quotes="out-1")["message"]

    assert sent == message | {"context": {"id": "out-1", "from": COMPANY}}


def test_quote_of_an_own_message_names_its_author(writes):
    own = writes(text="First")["messageId"]

    quoting = writes(text="I meant this", quotes=own)["message"]

    assert quoting["context"] == {"id": own, "from": CUSTOMER}


def test_reaction_is_added_and_removed(api, writes):
    target = writes(text="Hello")["messageId"]

    added = writes(type="reaction", reaction={"emoji": "👍", "to": target})["message"]
    removed = writes(type="reaction", reaction={"emoji": "", "to": target})["message"]

    assert (added["action"], added["emoji"], added["context"]["id"]) == ("ADDED", "👍", target)
    assert (removed["action"], "emoji" in removed) == ("REMOVED", False)


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("order", "ORDER"),
        ("flow", "INTERACTIVE_FLOW_REPLY"),
        ("payment", "INTERACTIVE_PAYMENT_CONFIRMATION"),
        ("unsupported", "UNSUPPORTED"),
        ("infected", "INFECTED_CONTENT"),
    ],
)
def test_rare_kind(writes, kind, named):
    message = writes(type=kind)["message"]

    assert message["type"] == named
    assert "url" not in message


def test_hidden_number_leaves_the_user_id_only(writes):
    row = writes(text="Hi", **{"from": None}, user_id=user_id(CUSTOMER))

    assert row["from"] == user_id(CUSTOMER)
    assert row["contact"] == {"userId": user_id(CUSTOMER)}


def test_user_id_beside_the_number_is_the_contact_s(writes):
    contact = writes(text="Hi", user_id="HR.7001")["contact"]

    assert contact == {"userId": "HR.7001", "phoneNumber": CUSTOMER}


@pytest.mark.parametrize("customer", [CUSTOMER, "49", "HR.", "sender", "DE.123"])
def test_user_id_is_turned_back(customer):
    assert number_of(user_id(customer)) == customer


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ({"type": "location", "latitude": 1, "longitude": 2}, {"latitude": 1, "longitude": 2}),
        ({"type": "button", "id": "b1", "title": "Yes"}, {"id": "b1", "text": "Yes"}),
        ({"type": "list", "id": "r2", "title": "Tue"}, {"id": "r2", "text": "Tue"}),
        ({"type": "reaction", "reaction": {"emoji": "👍", "to": "x"}}, {"emoji": "👍"}),
    ],
)
def test_messages_api_has_its_own_words(writes, wanted, part):
    row = writes(**wanted, format="messages_api")

    (said,) = row["content"]
    assert said["type"] in {"LOCATION", "BUTTON_REPLY", "LIST_REPLY", "REACTION"}
    assert said | part == said


def test_messages_api_calls_a_caption_text(writes):
    (part,) = writes(type="voice", file=FILE, text="Note", format="messages_api")["content"]

    assert (part["type"], part["text"]) == ("AUDIO", "Note")


def test_file_of_an_mms_can_be_fetched(api, writes):
    row = writes(channel="sms", format="mms", type="image", file=FILE)

    assert api.get(row["message"][0]["url"].partition(":8082")[2]).content == PNG


def test_mms_is_a_list_of_parts(writes):
    row = writes(channel="sms", format="mms", type="image", file=FILE, text="See")

    picture, words = row["message"]
    assert picture["contentType"] == "image/png"
    assert words == {"contentType": "text/plain", "value": "See"}
    assert row["group"] is None


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"type": "smell"}, "type is one of"),
        ({"type": "image"}, "a file is"),
        ({"type": "image", "file": {"base64": "%"}}, "no base64"),
        ({"type": "location", "latitude": "north"}, "numbers"),
        ({"type": "location", "latitude": 91, "longitude": 0}, "no such place"),
        ({"type": "contact"}, "a name"),
        ({"type": "list", "id": "r1"}, "a title"),
        ({"type": "reaction"}, "to a message"),
        ({"type": "image", "file": FILE, "channel": "sms"}, "an SMS carries text"),
        ({"text": "Hi", "format": "mms"}, "of the channel sms"),
        ({"type": "order", "format": "messages_api"}, "has no order"),
    ],
)
def test_impossible_wish_says_why(api, product, wanted, reason):
    assert reason in refused(api, **wanted)
    assert product.requests == []


@pytest.mark.parametrize(
    "row",
    [
        {"message": {"type": "IMAGE", "url": "http://x.test/media/1"}},
        {"channel": "WHATSAPP", "content": [{"type": "IMAGE", "url": "http://x.test/media/1"}]},
    ],
)
def test_raw_file_opens_the_session(api, app, row):
    row |= {"from": CUSTOMER, "to": COMPANY, "messageId": "m1", "receivedAt": ""}
    api.post("/_sandbox/inbound", json={"payload": {"results": [row]}})

    (message,) = app.state.infobip.ledger.thread(("whatsapp", CUSTOMER, COMPANY))
    assert (message.kind, message.content["url"]) == ("image", "http://x.test/media/1")


def test_report_is_nothing_a_customer_wrote(api, app):
    row = {"from": CUSTOMER, "to": COMPANY, "messageId": "m1", "status": {"groupId": 3}}

    api.post("/_sandbox/inbound", json={"payload": {"results": [row, None, {"message": "x"}]}})

    assert app.state.infobip.ledger.thread(("sms", CUSTOMER, COMPANY)) == []
