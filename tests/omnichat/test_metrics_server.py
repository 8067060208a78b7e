"""Figures of worker and beat: on a port of their own, for whoever has the token."""

import os
import subprocess
import sys
from http.client import HTTPConnection

import pytest

from omnichat import metrics_server, observing


@pytest.fixture
def ask():
    port = metrics_server.start(0)

    def get(path, **headers):
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    return get


def test_figures_of_the_process(ask):
    status, figures = ask("/metrics")

    assert status == 200
    assert "omnichat_tasks_total" in figures


def test_it_says_that_it_is_alive(ask):
    assert ask("/healthz") == (200, "ok")


def test_it_has_nothing_else(ask):
    assert ask("/panel/")[0] == 404


def test_process_whose_port_is_taken_begins_all_the_same(settings, monkeypatch, caplog):
    settings.METRICS_PORT = metrics_server.start(0)
    monkeypatch.setattr(observing.logs, "name_process", lambda process: None)

    observing.begin("beat")

    assert [line.msg for line in caplog.records] == ["metrics_not_served"]


def test_figures_ask_for_the_token_where_there_is_one(ask, settings):
    settings.METRICS_TOKEN = "a-token-of-the-tests"

    assert ask("/metrics")[0] == 401
    assert ask("/metrics", Authorization="Bearer other")[0] == 401
    assert ask("/metrics", Authorization="Bearer a-token-of-the-tests")[0] == 200


@pytest.mark.django_db
def test_web_asks_for_the_token_too(client, acme, settings):
    settings.METRICS_TOKEN = "a-token-of-the-tests"

    assert client.get("/metrics").status_code == 401
    given = {"Authorization": "Bearer a-token-of-the-tests"}
    assert client.get("/metrics", headers=given).status_code == 200


def test_web_workers_that_share_a_folder_are_summed(tmp_path):
    count = "from omnichat import task_log; task_log.TASKS.labels('drain', 'done').inc(2)"
    show = "from omnichat import metrics_server; print(metrics_server.of_process().decode())"
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}

    said = [
        subprocess.run(  # noqa: S603 - our own lines
            [sys.executable, "-c", program], env=environment, check=True, stdout=subprocess.PIPE
        )
        for program in (count, count, show)
    ]

    assert b'omnichat_tasks_total{outcome="done",task="drain"} 4.0' in said[-1].stdout
