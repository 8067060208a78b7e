"""The embedded broker: Valkey on a unix socket."""

import signal
import subprocess
import time
from contextlib import contextmanager

import pytest
from kombu import Connection

from sandbox.broker import Broker
from sandbox.launch import launch


@contextmanager
def running(broker):
    broker.folder.mkdir(parents=True, exist_ok=True)
    server = launch(broker.command, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while not broker.answers():
        assert server.poll() is None
        assert time.monotonic() < deadline
    yield server
    server.send_signal(signal.SIGTERM)
    assert server.wait(10) == 0


@pytest.mark.parametrize("folder", ["valkey", "A folder/" + "x" * 100])
def test_celery_reaches_it_by_its_url(tmp_path, folder):
    broker = Broker(tmp_path / folder)

    with running(broker), Connection(broker.url) as connection:
        queue = connection.SimpleQueue("greetings")
        queue.put("hello")
        assert queue.get(timeout=5).payload == "hello"


def test_what_waits_is_there_after_a_restart(tmp_path):
    broker = Broker(tmp_path / "valkey")

    with running(broker), Connection(broker.url) as connection:
        connection.SimpleQueue("greetings").put("hello")

    with running(broker), Connection(broker.url) as connection:
        assert connection.SimpleQueue("greetings").get(timeout=5).payload == "hello"
