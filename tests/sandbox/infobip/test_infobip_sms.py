"""The sandbox's SMS: what it takes, what it refuses and in which words."""

import pytest

MESSAGES = "/sms/3/messages"


def one(**changes):
    message = {
        "sender": "385951006719",
        "destinations": [{"to": "385991903327", "messageId": "order-1"}],
        "content": {"text": "Stižemo u podne"},
    }
    return {"messages": [message | changes]}


def to(number, message_id="order-1"):
    return one(destinations=[{"to": number, "messageId": message_id}])


def test_sms_is_accepted_as_pending(api):
    answer = api.post(MESSAGES, json=one())

    row = answer.json()["messages"][0]
    assert answer.status_code == 200
    assert (row["messageId"], row["destination"]) == ("order-1", "385991903327")
    assert row["status"]["name"] == "PENDING_ACCEPTED"


def test_part_count_only_when_asked_for(api):
    body = one(content={"text": "č" * 71})

    assert "details" not in api.post(MESSAGES, json=body).json()["messages"][0]
    body = to("385991903327", "order-2") | {"options": {"includeSmsCountInResponse": True}}
    assert api.post(MESSAGES, json=body).json()["messages"][0]["details"] == {"messageCount": 1}


def test_plus_of_a_number_is_dropped(api):
    answer = api.post(MESSAGES, json=to("+385991903327"))

    assert answer.json()["messages"][0]["destination"] == "385991903327"


def test_each_destination_is_a_message(api, sends):
    api.post(MESSAGES, json=one(destinations=[{"to": "385991903327"}, {"to": "385991903328"}]))

    assert [row["to"] for row in sends()] == ["385991903327", "385991903328"]


def test_wrong_key_gets_the_api_error_envelope(api):
    answer = api.post(MESSAGES, json=one(), headers={"Authorization": "App nobody"})

    assert answer.status_code == 401
    assert answer.json()["errorCode"] == "E401"


@pytest.mark.parametrize(
    ("body", "violation"),
    [
        ({}, ("messages", "must not be empty")),
        (one(content=None), ("messages[0].content", "must not be null")),
        (one(content={"text": " "}), ("messages[0].content.text", "must not be blank")),
        (one(destinations=[{"to": ""}]), ("messages[0].destinations[0].to", "must not be blank")),
        (
            one(destinations=[{"to": "385991903327", "messageId": "m" * 201}]),
            ("messages[0].destinations[0].messageId", "size must be between 0 and 200"),
        ),
        (
            one(webhooks={"delivery": {"url": "app/hook"}}),
            ("messages[0].webhooks.delivery.url", "is not a valid url"),
        ),
    ],
)
def test_violation_names_the_property(api, sends, body, violation):
    answer = api.post(MESSAGES, json=body)

    found = [(row["property"], row["violation"]) for row in answer.json()["violations"]]
    assert answer.status_code == 400
    assert violation in found
    assert sends() == []


def test_body_that_is_not_json_is_refused(api):
    answer = api.post(MESSAGES, content="{")

    assert (answer.status_code, answer.json()["errorCode"]) == (400, "E400")


def test_known_message_id_is_rejected_as_duplicate(api, sends):
    api.post(MESSAGES, json=one())

    status = api.post(MESSAGES, json=one()).json()["messages"][0]["status"]

    assert (status["groupId"], status["id"]) == (5, 23)
    assert [row["duplicates"] for row in sends()] == [1]


@pytest.mark.parametrize(
    ("body", "status_id"),
    [
        (to("385991903393"), 12),
        (to("385991903394"), 14),
        (to("CUSTOMER"), 52),
        (one(sender="x"), 13),
        (one(content={"text": "a" * 3826}), 25),
    ],
)
def test_rejection_stands_in_the_answer(api, pushed, body, status_id):
    status = api.post(MESSAGES, json=body).json()["messages"][0]["status"]

    assert (status["groupName"], status["id"]) == ("REJECTED", status_id)
    assert pushed() == []


def test_logs_find_messages_by_id_again_and_again(api, pushed):
    for message_id in ("order-1", "order-2", "order-3"):
        api.post(MESSAGES, json=to("385991903327", message_id))
    pushed()

    for _ in range(2):
        rows = api.get("/sms/3/logs?messageId=order-1,order-3").json()["results"]
        assert [row["messageId"] for row in rows] == ["order-3", "order-1"]
        assert rows[0]["status"]["name"] == "DELIVERED_TO_HANDSET"


def test_reports_are_pulled_once(api, pushed):
    api.post(MESSAGES, json=one())
    pushed()

    first, second = (api.get("/sms/3/reports").json()["results"] for _ in range(2))

    assert [row["messageId"] for row in first] == ["order-1"]
    assert second == []


@pytest.mark.parametrize(
    ("text", "language", "parts", "left"),
    [
        ("a" * 160, "NONE", 1, 0),
        ("a" * 161, "NONE", 2, 145),
        ("€" * 80, "NONE", 1, 0),
        ("a" * 152 + "€" * 5, "NONE", 2, 143),
        ("č" * 70, "NONE", 1, 0),
        ("č" * 66 + "😀" * 5, "NONE", 2, 57),
        ("ş" * 10, "NONE", 1, 60),
    ],
)
def test_preview_counts_parts(api, text, language, parts, left):
    answer = api.post("/sms/1/preview", json={"text": text, "languageCode": language})

    first = answer.json()["previews"][0]
    assert (first["messageCount"], first["charactersRemaining"]) == (parts, left)


def test_preview_shows_the_national_variant_second(api):
    answer = api.post("/sms/1/preview", json={"text": "ş" * 10, "languageCode": "TR"})

    assert [row["messageCount"] for row in answer.json()["previews"]] == [1, 1]
    assert answer.json()["previews"][1]["charactersRemaining"] == 135
