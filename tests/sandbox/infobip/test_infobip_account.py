"""The sandbox's account: numbers, quality, blocklist, scopes and what can be pulled."""

import pytest

SENDER = "385951006720"
CUSTOMER = "385991903327"
BLOCKLIST = "/platform/1/blocklists"


def sms(api, to=CUSTOMER, message_id="order-1", **changes):
    destination = {"to": to, "messageId": message_id}
    message = {"destinations": [destination], "content": {"text": "Evo"}} | changes
    return api.post("/sms/3/messages", json={"messages": [message]})


def hear(api, **changes):
    message = {"channel": "sms", "from": CUSTOMER, "text": "Halo"}
    return api.post("/_sandbox/inbound", json=message | changes)


def status_of(answer):
    return answer.json()["messages"][0]["status"]["name"]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/account/1/balance", "account-management:manage"),
        ("GET", "/numbers/1/numbers", "numbers:manage"),
        ("GET", BLOCKLIST, "blocklist:manage"),
        ("GET", "/whatsapp/1/templates", "whatsapp:manage"),
        ("GET", f"/whatsapp/1/senders/quality?senders={SENDER}", "whatsapp:manage"),
        ("GET", "/sms/3/logs", "sms:logs:read"),
        ("GET", "/sms/1/inbox/reports", "inbound-message:read"),
        ("GET", "/subscriptions/1/profiles", "subscriptions:manage"),
    ],
)
def test_key_may_what_its_scopes_say(api, method, path, scope):
    for key, scopes in (("narrow", ["nothing:read"]), ("fitting", [scope])):
        api.post("/_sandbox/keys", json={"key": key, "scopes": scopes})

    statuses = [
        api.request(method, path, headers={"Authorization": f"App {key}"}).status_code
        for key in ("nobody", "narrow", "fitting")
    ]

    assert statuses == [401, 403, 200]


def test_key_is_taken_away(api):
    api.post("/_sandbox/keys", json={"key": "second", "scopes": ["numbers:manage"]})
    api.post("/_sandbox/keys", json={"key": "second", "scopes": None})

    answer = api.get("/numbers/1/numbers", headers={"Authorization": "App second"})

    assert answer.status_code == 401


def test_number_for_both_channels_is_listed_once(api):
    account = {"site": "demo", "api_key": "key-of-demo", "webhook_url": "http://app.test/h/"}
    more = {"sms": ["385951006720", "385951006721"]}
    api.post(
        "/_sandbox/accounts",
        json=account | {"senders": {"whatsapp": SENDER}, "more_senders": more},
    )

    rows = api.get("/numbers/1/numbers").json()["numbers"]

    capabilities = {row["number"]: row["capabilities"] for row in rows}
    assert capabilities == {SENDER: ["WHATSAPP", "SMS"], "385951006721": ["SMS"]}


def test_third_question_for_numbers_at_once_is_429(api):
    statuses = [api.get("/numbers/1/numbers").status_code for _ in range(3)]

    assert statuses == [200, 200, 429]


def test_limits_can_be_lifted(api):
    api.post("/_sandbox/limits", json={"enforced": False})

    assert {api.get("/numbers/1/numbers").status_code for _ in range(9)} == {200}


def test_quality_is_told_of_own_senders_only(api):
    api.post(f"/_sandbox/senders/{SENDER}/quality", json={"qualityRating": "LOW"})

    answer = api.get(f"/whatsapp/1/senders/quality?senders={SENDER},385951009999").json()

    (row,) = answer["results"]
    assert (row["sender"], row["qualityRating"], row["status"]) == (SENDER, "LOW", "CONNECTED")


def test_business_info_is_of_own_senders(api):
    path = "/whatsapp/1/senders/{}/business-info"

    assert api.get(path.format(SENDER)).json()["displayName"] == "Demo"
    assert api.get(path.format("385951009999")).status_code == 404


@pytest.mark.parametrize("channel", ["SMS", None])
def test_blocked_number_is_rejected_in_the_answer(api, channel):
    entry = {"destinations": [{"to": CUSTOMER}]} | ({"channel": channel} if channel else {})

    answer = api.post(BLOCKLIST, json={"blocklist": [entry]})

    assert answer.status_code == 202
    assert status_of(sms(api)) == "REJECTED_DESTINATION_BLOCKLISTED"
    assert status_of(sms(api, "385991900001", "order-2")) == "PENDING_ACCEPTED"


def test_unblocked_number_is_written_to_again(api, pushed):
    body = {"blocklist": [{"destinations": [{"to": CUSTOMER}], "channel": "SMS"}]}
    api.post(BLOCKLIST, json=body)
    api.delete("/_sandbox/limits")
    api.request("DELETE", BLOCKLIST, json=body)
    api.delete("/_sandbox/limits")

    assert api.get(BLOCKLIST).json()["results"] == []
    assert [row["event"] for row in pushed()] == ["BLOCK", "UNBLOCK"]
    assert status_of(sms(api)) == "PENDING_ACCEPTED"


@pytest.mark.parametrize(
    ("named", "left"),
    [
        ({"sender": SENDER, "channel": "SMS"}, 0),
        ({"sender": SENDER, "channel": "SMS", "sourceType": "CUSTOM"}, 0),
        ({"sender": SENDER, "channel": "SMS", "sourceType": "MO"}, 1),
        ({"sender": SENDER}, 1),
        ({"channel": "SMS"}, 1),
        ({}, 1),
    ],
)
def test_block_is_lifted_by_all_of_its_properties(api, named, left):
    to = {"destinations": [{"to": CUSTOMER}]}
    api.post(BLOCKLIST, json={"blocklist": [to | {"sender": SENDER, "channel": "SMS"}]})
    api.delete("/_sandbox/limits")

    answer = api.request("DELETE", BLOCKLIST, json={"blocklist": [to | named]})

    api.delete("/_sandbox/limits")
    assert answer.status_code == 202
    assert len(api.get(BLOCKLIST).json()["results"]) == left


def test_stop_blocks_where_the_account_has_it(api, pushed):
    hear(api, text="Stop")
    api.post("/_sandbox/options", json={"stop_blocks": True})
    hear(api, text="stop ")

    blocks = [row for row in pushed() if row.get("event") == "BLOCK"]
    assert [row["content"]["sourceType"] for row in blocks] == ["MO"]
    assert status_of(sms(api)) == "REJECTED_DESTINATION_BLOCKLISTED"


def test_start_lifts_the_block(api):
    api.post("/_sandbox/options", json={"stop_blocks": True})
    hear(api, text="STOP")
    hear(api, text="START")

    assert status_of(sms(api)) == "PENDING_ACCEPTED"


def test_report_is_pulled_once(api, pushed):
    sms(api)
    pushed()

    first, second = (api.get("/sms/3/reports").json()["results"] for _ in range(2))

    assert [row["messageId"] for row in first] == ["order-1"]
    assert second == []


def test_inbox_is_pulled_once(api):
    hear(api, message_id="817")

    first, second = (api.get("/sms/1/inbox/reports").json() for _ in range(2))

    assert [(row["messageId"], row["text"]) for row in first["results"]] == [("817", "Halo")]
    assert second == {"results": [], "messageCount": 0, "pendingMessageCount": 0}


def test_lost_webhook_is_found_in_the_inbox(api, product):
    api.post("/_sandbox/faults", json={"route": "inbound", "kind": "lost"})

    answer = hear(api, message_id="817")

    assert (answer.json()["status"], product.requests) == (0, [])
    assert api.get("/sms/1/inbox/reports").json()["messageCount"] == 1


def test_inbound_of_the_messages_api_is_pulled_once(api):
    hear(api, channel="whatsapp", message_id="wamid.1")

    path = "/messages-api/1/inbound?channel=WHATSAPP"
    first, second = (api.get(path).json()["results"] for _ in range(2))

    assert [(row["messageId"], row["content"][0]["text"]) for row in first] == [("wamid.1", "Halo")]
    assert second == []


def test_logs_are_repeatable_and_go_on_with_a_cursor(api):
    for number in range(3):
        sms(api, message_id=f"order-{number}")
    query = {"limit": 2, "useCursor": "true"}

    first = api.get("/sms/3/logs", params=query).json()
    second = api.get("/sms/3/logs", params=query | {"cursor": first["cursor"]["nextCursor"]}).json()

    ids = [[row["messageId"] for row in page["results"]] for page in (first, second)]
    assert ids == [["order-2", "order-1"], ["order-0"]]
    assert second["cursor"]["nextCursor"] is None


def test_report_on_the_way_comes_first(api, pushed):
    url = "http://app.test/own/"
    sms(api, webhooks={"delivery": {"url": url, "intermediateReport": True}})

    names = [row["status"]["name"] for row in pushed()]
    assert names == ["PENDING_ACCEPTED", "DELIVERED_TO_HANDSET"]


def test_nothing_is_reported_to_who_wants_nothing(api, pushed):
    sms(api, webhooks={"delivery": {"notify": False}})

    assert pushed() == []


def test_older_api_has_its_own_words(api, pushed):
    destination = {"to": CUSTOMER, "messageId": "old-1"}
    message = {"from": "InfoSMS", "destinations": [destination], "text": "Evo"}

    (row,) = api.post("/sms/2/text/advanced", json={"messages": [message]}).json()["messages"]

    (report,) = pushed()
    assert (row["to"], row["smsCount"]) == (CUSTOMER, 1)
    assert (report["from"], report["smsCount"]) == ("InfoSMS", 1)
    assert report["error"]["groupName"] == "Ok"


def test_older_api_refuses_in_the_service_envelope(api):
    answer = api.post("/sms/2/text/advanced", json={"messages": [{"text": ""}]})

    errors = answer.json()["requestError"]["serviceException"]["validationErrors"]
    assert set(errors) == {"messages[0].text", "messages[0].destinations"}


def both(channel, **body):
    body = {"type": "TEXT", "text": "Evo"} | body
    sender = {"SMS": "385951006719", "WHATSAPP": SENDER}[channel]
    destination = {"to": CUSTOMER, "messageId": "m-1"}
    return {
        "channel": channel,
        "sender": sender,
        "destinations": [destination],
        "content": {"body": body},
    }


@pytest.mark.parametrize("channel", ["SMS", "WHATSAPP"])
def test_messages_api_sends_on_both_channels(api, pushed, channel):
    hear(api, channel=channel)

    answer = api.post("/messages-api/1/messages", json={"messages": [both(channel)]}).json()

    report = pushed()[-1]
    assert answer["messages"][0]["status"]["name"] == "MESSAGE_ACCEPTED"
    assert (report["event"], report["channel"], report["destination"]) == (
        "DELIVERY",
        channel,
        CUSTOMER,
    )


def test_messages_api_checks_without_sending(api, sends):
    path = "/messages-api/1/messages/validate"

    good = api.post(path, json={"messages": [both("SMS") | {"colour": "red"}]})
    bad = api.post(path, json={"messages": [both("SMS", type="IMAGE", url="x")]})

    assert good.json()["skippableViolations"][0]["property"] == "messages[0].colour"
    assert (bad.status_code, "errorCode" in bad.json()) == (400, False)
    assert sends() == []
