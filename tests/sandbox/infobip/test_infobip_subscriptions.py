"""The Subscriptions API of the sandbox: what is kept, what is refused, whom an event is told."""

import hashlib
import hmac

import pytest

SENDER = "385951006720"
CUSTOMER = "385991903327"
WHATSAPP = "/subscriptions/1/subscription/WHATSAPP"
URL = "http://app.test/subscribed/"
HMAC = {"type": "HMAC", "credentials": {"secretKey": "tajna", "algorithm": "HMAC_SHA_256"}}
BASIC = {"type": "BASIC", "credentials": {"username": "ana", "password": "sezam"}}


def subscription(security=None, **changes):
    profile = {"profileId": "p1", "webhook": {"notifyUrl": URL}, "headers": {"X-Desk": "v1"}}
    if security:
        profile["security"] = {"authId": "a1"} | security
    body = {"subscriptionId": "s1", "events": ["INBOUND_MESSAGE", "DELIVERY"], "profile": profile}
    return body | changes


def hear(api, **changes):
    message = {"channel": "whatsapp", "from": CUSTOMER, "text": "Halo"}
    return api.post("/_sandbox/inbound", json=message | changes)


def test_subscription_is_created_with_its_profile_and_security(api):
    answer = api.post(WHATSAPP, json=subscription(HMAC))

    assert (answer.status_code, answer.headers["Location"]) == (201, f"{WHATSAPP}/s1")
    ids = {"profileId": "p1", "security": {"authId": "a1"}}
    assert answer.json() == {"subscriptionId": "s1", "profile": ids}


def test_secrets_are_not_read_back(api):
    api.post(WHATSAPP, json=subscription(HMAC))

    assert api.get("/subscriptions/1/security/a1").json() == {"authId": "a1", "type": "HMAC"}
    (row,) = api.get("/subscriptions/1/profiles").json()["results"]
    assert row["webhook"] == {"notifyUrl": URL}


def test_listing_is_paged_and_by_resource(api):
    api.post(WHATSAPP, json=subscription(resources=[SENDER]))

    answer = api.get(WHATSAPP, params={"resource": SENDER, "size": 1}).json()

    assert [row["subscriptionId"] for row in answer["results"]] == ["s1"]
    assert answer["paging"] == {"page": 0, "size": 1, "totalPages": 1, "totalResults": 1}
    assert api.get(WHATSAPP, params={"resource": "1"}).json()["results"] == []


def test_same_id_again_is_a_conflict(api):
    api.post(WHATSAPP, json=subscription())

    assert api.post(WHATSAPP, json=subscription()).status_code == 409


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"events": ["CALL"]}, "events"),
        ({"profile": {}}, "profile.webhook"),
        ({"profile": {"profileId": "nowhere"}}, "profile.profileId"),
        ({"subscriptionId": "a/b"}, "subscriptionId"),
        ({"profile": {"webhook": {"notifyUrl": "hook"}}}, "profile.webhook.notifyUrl"),
        ({"profile": {"webhook": {"notifyUrl": URL}, "windowSize": 1}}, "profile.windowSize"),
    ],
)
def test_impossible_subscription_is_refused_and_leaves_nothing(api, changes, field):
    answer = api.post(WHATSAPP, json=subscription() | changes)

    assert field in answer.json()["requestError"]["serviceException"]["validationErrors"]
    assert api.get("/subscriptions/1/profiles").json()["results"] == []


def test_key_without_the_scope_is_403(api):
    api.post("/_sandbox/keys", json={"site": "demo", "key": "narrow", "scopes": ["message:send"]})

    answer = api.get(WHATSAPP, headers={"Authorization": "App narrow"})

    assert answer.status_code == 403


def test_what_is_in_use_cannot_be_deleted(api):
    api.post(WHATSAPP, json=subscription(BASIC))
    paths = ["/subscriptions/1/security/a1", "/subscriptions/1/profiles/p1", f"{WHATSAPP}/s1"]

    assert [api.delete(path).status_code for path in paths] == [409, 409, 200]
    assert [api.delete(path).status_code for path in reversed(paths)] == [404, 200, 200]


def test_replaced_subscription_has_other_events(api, product):
    api.post(WHATSAPP, json=subscription())

    answer = api.put(f"{WHATSAPP}/s1", json={"events": ["SEEN"], "profile": {"profileId": "p1"}})
    hear(api)

    assert answer.status_code == 200
    assert product.requests == []


def test_push_is_signed_over_its_raw_body(api, product):
    api.post(WHATSAPP, json=subscription(HMAC))

    hear(api)

    (request,) = product.requests
    digest = hmac.new(b"tajna", request.content, hashlib.sha256).hexdigest()
    assert str(request.url) == URL
    assert request.headers["X-Hub-Signature"] == f"SHA256={digest}"
    assert request.headers["X-Desk"] == "v1"


def test_push_carries_the_password(api, product):
    api.post(WHATSAPP, json=subscription(BASIC))

    hear(api)

    assert product.requests[0].headers["Authorization"] == "Basic YW5hOnNlemFt"


def test_other_resource_goes_to_the_address_set_by_hand(api, product):
    api.post(WHATSAPP, json=subscription(resources=["385951009999"]))

    hear(api)

    assert str(product.requests[0].url) == "http://app.test/hooks/demo/"


def test_sms_may_be_subscribed_in_the_format_of_the_messages_api(api, product, pushed):
    events = [{"event": "INBOUND_MESSAGE", "format": "MO_MESSAGES_API_JSON"}]
    api.post("/subscriptions/1/subscription/SMS", json=subscription(events=events))

    hear(api, channel="sms")

    assert pushed()[0]["event"] == "MO"


def test_url_of_the_message_is_told_without_a_signature(api, product, pushed):
    api.post(WHATSAPP, json=subscription(HMAC))
    hear(api)
    message = {"from": SENDER, "to": CUSTOMER, "content": {"text": "Evo"}}

    api.post("/whatsapp/1/message/text", json=message | {"notifyUrl": "http://app.test/own/"})

    pushed()
    assert str(product.requests[-1].url) == "http://app.test/own/"
    assert "X-Hub-Signature" not in product.requests[-1].headers
