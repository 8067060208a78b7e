"""Every request has an id and a line with its route; no path, and nobody's words."""

import logging

import pytest
from structlog.contextvars import get_contextvars

from omnichat.request_log import HEADER
from tests.figures import counted

pytestmark = pytest.mark.django_db
OF_A_PROXY = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO, "omnichat.request_log")
    return lambda: caplog.records


def test_answer_has_the_id_that_the_proxy_gave(client, acme):
    assert client.get("/healthz", headers={HEADER: OF_A_PROXY})[HEADER] == OF_A_PROXY


@pytest.mark.parametrize("given", ["", "+385 99 190 3327", "x" * 32, f"{OF_A_PROXY}\nlevel=x"])
def test_what_no_proxy_makes_is_no_id(client, acme, given):
    answered = client.get("/healthz", headers={HEADER: given})[HEADER]

    assert len(answered) == 32
    assert answered != given


def test_a_webhook_is_answered_with_an_id_too(client, acme):
    before = counted("omnichat_requests_total", kind="webhook", route="webhook", status="4xx")

    answer = client.post("/hooks/infobip/nobodys-key/", "{}", "application/json")

    after = counted("omnichat_requests_total", kind="webhook", route="webhook", status="4xx")
    assert (answer.status_code, len(answer[HEADER]), after - before) == (404, 32, 1)


def test_line_has_the_route_in_the_place_of_the_path(client, acme, lines):
    client.get("/media/right-to-read-it/picture.png")

    line = lines()[0]
    assert (line.message, line.kind, line.route, line.status) == ("request", "media", "media", 404)
    assert "right-to-read-it" not in str(line.__dict__)


def test_requests_are_counted_and_timed_by_kind(client, acme):
    before = counted("omnichat_request_seconds_count", kind="panel")

    client.get("/panel/10001/view")

    assert counted("omnichat_request_seconds_count", kind="panel") == before + 1
    assert counted("omnichat_requests_total", kind="panel", route="panel-view", status="4xx") >= 1


def test_an_unknown_address_is_counted_without_its_words(client, acme, lines):
    client.get("/panel/somebodys/own/words?text=secret")

    assert (lines()[0].kind, lines()[0].route) == ("panel", "")
    assert "words" not in str(lines()[0].__dict__)


def test_probes_write_no_line(client, acme, lines):
    client.get("/healthz")

    assert lines() == []


def test_lines_of_a_request_say_which_issue_it_is_about(client, acme):
    client.get("/panel/10001/view", headers={HEADER: OF_A_PROXY})

    assert get_contextvars() == {
        "request_id": OF_A_PROXY,
        "issue_id": "10001",
        "site": "public",  # of nobody, who has no session
    }


def test_nothing_of_a_request_stays_with_the_next(client, acme):
    client.get("/panel/10001/view")
    client.get("/healthz", headers={HEADER: OF_A_PROXY})

    assert get_contextvars() == {"request_id": OF_A_PROXY, "site": "public"}


def test_lines_of_a_console_say_whose_it_is(client, acme):
    client.get("/admin/login/", headers={"Host": acme.host})

    assert get_contextvars()["site"] == acme.schema_name
