"""HTTP to the provider: what each answer, and the lack of one, means."""

import socket
from ssl import SSLCertVerificationError, SSLEOFError
from unittest.mock import Mock

import pytest
import requests
from urllib3.exceptions import MaxRetryError, SSLError

from channels.infobip import client
from conversations.errors import PermanentFailure, TemporaryFailure, UnknownOutcome
from tests.channels.infobip.payloads import FOLDER
from tests.factories import ProviderAccountFactory
from tests.figures import counted
from tests.loopback import Neighbour, closed_address

pytestmark = pytest.mark.django_db


def send(account):
    return client.post(account, "/sms/3/messages", {"a": "ž"})


def failure_of(account, kind):
    with pytest.raises(kind) as caught:
        send(account)
    assert type(caught.value) is kind
    return caught.value


def test_request(infobip, account):
    infobip.answer(200, {"ok": True})

    assert send(account) == {"ok": True}
    (request,) = infobip.requests
    assert (request.method, request.path) == ("POST", "/sms/3/messages")
    assert request.headers["authorization"] == "App tests-key"
    assert request.headers["accept"] == "application/json"
    assert request.headers["content-type"] == "application/json"
    assert request.json == {"a": "ž"}


def test_call_is_counted_as_infobips(infobip, account):
    infobip.answer(200, {"ok": True})
    answered = {"neighbour": "infobip", "outcome": "2xx"}
    before = counted("omnichat_outside_call_seconds_count", **answered)

    send(account)

    assert counted("omnichat_outside_call_seconds_count", **answered) == before + 1


@pytest.mark.parametrize("status", [400, 401, 403, 404])
@pytest.mark.parametrize(
    ("envelope", "words"),
    [
        ("service_exception.json", "Bad request (content.text must not be blank)"),
        (
            "error_code.json",
            "The request is not right. (messages[0].content.text must not be blank)",
        ),
        ("error.json", "No such message"),
        ("error_message.json", "Not here"),
        ("gateway.html", "Infobip refused the request."),
        ("empty.json", "Infobip refused the request."),
    ],
)
def test_refusal_in_every_envelope(infobip, account, status, envelope, words):
    infobip.answer(status, (FOLDER / "errors" / envelope).read_text())

    failure = failure_of(account, client.Refusal)

    assert (str(failure), failure.code) == (words, str(status))


@pytest.mark.parametrize(
    "body", [None, 7, [], "null", {"requestError": None}, {"requestError": {"serviceException": 1}}]
)
def test_refusal_in_no_envelope(infobip, account, body):
    infobip.answer(400, body)

    assert str(failure_of(account, client.Refusal)) == "Infobip refused the request."


def test_words_are_cut_and_storable(infobip, account):
    infobip.answer(400, {"description": "\x00\ud800" + "x" * 1000})

    assert str(failure_of(account, client.Refusal)) == "\ufffd\ufffd" + "x" * 298


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7),
        ("0", 1),
        ("-5", 1),
        ("999999", 3600),
        ("nan", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
def test_too_many_requests_with_a_time(infobip, account, said, seconds):
    infobip.answer(429, {}, headers={"Retry-After": said})

    assert failure_of(account, TemporaryFailure).retry_after == seconds


def test_too_many_requests_without_a_time(infobip, account):
    infobip.answer(429)

    assert failure_of(account, TemporaryFailure).retry_after is None


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_server_failure_leaves_the_outcome_unknown(infobip, account, status):
    infobip.answer(status, (FOLDER / "errors" / "gateway.html").read_text())

    assert str(failure_of(account, UnknownOutcome)) == f"Infobip failed ({status})."


@pytest.mark.parametrize("body", ["", "<html>", "[]", "7", "[" * 100_000])
def test_unreadable_success_leaves_the_outcome_unknown(infobip, account, body):
    infobip.answer(200, body)

    assert str(failure_of(account, UnknownOutcome)) == "Infobip's answer cannot be read."


def test_silence_leaves_the_outcome_unknown(infobip, account, monkeypatch):
    monkeypatch.setattr(client, "TIMEOUT", (2, 0.1))
    infobip.fall_silent()

    assert str(failure_of(account, UnknownOutcome)) == "Infobip did not answer."


def test_connection_closed_after_the_request_leaves_the_outcome_unknown(infobip, account):
    infobip.hang_up()

    failure_of(account, UnknownOutcome)
    assert len(infobip.requests) == 1


def test_refused_connection_never_left(settings, account):
    settings.INFOBIP_HOSTS = [closed_address()]
    account.base_url = f"http://{settings.INFOBIP_HOSTS[0]}"

    assert str(failure_of(account, TemporaryFailure)) == "Infobip cannot be reached."


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (SSLCertVerificationError("self-signed certificate"), TemporaryFailure),
        (SSLEOFError("EOF occurred in violation of protocol"), UnknownOutcome),
    ],
)
def test_only_a_refused_certificate_tells_that_nothing_left(
    account, monkeypatch, problem, expected
):
    broken = MaxRetryError(None, "/", SSLError(problem))
    raised = Mock(side_effect=requests.exceptions.SSLError(broken))
    monkeypatch.setattr(client._session, "request", raised)

    failure_of(account, expected)


def test_unknown_host_never_left(settings, account, monkeypatch):
    def unknown(*arguments, **more):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    settings.INFOBIP_HOSTS = ["nowhere.invalid"]
    account.base_url = "http://nowhere.invalid"

    assert str(failure_of(account, TemporaryFailure)) == "Infobip cannot be reached."


@pytest.mark.parametrize("key", ["broken\r\nX-Evil: 1", "\nkey"])
def test_key_that_cannot_be_written_never_left(infobip, account, key):
    account.api_key = key

    failure_of(account, TemporaryFailure)
    assert infobip.requests == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_refused_and_the_key_not_sent_on(infobip, account, status):
    with Neighbour() as elsewhere:
        infobip.answer(status, headers={"Location": f"{elsewhere.url}/sms/3/messages"})

        failure = failure_of(account, client.Refusal)

        assert failure.code == str(status)
        assert elsewhere.requests == []


@pytest.mark.parametrize(
    "base_url",
    [
        "https://evil.example",
        "https://evil.example\\.api.infobip.com",
        "https://evil.example#.api.infobip.com",
        "https://evil.example?.api.infobip.com",
        "https://evil.example/.api.infobip.com",
        "https://key@abc12.api.infobip.com",
        "https://abc12.api.infobip.com/path",
        "https://abc12.api.infobip.com:8443",
        "https://api.infobip.com.evil.example",
        "https://evilapi.infobip.com",
        "http://abc12.api.infobip.com",
        "file:///etc/passwd",
        "",
    ],
)
def test_key_goes_to_no_other_host(settings, account, monkeypatch, base_url):
    settings.SANDBOX = False
    settings.INFOBIP_HOSTS = ["api.infobip.com", ".api.infobip.com"]
    monkeypatch.setattr(client._session, "request", lambda *_, **__: pytest.fail("it left"))
    account.base_url = base_url

    assert failure_of(account, PermanentFailure).code == "bad-host"


def test_cookies_of_one_site_do_not_travel_with_the_next(infobip, account):
    infobip.answer(200, {}, headers={"Set-Cookie": "session=acme; Path=/"})
    infobip.answer(200, {})

    send(account)
    send(ProviderAccountFactory(base_url=infobip.url, api_key="of-globex"))

    assert "cookie" not in infobip.requests[1].headers


def test_failed_question_may_be_asked_again(infobip, account):
    infobip.answer(500)

    with pytest.raises(TemporaryFailure) as caught:
        client.get(account, "/sms/3/logs", {"messageId": "a b"})

    assert type(caught.value) is TemporaryFailure
    assert infobip.paths == ["/sms/3/logs?messageId=a+b"]


@pytest.mark.parametrize(
    ("body", "violations"),
    [
        (
            {"requestError": {"serviceException": {"validationErrors": {"name": ["a", "b"]}}}},
            {"name": "a, b"},
        ),
        ({"requestError": {"serviceException": {"validationErrors": "bad"}}}, {"": "bad"}),
        ({"violations": [{"property": "name", "violation": "bad"}, 7]}, {"name": "bad"}),
        ({"violations": "bad"}, {}),
        ([], {}),
    ],
)
def test_refusal_says_what_is_wrong_with_each_field(infobip, account, body, violations):
    infobip.answer(400, body)

    assert failure_of(account, client.Refusal).violations == violations


def test_deletion_needs_no_body(infobip, account):
    infobip.answer(204)

    client.delete(account, "/whatsapp/2/senders/1/templates/name")

    assert [request.method for request in infobip.requests] == ["DELETE"]


def test_patch_returns_the_answer(infobip, account):
    infobip.answer(200, {"id": "7"})

    assert client.patch(account, "/whatsapp/2/senders/1/templates/7", {"a": 1}) == {"id": "7"}
    assert infobip.requests[0].method == "PATCH"


def test_telling_needs_no_body_and_no_answer(infobip, account):
    infobip.answer(204)

    client.tell(account, "/whatsapp/1/senders/1/message/wamid.1%3D/read")

    (request,) = infobip.requests
    assert (request.method, request.body) == ("POST", b"")
