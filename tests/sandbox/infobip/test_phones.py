"""The phones: what one writes reaches the company, what it answers is on the screen."""

import time

import pytest

from sandbox.infobip.dates import epoch
from sandbox.infobip.people import user_id
from tests.sandbox.infobip.phones import CUSTOMER, THREAD, record, write


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

    assert ("sms", "InfoSMS", 1) in [(r["channel"], r["number"], r["latest"]) for r in mine]
    assert len(others) == 2


@pytest.mark.parametrize("name", ["photo.jpg", "voice.ogg", "clip.mp4", "sticker.webp"])
def test_samples_are_served(phone, name):
    assert phone.get(f"/static/samples/{name}").status_code == 200


def test_answer_to_the_user_id_arrives_on_the_phone(api, phone, screen, pushed):
    write(phone, hidden=True)

    answer(api, pushed, to=user_id(CUSTOMER))

    assert [m["text"] for m in screen()["messages"]] == ["Halo", "Dobar dan"]
    assert screen()["unread"] == 1
    assert len(phone.post("/api/read", json=THREAD).json()["seen"]) == 1


def test_ending_of_a_hidden_number_decides_as_well(api, phone, screen, pushed):
    write(phone, number="385991903391", hidden=True)

    answer(api, pushed, to=user_id("385991903391"))

    assert [m["text"] for m in screen(number="385991903391")["messages"]] == ["Halo"]


@pytest.mark.parametrize("what", ["marketing", "identity"])
def test_what_comes_beside_messages_is_told(phone, events, what):
    phone.post(f"/api/{what}", json={"customer": CUSTOMER, "says": "stop", "site": "demo"})

    (event,) = events()
    assert event["content"].keys() >= {"description"}
