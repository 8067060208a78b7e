"""The sandbox's WhatsApp: free-form text, the 24-hour session, read and typing."""

import pytest

TEXT = "/whatsapp/1/message/text"
CUSTOMER = "385991903327"


def text(**changes):
    message = {
        "from": "385951006720",
        "to": CUSTOMER,
        "messageId": "chat-1",
        "content": {"text": "Dobar dan"},
    }
    return message | changes


def hear(api, **changes):
    message = {"channel": "whatsapp", "from": CUSTOMER, "text": "Halo", "message_id": "wamid.1"}
    return api.post("/_sandbox/inbound", json=message | changes)


def test_text_is_accepted_as_pending(api):
    answer = api.post(TEXT, json=text()).json()

    assert (answer["to"], answer["messageId"]) == (CUSTOMER, "chat-1")
    assert answer["status"]["name"] == "PENDING_ENROUTE"


def test_wrong_key_gets_the_service_exception_envelope(api):
    answer = api.post(TEXT, json=text(), headers={"Authorization": "Basic nobody"})

    assert answer.status_code == 401
    assert answer.json()["requestError"]["serviceException"] == {
        "messageId": "UNAUTHORIZED",
        "text": "Invalid login details",
    }


@pytest.mark.parametrize(
    ("body", "field", "violations"),
    [
        (
            text(content={"text": ""}),
            "content.text",
            ["size must be between 1 and 4096", "must not be blank"],
        ),
        (text(content={}), "content.text", ["must not be blank"]),
        (text(content={"text": "a" * 4097}), "content.text", ["size must be between 1 and 4096"]),
        (text(to=None), "to", ["must not be blank"]),
        (text(to="1" * 151), "to", ["size must be between 1 and 150"]),
        (text(notifyUrl="/hook"), "notifyUrl", ["is not a valid url"]),
        (text(callbackData="c" * 4001), "callbackData", ["size must be between 0 and 4000"]),
    ],
)
def test_violations_are_listed_by_field(api, sends, body, field, violations):
    answer = api.post(TEXT, json=body)

    errors = answer.json()["requestError"]["serviceException"]["validationErrors"]
    assert answer.status_code == 400
    assert errors == {field: violations}
    assert sends() == []


def test_same_message_id_is_a_second_message(api, sends):
    api.post(TEXT, json=text())
    api.post(TEXT, json=text())

    assert [row["message_id"] for row in sends(channel="whatsapp")] == ["chat-1", "chat-1"]


def test_free_form_without_a_session_fails_later(api, pushed):
    answer = api.post(TEXT, json=text())

    (report,) = pushed()
    assert answer.json()["status"]["groupId"] == 1
    assert (report["status"]["id"], report["error"]["id"]) == (9, 7010)


def test_session_is_open_after_the_customer_wrote(api, pushed):
    hear(api)

    api.post(TEXT, json=text())

    assert pushed()[-1]["status"]["name"] == "DELIVERED_TO_HANDSET"


def test_session_is_over_after_a_day(api, pushed):
    hear(api, received_at="2024-05-01T10:00:00.000+0000")

    api.post(TEXT, json=text())

    assert pushed()[-1]["error"]["id"] == 7010


def test_raw_body_opens_the_session_too(api, pushed):
    row = {
        "from": CUSTOMER,
        "to": "385951006720",
        "messageId": "wamid.2",
        "message": {"type": "TEXT", "text": "Halo"},
    }
    api.post("/_sandbox/inbound", json={"payload": {"results": [row]}})

    api.post(TEXT, json=text())

    assert pushed()[-1]["status"]["groupId"] == 3


def test_foreign_sender_is_not_registered(api, pushed):
    api.post(TEXT, json=text(**{"from": "385951009999"}))

    assert pushed()[-1]["error"]["id"] == 7034


def test_marking_read_answers_204(api):
    hear(api)

    answer = api.post("/whatsapp/1/senders/385951006720/message/wamid.1/read")

    assert answer.status_code == 204


def test_marking_an_unknown_message_is_404(api):
    answer = api.post("/whatsapp/1/senders/385951006720/message/wamid.9/read")

    assert answer.status_code == 404


def test_typing_is_accepted(api):
    event = {
        "sender": "385951006720",
        "destinations": [{"to": CUSTOMER}],
        "content": {"type": "TYPING_INDICATOR"},
    }

    answer = api.post("/whatsapp/1/events", json={"events": [event]}).json()

    assert answer["messages"][0]["destination"] == CUSTOMER


def test_typing_for_nobody_gets_the_api_error_envelope(api):
    answer = api.post("/whatsapp/1/events", json={"events": []})

    assert answer.json()["violations"] == [{"property": "events", "violation": "must not be empty"}]
