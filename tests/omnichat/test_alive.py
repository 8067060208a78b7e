"""A probe's question to worker, beat and stream, which need not listen anywhere for it."""

import socket

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from tests.pulses import heard

pytestmark = pytest.mark.django_db


def test_a_worker_of_this_machine_is_heard(acme, capsys):
    heard("worker", on=socket.gethostname(), seconds_ago=5)

    call_command("alive", "worker")

    assert capsys.readouterr().out == "A worker is alive.\n"


@pytest.mark.parametrize(("host", "ago"), [("another-machine", 5), (socket.gethostname(), 60)])
def test_another_machines_and_a_silent_one_do_not_count(acme, host, ago):
    heard("worker", on=host, seconds_ago=ago)

    with pytest.raises(CommandError, match="No worker was heard"):
        call_command("alive", "worker")


def test_without_a_database_nobody_is_restarted(acme, capsys):
    def refuse(*arguments):
        raise OperationalError

    with connection.execute_wrapper(refuse):
        call_command("alive", "worker")

    assert capsys.readouterr().out == "Not known: the database is out of reach.\n"
