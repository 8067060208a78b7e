"""What the sandbox's Infobip tells afterwards, to whom, and how stubbornly."""

import httpx
import pytest
from starlette.testclient import TestClient

from sandbox.infobip.app import create_app
from sandbox.store import Store

CUSTOMER = "385991903327"


def send_sms(api, to=CUSTOMER, message_id="order-1", **webhooks):
    message = {
        "sender": "385951006719",
        "destinations": [{"to": to, "messageId": message_id}],
        "content": {"text": "Stižemo"},
        "webhooks": webhooks,
    }
    return api.post("/sms/3/messages", json={"messages": [message]})


def send_whatsapp(api, to=CUSTOMER, **changes):
    message = {"from": "385951006720", "to": to, "messageId": "chat-1", "content": {"text": "Evo"}}
    return api.post("/whatsapp/1/message/text", json=message | changes)


def hear(api, customer=CUSTOMER):
    api.post("/_sandbox/inbound", json={"channel": "WhatsApp", "from": customer, "text": "Halo"})


def test_delivery_is_reported_to_the_site(api, pushed, product):
    send_sms(api)

    (report,) = pushed()
    assert str(product.requests[0].url) == "http://app.test/hooks/demo/"
    assert (report["messageId"], report["to"], report["sender"]) == (
        "order-1",
        CUSTOMER,
        "385951006719",
    )
    assert report["status"]["name"] == "DELIVERED_TO_HANDSET"


def test_times_have_an_offset_without_colon(api, pushed):
    send_sms(api)

    assert pushed()[0]["doneAt"].endswith("+0000")


def test_url_of_the_message_comes_first(api, pushed, product):
    send_sms(api, delivery={"url": "http://app.test/own/"}, callbackData="thread 7")

    (report,) = pushed()
    assert str(product.requests[0].url) == "http://app.test/own/"
    assert report["callbackData"] == "thread 7"


@pytest.mark.parametrize(
    ("ending", "status_id", "error_id"),
    [("89", 5, 0), ("91", 9, 27), ("92", 15, 4098), ("97", 20, 4103), ("95", 5, 0)],
)
def test_ending_of_the_number_decides_the_sms(api, pushed, ending, status_id, error_id):
    send_sms(api, to=f"3859919033{ending}")

    (report,) = pushed()
    assert (report["status"]["id"], report["error"]["id"]) == (status_id, error_id)


def test_number_ending_in_96_is_never_reported(api, pushed, sends):
    send_sms(api, to="385991903396")

    assert pushed() == []
    assert sends()[0]["state"] == "pending"


def test_unknown_whatsapp_user_is_reported(api, pushed):
    send_whatsapp(api, to="385991903395")

    assert pushed()[0]["error"]["name"] == "EC_UNKNOWN_USER"


def test_seen_is_pushed_once(api, pushed):
    hear(api)
    send_whatsapp(api)
    pushed()

    for _ in range(2):
        api.post("/_sandbox/read", json={"to": CUSTOMER, "channel": "whatsapp"})

    (seen,) = [row for row in pushed() if "seenAt" in row]
    assert (seen["messageId"], seen["from"], seen["to"]) == ("chat-1", "385951006720", CUSTOMER)


def test_undelivered_message_cannot_be_seen(api, pushed):
    send_whatsapp(api)
    pushed()

    answer = api.post("/_sandbox/read", json={"to": CUSTOMER, "channel": "whatsapp"})

    assert answer.json() == {"seen": []}


@pytest.mark.parametrize("first", [0, 500, 503, 202])
def test_report_is_pushed_again_until_the_answer_is_200(api, pushed, product, first):
    product.statuses = [first, first]

    send_sms(api)

    assert [row["messageId"] for row in pushed()] == ["order-1"] * 3


def test_report_is_given_up_after_eight_tries(api, pushed, product):
    product.statuses = [500] * 20

    send_sms(api)

    assert len(pushed()) == 8


def test_duplicate_webhook_is_pushed_twice(api, pushed):
    api.post("/_sandbox/faults", json={"kind": "duplicate_webhook", "route": "report"})

    send_sms(api)

    assert [row["messageId"] for row in pushed()] == ["order-1", "order-1"]


def test_batched_reports_come_in_one_body(api, pushed, product):
    api.post("/_sandbox/faults", json={"kind": "batch", "route": "report", "times": 3})

    for number in range(3):
        send_sms(api, message_id=f"order-{number}")

    assert [row["messageId"] for row in pushed()] == ["order-0", "order-1", "order-2"]
    assert len(product.requests) == 1


def test_reordered_webhooks_come_in_reverse(api, pushed):
    api.post("/_sandbox/faults", json={"kind": "reorder", "route": "inbound", "times": 5})

    answers = [
        api.post("/_sandbox/inbound", json={"channel": "sms", "from": CUSTOMER, "text": str(n)})
        for n in range(5)
    ]

    assert [row["text"] for row in pushed()] == ["4", "3", "2", "1", "0"]
    assert answers[0].json()["held"] is True


def test_report_owed_by_a_killed_process_is_pushed_by_the_next(api, app, config, product):
    infobip = app.state.infobip
    send_sms(api, to="385991903396")
    owed = infobip.ledger.sent()[0]
    owed.final = "DELIVERED_TO_HANDSET"
    infobip.ledger.save(owed)
    client = httpx.AsyncClient(transport=httpx.MockTransport(product))
    successor = create_app(config, Store(config.state_dir / "sandbox.sqlite3"), client)

    with TestClient(successor) as second:
        second.portal.call(successor.state.infobip.webhooks.settled)

    assert [row["messageId"] for row in product.results()] == ["order-1"]
