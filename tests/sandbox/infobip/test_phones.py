"""The phones: what one writes reaches the company, what it answers is on the screen."""

import pytest
from starlette.testclient import TestClient

from sandbox.phones.app import create_app

CUSTOMER = "385991903327"
THREAD = {"number": CUSTOMER, "channel": "whatsapp", "to": "385951006720"}


@pytest.fixture
def phone(api, app, config):
    client = TestClient(create_app(config, app))
    # The pushes belong to the loop in which the Infobip runs.
    client.portal = api.portal
    return client


@pytest.fixture
def screen(phone):
    return lambda **change: phone.get("/api/thread", params=THREAD | change).json()


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


@pytest.mark.parametrize("name", ["phones.js", "phones.css", "icon.svg"])
def test_files_of_the_page_are_served(phone, name):
    assert phone.get(f"/static/{name}").status_code == 200
