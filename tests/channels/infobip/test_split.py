"""A body cut into items: nothing raises, nothing is lost, nothing is kept twice."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.infobip import webhook
from channels.provider import Event
from conversations.errors import NotUnderstood
from tests.channels.infobip.payloads import SENDERS, body, items

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
FIELDS = [
    *("messageId", "from", "to", "sender", "destination", "text", "message", "content", "contact"),
    *("status", "error", "seenAt", "doneAt", "receivedAt", "event", "channel", "integrationType"),
    *("change", "context", "emoji", "action", "contacts", "response", "productItems", "latitude"),
    *("notificationMessagesStatus", "notificationType", "contentType", "value", "sender"),
    *("type", "url", "groupId", "groupName", "id", "name", "userId", "phoneNumber", "permanent"),
]
WORDS = st.sampled_from(
    [
        *("TEXT", "SMS", "WHATSAPP", "SEEN", "MO", "DELIVERED", "REACTION", "42", "IMAGE"),
        *("CONTACT", "ORDER", "LOCATION", "BUTTON", "BLOCK", "stop", "user_identity_changed"),
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | WORDS
ITEMS = st.dictionaries(
    st.sampled_from(FIELDS),
    st.recursive(
        SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(FIELDS), inner)
    ),
)


def keys(*results):
    return [item.dedupe_key for item in webhook.split(json.dumps({"results": results}).encode())]


def report(**changes):
    return {**items("report_v3")[0], **changes}


def test_each_result_is_an_item():
    kept = webhook.split(body("two_results"))

    assert [json.loads(item.body)["messageId"] for item in kept] == ["m-1", "m-2"]
    assert [item.refused for item in kept] == ["", ""]


@pytest.mark.parametrize("name", ["single_object", "click", "template_update"])
def test_object_without_results_is_one_item_as_it_came(name):
    (kept,) = webhook.split(body(name))

    assert (kept.body, kept.refused) == (body(name), "")


@pytest.mark.parametrize("empty", [b"[]", b'{"results": []}', b'{"results": null}'])
def test_nothing_in_particular_is_one_item_too(empty):
    (kept,) = webhook.split(empty)

    assert kept.body == empty


def test_body_with_too_much_in_it_is_kept_whole(monkeypatch):
    monkeypatch.setattr(webhook, "MOST_RESULTS", 2)
    body = b'{"results": [1, 2, 3]}'

    (item,) = webhook.split(body)

    assert item.body == body
    assert item.refused == "The body holds more than any of the provider's may."


def test_list_without_envelope_is_cut_too():
    kept = webhook.split(b'[{"messageId": "a", "text": "A"}, 7]')

    assert [item.body for item in kept] == [b'{"messageId": "a", "text": "A"}', b"7"]


def test_same_item_in_another_batch_is_the_same():
    message = items("sms_inbound")[0]

    assert keys(message) == keys({**message, "pendingMessageCount": 81, "price": None})


def test_same_report_with_another_status_is_another():
    sent = {"groupId": 1, "groupName": "PENDING", "id": 7, "name": "PENDING_ENROUTE"}
    results = [report(status=sent), report(), report()]

    first, second, third = keys(*results)

    assert first != second
    assert second == third


def test_same_status_with_another_error_is_another():
    first, second = keys(report(), report(error={"id": 27}))

    assert first != second


def test_seen_is_not_delivered():
    delivered, seen = keys(report(), items("seen_whatsapp")[0])

    assert delivered != seen


def test_message_is_not_a_report_with_its_id():
    message = {**items("sms_inbound")[0], "messageId": report()["messageId"]}

    first, second = keys(message, report())

    assert first != second


def test_reaction_that_changes_is_another_each_time():
    added, removed = items("whatsapp_reaction")[0], items("whatsapp_reaction_removed")[0]
    added, removed = ({**each, "messageId": "wamid.R=="} for each in (added, removed))
    heart = {**added, "message": {**added["message"], "emoji": "❤️"}}
    again = {**added, "receivedAt": "2026-11-20T10:00:00.000+0000"}

    assert len(set(keys(added, removed, heart, again))) == 4
    assert len(set(keys(added, {**added, "price": None}))) == 1


def test_report_of_the_sms_in_its_place_is_another():
    failed = {**items("report_of_fallback")[0], "channel": "WHATSAPP"}

    assert len(set(keys(failed, items("report_of_fallback")[0]))) == 2


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("blocklist_block", {"event": "UNBLOCK"}),
        ("blocklist_block", {"receivedAt": "2026-11-21T09:31:00.000+0000"}),
        ("template_update", {"timestamp": "2026-11-21T09:31:00.000+0000"}),
        ("template_update", {"messageTemplateLanguage": "de"}),
        ("marketing_stop", {"createdAt": "2026-11-21T09:31:00.000+0000"}),
        ("identity_change", {"createdAt": "2026-11-21T09:31:00.000+0000"}),
        ("mms_inbound", {"messageId": "mms-9"}),
    ],
)
def test_events_that_differ_are_two_and_repeats_are_one(name, changes):
    item = items(name)[0]

    first, again, other = keys(item, item, {**item, **changes})

    assert first == again != other


def test_two_unknown_events_of_one_message_are_two():
    click = json.loads(body("click"))

    first, second = keys(click, {**click, "url": "https://shop.example/p/2"})

    assert first != second


@pytest.mark.parametrize("message_id", ["x" * 1_000_000, 10**4000, ["a"], {"a": {}}, True, 1.5])
def test_hostile_id_makes_a_key_of_the_usual_length(message_id):
    (key,) = keys({"messageId": message_id, "text": "Hi"})

    assert len(key) == 64


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"Hello",
        b"\xff\xfe\xfa",
        b'{"results": [{"text": "\xc3\x28"}]}',
        b'{"results": [' + b"9" * 5000 + b"]}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
    ],
)
def test_what_is_not_json_is_refused_and_kept(hostile):
    (kept,) = webhook.split(hostile)

    assert (kept.body, kept.refused) == (hostile, "The body is not JSON.")


@pytest.mark.parametrize("text", ["\x00", "\ud800", "a\x00b\udfff", "👍"])
def test_characters_no_database_holds_stay_as_they_were(text):
    (kept,) = webhook.split(json.dumps({"results": [{"messageId": "1", "text": text}]}).encode())

    assert kept.body.isascii()
    assert json.loads(kept.body)["text"] == text


def test_not_a_number_is_an_item():
    (kept,) = webhook.split(b'{"results": [{"messageId": "1", "text": NaN}]}')

    assert kept.body == b'{"messageId": "1", "text": NaN}'


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_are_kept(hostile):
    assert webhook.split(hostile)


@settings(deadline=None)
@given(st.lists(JSON, min_size=1))
def test_every_result_is_kept(results):
    kept = webhook.split(json.dumps({"results": results}).encode())

    assert [item.body for item in kept] == [json.dumps(result).encode() for result in results]


@settings(deadline=None)
@given(JSON | ITEMS)
def test_parsing_raises_nothing_but_not_understood(item):
    try:
        understood = webhook.parse(item, channel_of=SENDERS.get)
    except NotUnderstood as refused:
        understood = refused

    assert isinstance(understood, Event | NotUnderstood | None)
