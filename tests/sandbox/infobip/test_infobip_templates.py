"""Message templates in the sandbox: their API, their review, and sending them."""

import pytest

SENDER = "385951006720"
CUSTOMER = "385991903327"
PATH = f"/whatsapp/2/senders/{SENDER}/templates"
SEND = "/whatsapp/1/message/template"


def draft(**changes):
    body = {"text": "Pozdrav {{1}}, evo novosti.", "examples": ["Ana"]}
    template = {"name": "novosti", "language": "hr", "category": "UTILITY"}
    return template | {"structure": {"body": body}} | changes


def templates(api):
    return {(row["name"], row["language"]): row for row in api.get(PATH).json()["templates"]}


def send(api, name="request_update", values=("Iva", "DESK-1"), **changes):
    data = {"body": {"placeholders": list(values)}, **changes.pop("data", {})}
    content = {"templateName": name, "language": "en", "templateData": data}
    message = {"from": SENDER, "to": CUSTOMER, "messageId": "chat-1", "content": content}
    return api.post(SEND, json={"messages": [message | changes]})


def errors(answer):
    assert answer.status_code == 400
    return answer.json()["requestError"]["serviceException"]["validationErrors"]


def test_account_has_templates_of_each_kind(api):
    seeded = templates(api)

    assert seeded["request_update", "hr"]["structure"]["footer"] == {"text": "Služba za korisnike"}
    assert seeded["old_reminder", "en"]["status"] == "FIRST_PAUSED"
    assert seeded["win_a_phone", "en"]["status"] == "REJECTED"
    assert seeded["three_offers", "en"]["structure"]["type"] == "UNSUPPORTED"
    assert seeded["we_have_waited", "en"]["structure"]["body"]["examples"] == []


def test_list_of_the_account_is_paged_and_filtered(api):
    query = {"status": "APPROVED", "category": "UTILITY", "size": 2, "page": 1}

    answer = api.get("/whatsapp/1/templates", params=query).json()

    assert len(answer["results"]) == 2
    assert answer["paging"] == {"page": 1, "size": 2, "totalPages": 4, "totalResults": 7}


def test_list_of_the_account_refuses_in_the_api_error_envelope(api):
    answer = api.get("/whatsapp/1/templates?size=500")

    assert answer.json()["violations"][0]["property"] == "size"


def test_deprecated_list_has_plain_texts(api):
    rows = api.get(f"/whatsapp/1/senders/{SENDER}/templates").json()["templates"]

    assert rows[0]["structure"]["footer"] == "Service desk"


def test_new_template_is_pending_until_it_is_approved(api, events):
    answer = api.post(PATH, json=draft())

    assert (answer.status_code, answer.json()["status"]) == (201, "PENDING")
    event = events()[0]
    assert event["messageTemplateName"] == "novosti"
    assert event["change"] == {
        "type": "TEMPLATE_STATUS_UPDATE",
        "newStatus": "APPROVED",
        "reason": "NONE",
    }
    assert templates(api)["novosti", "hr"]["status"] == "APPROVED"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": "novosti_reject"}, "ABUSIVE_CONTENT"),
        ({"structure": {"body": {"text": "{{1}} hej", "examples": ["A"]}}}, "INVALID_FORMAT"),
    ],
)
def test_some_templates_are_rejected(api, events, changes, reason):
    api.post(PATH, json=draft(**changes))

    change = events()[0]["change"]
    assert (change["newStatus"], change["reason"]) == ("REJECTED", reason)


def test_template_on_hold_is_reviewed_by_hand(api, events):
    template = api.post(PATH, json=draft(name="novosti_hold")).json()

    answer = api.post(
        f"/_sandbox/templates/{template['id']}/review",
        json={"status": "REJECTED", "reason": "SCAM"},
    )

    assert answer.json()["status"] == "REJECTED"
    assert events()[0]["change"]["reason"] == "SCAM"


def test_quality_and_category_change_on_their_own(api, events):
    known = templates(api)["spring_check", "en"]

    api.post(f"/_sandbox/templates/{known['id']}", json={"quality": "LOW", "category": "UTILITY"})

    told = {event["change"]["type"]: event["change"] for event in events()}
    assert told["TEMPLATE_QUALITY_UPDATE"]["previousQualityScore"] == "MEDIUM"
    assert told["TEMPLATE_CATEGORY_UPDATE"]["newCategory"] == "UTILITY"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "Novosti!"}, "name"),
        ({"name": "request_update", "language": "en"}, "name"),
        ({"language": "xx"}, "language"),
        ({"category": "NEWS"}, "category"),
        ({"structure": {"body": {"text": "{{2}} a", "examples": ["x"]}}}, "structure.body.text"),
        ({"structure": {"body": {"text": "Hej {{1}}."}}}, "structure.body.examples"),
        (
            {"structure": {"body": {"text": "a"}, "footer": {"text": "f" * 61}}},
            "structure.footer.text",
        ),
        (
            {"structure": {"body": {"text": "a"}, "header": {"format": "IMAGE"}}},
            "structure.header.example",
        ),
        (
            {"structure": {"body": {"text": "a"}, "buttons": [{"type": "QUICK_REPLY"}]}},
            "structure.buttons[0].text",
        ),
        (
            {
                "structure": {
                    "body": {"text": "a"},
                    "buttons": [{"type": "PHONE_NUMBER", "text": "a", "phoneNumber": "1"}] * 2,
                }
            },
            "structure.buttons",
        ),
    ],
)
def test_rules_of_a_new_template(api, changes, field):
    before = templates(api)

    assert field in errors(api.post(PATH, json=draft(**changes)))
    assert templates(api) == before


def test_edited_template_is_reviewed_again(api):
    known = templates(api)["request_update", "en"]

    answer = api.patch(f"{PATH}/{known['id']}", json={"structure": draft()["structure"]})

    assert answer.json()["status"] == "PENDING"
    assert answer.json()["structure"]["type"] == "TEXT"


def test_approved_template_is_edited_once_a_day(api, events):
    path = f"{PATH}/{templates(api)['request_update', 'en']['id']}"
    change = {"structure": draft()["structure"]}
    api.patch(path, json=change)
    events()

    assert api.patch(path, json=change).status_code == 400
    assert "category" in errors(api.patch(path, json={"category": "MARKETING"}))


def test_deleting_takes_all_languages_and_blocks_the_name(api):
    answer = api.delete(f"{PATH}/request_update")

    assert answer.status_code == 204
    assert not any(name == "request_update" for name, _ in templates(api))
    assert "name" in errors(api.post(PATH, json=draft(name="request_update")))
    assert api.delete(f"{PATH}/request_update").status_code == 404


def test_template_needs_no_session(api, pushed, sends):
    answer = send(api)

    assert answer.json()["messages"][0]["status"]["name"] == "PENDING_ENROUTE"
    assert pushed()[-1]["status"]["name"] == "DELIVERED_TO_HANDSET"
    assert sends()[0]["text"].startswith("Hello Iva, there is news about your request DESK-1.")


LINK = {"header": {"type": "TEXT", "placeholder": "Iva"}, "buttons": [{"type": "URL"}]}


@pytest.mark.parametrize(
    ("name", "values", "data", "error"),
    [
        ("nobody_knows", [], {}, 7009),
        ("old_reminder", ["A"], {}, 7009),
        ("request_update", ["A"], {}, 7008),
        ("request_update", ["A", "B", "C"], {}, 7008),
        ("photo_of_the_part", ["A"], {}, 7008),
        ("track_request", ["A"], {"header": LINK["header"]}, 7008),
        ("track_request", ["A"], LINK, 0),
        ("is_it_solved", ["A"], {}, 0),
        ("is_it_solved", ["A"], {"buttons": [{"type": "URL", "parameter": "x"}]}, 7008),
    ],
)
def test_values_have_to_fit_what_was_approved(api, pushed, name, values, data, error):
    send(api, name, values, data=data)

    assert pushed()[-1]["error"]["id"] == error


@pytest.mark.parametrize(
    ("value", "violation"),
    [
        ("", "must not be blank"),
        ("a\nb", "cannot have new-line/tab characters or more than 4 consecutive spaces"),
    ],
)
def test_value_stands_in_one_line(api, value, violation):
    field = "messages[0].content.templateData.body.placeholders[0]"

    assert violation in errors(send(api, values=[value, "B"]))[field]


def test_body_is_needed_even_without_placeholders(api):
    content = {"templateName": "x", "language": "en", "templateData": {"body": {}}}
    message = {"from": SENDER, "to": CUSTOMER, "content": content}

    answer = api.post(SEND, json={"messages": [message]})

    assert list(errors(answer)) == ["messages[0].content.templateData.body.placeholders"]


def test_who_stopped_marketing_gets_none(api, events, product):
    api.post("/_sandbox/marketing", json={"customer": CUSTOMER, "says": "stop"})

    send(api, "spring_check", ["boiler"])

    (stopped,) = events()
    (report,) = [body for body in product.bodies() if "results" in body]
    assert stopped["content"]["notificationMessagesStatus"] == "stop"
    assert report["results"][0]["error"]["id"] == 7033


def test_failed_template_goes_as_sms(api, pushed, sends):
    send(api, to="385991903395", smsFailover={"from": "InfoSMS", "text": "Javite nam se"})

    failed, delivered = pushed()
    assert (failed["messageId"], failed["error"]["id"]) == ("chat-1", 7002)
    assert (delivered["messageId"], delivered["channel"]) == ("chat-1", "SMS")
    assert delivered["status"]["name"] == "DELIVERED_TO_HANDSET"
    assert [row["text"] for row in sends(channel="sms")] == ["Javite nam se"]


def test_delivered_template_sends_no_sms(api, pushed, sends):
    send(api, smsFailover={"from": "InfoSMS", "text": "Javite nam se"})

    assert len(pushed()) == 1
    assert sends(channel="sms") == []
