"""What leaves for each channel, byte for byte, and what its answer means."""

import pytest

from channels.infobip import sms, whatsapp
from channels.provider import Trace
from channels.webhook_address import current_reports_url
from conversations.contracts import Channel, OutgoingMessage
from conversations.errors import PermanentFailure, TemporaryFailure, UnknownOutcome

pytestmark = pytest.mark.django_db

ID = "3f0a1b52-7c7e-4e0d-9d6a-1f2e3d4c5b6a"
PENDING = {"groupId": 1, "groupName": "PENDING", "id": 26, "name": "PENDING_ACCEPTED"}
REJECTED = {
    "groupId": 5,
    "groupName": "REJECTED",
    "id": 12,
    "name": "REJECTED_NOT_ENOUGH_CREDITS",
    "description": "Not enough credits",
}
DUPLICATE = {
    "groupId": 5,
    "groupName": "REJECTED",
    "id": 23,
    "name": "REJECTED_DUPLICATE_MESSAGE_ID",
}
NOT_SENT = {"groupId": 2, "groupName": "UNDELIVERABLE", "id": 31, "name": "UNDELIVERABLE_NOT_SENT"}


def outgoing(channel, sender):
    return OutgoingMessage(ID, channel, sender, "385991903327", "Hvala, čekamo 👍")


SMS = outgoing(Channel.SMS, "385951006719")
WHATSAPP = outgoing(Channel.WHATSAPP, "385951006720")
CASES = [
    (sms, SMS, lambda row: {"messages": [row]}),
    (whatsapp, WHATSAPP, lambda row: row),
]
each_channel = pytest.mark.parametrize(("provider", "message", "envelope"), CASES)


@pytest.fixture
def webhook_url(acme):
    return current_reports_url()


def test_sms_request(infobip, account, webhook_url):
    infobip.answer(200, {"messages": [{"messageId": ID, "status": PENDING}]})

    sms.send(account, SMS)

    (request,) = infobip.requests
    assert (request.method, request.path) == ("POST", "/sms/3/messages")
    assert request.json == {
        "messages": [
            {
                "sender": "385951006719",
                "destinations": [{"to": "385991903327", "messageId": ID}],
                "content": {"text": "Hvala, čekamo 👍"},
                "options": {"validityPeriod": {"amount": 48, "timeUnit": "HOURS"}},
                "webhooks": {"delivery": {"url": webhook_url}, "contentType": "application/json"},
            }
        ]
    }


def test_whatsapp_request(infobip, account, webhook_url):
    infobip.answer(200, {"messageId": ID, "status": PENDING})

    whatsapp.send(account, WHATSAPP)

    (request,) = infobip.requests
    assert (request.method, request.path) == ("POST", "/whatsapp/1/message/text")
    assert request.json == {
        "from": "385951006720",
        "to": "385991903327",
        "messageId": ID,
        "content": {"text": "Hvala, čekamo 👍"},
        "notifyUrl": webhook_url,
    }


@each_channel
@pytest.mark.parametrize(
    ("given", "kept"),
    [("theirs-1", "theirs-1"), (None, ""), (7, ""), ("x" * 513, ""), ("x" * 512, "x" * 512)],
)
def test_accepted(infobip, account, provider, message, envelope, given, kept):
    infobip.answer(200, envelope({"messageId": given, "status": PENDING}))

    assert provider.send(account, message) == kept


@each_channel
def test_rejected_inside_a_success(infobip, account, provider, message, envelope):
    infobip.answer(200, envelope({"messageId": ID, "status": REJECTED}))

    with pytest.raises(PermanentFailure) as caught:
        provider.send(account, message)

    assert (str(caught.value), caught.value.code) == ("Not enough credits", "status-12")


@each_channel
def test_duplicate_of_our_id_counts_as_sent(infobip, account, provider, message, envelope):
    infobip.answer(200, envelope({"messageId": ID, "status": DUPLICATE}))

    assert provider.send(account, message) == ID


@each_channel
@pytest.mark.parametrize("error", [{"id": 7280}, {"id": 5492}, {"name": "EC_DUPLICATE_REQUEST"}])
def test_duplicate_may_stand_in_the_error(infobip, account, provider, message, envelope, error):
    infobip.answer(200, envelope({"messageId": ID, "status": NOT_SENT, "error": error}))

    assert provider.send(account, message) == ID


@each_channel
def test_error_goes_before_the_status(infobip, account, provider, message, envelope):
    error = {"groupId": 2, "id": 2052, "description": "Blocked", "permanent": True}
    infobip.answer(200, envelope({"messageId": ID, "status": NOT_SENT, "error": error}))

    with pytest.raises(PermanentFailure) as caught:
        provider.send(account, message)

    assert str(caught.value) == "Blocked"
    assert caught.value.code.startswith("2052")


@each_channel
@pytest.mark.parametrize("status", [None, {}, "PENDING", {"groupId": 77}])
def test_answer_without_status_is_unknown(infobip, account, provider, message, envelope, status):
    infobip.answer(200, envelope({"messageId": ID, "status": status}))

    with pytest.raises(UnknownOutcome):
        provider.send(account, message)


@pytest.mark.parametrize("answer", [{}, {"messages": []}, {"messages": None}, {"messages": [None]}])
def test_sms_answer_without_message_is_unknown(infobip, account, answer):
    infobip.answer(200, answer)

    with pytest.raises(UnknownOutcome):
        sms.send(account, SMS)


@pytest.mark.parametrize(
    ("rows", "trace"),
    [
        ([{"messageId": ID, "status": PENDING}], Trace.TAKEN),
        ([{"messageId": "another"}, None, 7], Trace.NOT_TAKEN),
        ([], Trace.NOT_TAKEN),
        (None, Trace.NOT_TAKEN),
    ],
)
def test_sms_log(infobip, account, rows, trace):
    infobip.answer(200, {"results": rows})

    assert sms.look_up(account, ID) is trace
    assert infobip.paths == [f"/sms/3/logs?messageId={ID}"]


def test_sms_log_that_fails_may_be_asked_again(infobip, account):
    infobip.hang_up()

    with pytest.raises(TemporaryFailure):
        sms.look_up(account, ID)


def test_whatsapp_has_no_log(infobip, account):
    assert whatsapp.look_up(account, ID) is Trace.NO_LOG
    assert infobip.requests == []
