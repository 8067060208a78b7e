"""Without its database every page says so in words, and goes away by itself."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import OperationalError, connection
from django.test import Client
from psycopg.errors import AdminShutdown, QueryCanceled

from jira_bridge import panel_session
from omnichat.outage import STYLE_HASH, _Seen
from tests.factories import AgentFactory

pytestmark = pytest.mark.django_db
HTML = {"Accept": "text/html,*/*"}


@pytest.fixture
def down(acme):
    def refuse(*arguments):
        raise OperationalError("connection refused for password=s3cret")

    with connection.execute_wrapper(refuse):
        yield


@pytest.fixture
def somebody():
    """A browser with a session's cookie: whether it is one, only the database knows."""
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "x" * 32
    return client


def test_console_says_what_is_wrong(somebody, acme, down):
    answer = somebody.get("/admin/", headers=HTML | {"Host": acme.host})

    page = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "Its database cannot be reached." in page
    assert '<meta http-equiv="refresh" content="10">' in page
    assert "s3cret" not in page


@pytest.mark.parametrize(("cause", "status"), [(AdminShutdown, 503), (QueryCanceled, 500)])
def test_a_question_that_took_too_long_is_no_outage(somebody, cause, status):
    def refuse(*arguments):
        raise OperationalError from cause()

    with connection.execute_wrapper(refuse):
        answer = somebody.get("/operator/operators/", headers=HTML)

    assert answer.status_code == status
    assert ("http-equiv" in answer.content.decode()) is (status == 503)


def test_operators_are_told_where_to_look(somebody, down):
    page = somebody.get("/operator/operators/", headers=HTML).content.decode()

    assert "“Database down” in docs/operations.md" in page


def test_page_is_in_the_readers_language(somebody, down):
    answer = somebody.get("/operator/operators/", headers=HTML | {"Accept-Language": "de"})

    assert '<html lang="de" dir="ltr">' in answer.content.decode()


def test_what_was_sent_is_not_sent_again_by_the_page(somebody, down):
    page = somebody.post("/operator/operators/", {"name": "x"}, headers=HTML).content.decode()

    assert "was not saved" in page
    assert "http-equiv" not in page


def test_style_is_the_only_thing_that_the_page_may_load(somebody, down):
    policy = somebody.get("/operator/operators/", headers=HTML)["Content-Security-Policy"]

    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{STYLE_HASH}';")


def test_page_says_since_when_and_tells_two_outages_apart(somebody, down, monkeypatch):
    monkeypatch.setattr(_Seen, "since", None)
    said = []
    for minute, second in ((0, 0), (0, 50), (1, 40), (3, 0)):
        with time_machine.travel(
            datetime(2026, 11, 23, 10, minute, second, tzinfo=UTC), tick=False
        ):
            page = somebody.get("/operator/operators/", headers=HTML).content.decode()
        said += re.findall(r"Noticed at [\d:]+ UTC", page)

    assert said == ["Noticed at 10:00 UTC"] * 3 + ["Noticed at 10:03 UTC"]


def test_panel_may_say_so_in_its_frame_and_a_console_in_none(somebody, down, settings):
    settings.PANEL_FRAME_ANCESTORS = ["https://acme.example"]
    session = {"Authorization": f"Bearer {panel_session.issue(AgentFactory())}"}

    policies = [
        somebody.get(path, headers=HTML | session)["Content-Security-Policy"]
        for path in ("/panel/10001/view", "/operator/operators/")
    ]

    assert [policy.partition(" frame-ancestors ")[2] for policy in policies] == [
        "https://acme.example",
        "'none'",
    ]


def test_a_script_gets_a_word(somebody, down):
    answer = somebody.get("/operator/operators/", headers={"Accept": "*/*"})

    assert (answer.status_code, answer.content) == (503, b"no database")


def test_a_defect_is_told_as_one(somebody, acme, monkeypatch):
    def fail(request):
        raise ValueError("Moja tajna poruka")

    monkeypatch.setattr("omnichat.health.may_read", fail)

    answer = somebody.get("/metrics", headers=HTML)

    assert answer.status_code == 500
    assert "Something went wrong" in answer.content.decode()
    assert "tajna" not in answer.content.decode()


def test_a_defect_after_sending_promises_nothing(somebody, acme, monkeypatch):
    def fail(request):
        raise ValueError("Moja tajna poruka")

    monkeypatch.setattr("omnichat.health.may_read", fail)

    looked, sent = somebody.get("/metrics", headers=HTML), somebody.post("/metrics", headers=HTML)

    assert "look before you send it again" not in looked.content.decode()
    assert "look before you send it again" in sent.content.decode()
