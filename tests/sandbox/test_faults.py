"""Faults on demand: which request they meet and what the client sees."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from sandbox import faults as faults_module
from sandbox.faults import ConnectionDropped, FaultMiddleware, Faults, UnknownFault, control_route


@pytest.fixture
def taken():
    return []


@pytest.fixture
def client(taken):
    async def take(request):
        taken.append(request.url.path)
        return JSONResponse({"taken": True})

    def refusal(path, status):
        return JSONResponse({"refused": path}, status_code=status)

    faults = Faults()
    app = Starlette(
        routes=[Route("/orders/{id}", take, methods=["POST"]), control_route(faults)],
        middleware=[Middleware(FaultMiddleware, faults=faults, refusal=refusal)],
    )
    return TestClient(app)


def test_take_counts_down():
    faults = Faults()
    faults.add("/orders", "500", 2)

    assert [faults.take("/orders/7") for _ in range(3)] == ["500", "500", None]


@pytest.mark.parametrize("route", ["*", "/orders", "/orders/*", "ders/7"])
def test_route_is_part_of_the_path_or_a_pattern(route):
    faults = Faults()
    faults.add(route, "slow", 1)

    assert faults.take("/orders/7") == "slow"


def test_other_paths_are_spared():
    faults = Faults()
    faults.add("/orders", "500", 1)

    assert faults.take("/customers") is None


def test_a_fault_that_lasts_ends_by_itself(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(faults_module, "monotonic", lambda: now[0])
    faults = Faults()
    faults.add("/orders", "500", 9, lasts=2.0)

    assert faults.take("/orders/7") == "500"

    now[0] = 102.0
    assert faults.take("/orders/7") is None
    assert faults.waiting() == []


def test_unknown_kind_is_refused_with_the_list_of_kinds():
    with pytest.raises(UnknownFault, match="html_502, timeout, drop_after_accept"):
        Faults().add("*", "teapot", 1)


def test_control_route_answers_400_to_an_unknown_kind(client):
    answer = client.post("/_sandbox/faults", json={"route": "*", "kind": "teapot", "times": 1})

    assert answer.status_code == 400
    assert "reorder" in answer.json()["error"]


def test_deleted_faults_are_not_played(client):
    client.post("/_sandbox/faults", json={"route": "*", "kind": "500", "times": 3})

    client.delete("/_sandbox/faults")

    assert client.post("/orders/7").json() == {"taken": True}


@pytest.mark.parametrize(("kind", "status"), [("429", 429), ("500", 500), ("html_502", 502)])
def test_refusals_answer_before_the_request_is_taken(client, taken, kind, status):
    client.post("/_sandbox/faults", json={"route": "/orders", "kind": kind, "times": 1})

    assert client.post("/orders/7").status_code == status
    assert taken == []
    assert client.post("/orders/7").status_code == 200


def test_refusal_is_in_the_words_of_the_app(client):
    client.post("/_sandbox/faults", json={"route": "/orders", "kind": "429", "times": 1})

    assert client.post("/orders/7").json() == {"refused": "/orders/7"}


@pytest.mark.parametrize(
    ("fault", "header"),
    [
        ({"kind": "429"}, None),
        ({"kind": "429", "retry_after": 3}, "3"),
        ({"kind": "429_retry_after"}, "2"),
    ],
)
def test_retry_after_only_when_asked_for(client, fault, header):
    client.post("/_sandbox/faults", json={"route": "*", "times": 1, **fault})

    assert client.post("/orders/7").headers.get("Retry-After") == header


def test_html_502_is_not_json(client):
    client.post("/_sandbox/faults", json={"route": "*", "kind": "html_502", "times": 1})

    assert client.post("/orders/7").headers["Content-Type"].startswith("text/html")


def test_dropped_request_is_taken_and_not_answered(client, taken):
    client.post("/_sandbox/faults", json={"kind": "drop_after_accept", "times": 1})

    with pytest.raises(ConnectionDropped):
        client.post("/orders/7")

    assert taken == ["/orders/7"]


def test_slow_request_is_taken_and_answered(client, taken):
    client.post("/_sandbox/faults", json={"kind": "slow", "times": 1, "seconds": 0})

    assert client.post("/orders/7").json() == {"taken": True}
    assert taken == ["/orders/7"]
