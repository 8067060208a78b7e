"""Steering the sandbox's Infobip: accounts, what customers write, faults."""

import pytest
from starlette.testclient import TestClient

from sandbox.infobip.app import create_app
from sandbox.store import Store

CUSTOMER = "385991903327"


def write(api, **wanted):
    message = {"channel": "sms", "from": CUSTOMER, "text": "Pozdrav"}
    return api.post("/_sandbox/inbound", json=message | wanted)


def test_account_of_a_site_is_replaced(api):
    account = {"site": "demo", "api_key": "new", "webhook_url": "http://app.test/b/", "senders": {}}

    api.post("/_sandbox/accounts", json=account)

    (kept,) = api.get("/_sandbox/accounts").json()["accounts"]
    assert kept | account == kept
    assert api.get("/account/1/balance").status_code == 401


def test_account_without_a_webhook_is_refused(api):
    answer = api.post("/_sandbox/accounts", json={"site": "demo", "api_key": "k"})

    assert answer.status_code == 400


def test_accounts_and_messages_outlive_the_process(api, config, sends):
    message = {"destinations": [{"to": CUSTOMER}], "content": {"text": "Evo"}}
    api.post("/sms/3/messages", json={"messages": [message]})

    successor = create_app(config, Store(config.state_dir / "sandbox.sqlite3"))

    with TestClient(successor) as second:
        assert second.get("/_sandbox/messages").json()["messages"][0]["text"] == "Evo"
        assert second.get("/_sandbox/accounts").json() == api.get("/_sandbox/accounts").json()


def test_sends_are_listed_by_number_and_channel(api, sends):
    message = {"destinations": [{"to": CUSTOMER}], "content": {"text": "Evo"}}
    api.post("/sms/3/messages", json={"messages": [message]})

    assert [row["path"] for row in sends(to=CUSTOMER, channel="SMS")] == ["/sms/3/messages"]
    assert sends(to=CUSTOMER, channel="whatsapp") == []
    assert sends(to="385991900000") == []


def test_sms_is_pushed_in_its_default_format(api, pushed):
    answer = write(api, message_id="817", received_at="2026-03-02T08:30:00.000+0100")

    (row,) = pushed()
    assert answer.json() == {"status": 200, "message_id": "817", "site": "demo"}
    assert (row["from"], row["to"], row["text"]) == (CUSTOMER, "385951006719", "Pozdrav")
    assert row["receivedAt"] == "2026-03-02T08:30:00.000+0100"


def test_whatsapp_is_pushed_in_its_default_format(api, pushed):
    write(api, channel="WHATSAPP", name="Iva")

    (row,) = pushed()
    assert row["message"] == {"type": "TEXT", "text": "Pozdrav"}
    assert row["integrationType"] == "WHATSAPP"
    assert (row["contact"]["name"], row["contact"]["phoneNumber"]) == ("Iva", CUSTOMER)


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_messages_api_format_on_request(api, pushed, channel):
    write(api, channel=channel, format="messages_api")

    (row,) = pushed()
    assert (row["event"], row["channel"], row["sender"]) == ("MO", channel.upper(), CUSTOMER)
    assert row["content"][0]["text"] == "Pozdrav"


def test_callback_of_the_last_send_comes_back_with_the_reply(api, pushed):
    message = {"destinations": [{"to": CUSTOMER}], "content": {"text": "Evo"}}
    message["webhooks"] = {"callbackData": "thread 7"}
    api.post("/sms/3/messages", json={"messages": [message]})

    write(api)

    (reply,) = [row for row in pushed() if "text" in row]
    assert reply["callbackData"] == "thread 7"


@pytest.mark.parametrize(
    ("payload", "sent"), [({"a": [1]}, b'{"a": [1]}'), ("no json", b"no json")]
)
def test_raw_payload_is_pushed_as_it_is(api, product, payload, sent):
    answer = api.post("/_sandbox/inbound", json={"payload": payload})

    assert answer.json()["status"] == 200
    assert product.requests[0].content == sent


@pytest.mark.parametrize("status", [0, 404, 503])
def test_first_status_of_the_webhook_is_told(api, product, pushed, status):
    product.statuses = [status]

    assert write(api).json()["status"] == status
    assert len(pushed()) == 2


def test_message_to_a_second_site_goes_to_its_webhook(api, product):
    second = {
        "site": "second",
        "api_key": "k2",
        "webhook_url": "http://app.test/hooks/second/",
        "senders": {"sms": "385951007700"},
    }
    api.post("/_sandbox/accounts", json=second)

    write(api, to="+385951007700")

    assert str(product.requests[0].url) == "http://app.test/hooks/second/"


@pytest.mark.parametrize("wanted", [{"channel": "pigeon"}, {"text": None}, {"site": "nowhere"}])
def test_impossible_wish_is_refused(api, product, wanted):
    assert write(api, **wanted).status_code == 400
    assert product.requests == []


@pytest.mark.parametrize(
    ("path", "error"),
    [("/sms/3/messages", "errorCode"), ("/whatsapp/1/message/text", "requestError")],
)
def test_played_429_is_in_the_envelope_of_the_route(api, path, error):
    api.post("/_sandbox/faults", json={"route": path, "kind": "429", "retry_after": 3})

    answer = api.post(path, json={})

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
    assert error in answer.json()


def test_unknown_route_is_404_in_the_service_envelope(api):
    answer = api.get("/sms/9/nothing")

    assert answer.status_code == 404
    assert answer.json()["requestError"]["serviceException"]["messageId"] == "NOT_FOUND"


def test_numbers_are_the_senders_of_the_account(api):
    answer = api.get("/numbers/1/numbers?limit=1&page=1").json()

    assert [row["number"] for row in answer["numbers"]] == ["385951006720"]
    assert answer["numberCount"] == 2


def test_balance_proves_the_key(api):
    assert api.get("/account/1/balance").json()["currency"] == "EUR"
