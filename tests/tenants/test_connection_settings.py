"""How the end of a connection is noticed, at the server and with us."""

import socket

import psycopg
import pytest
from django.db import connection

from tenants.side_connection import conninfo
from tests.chaos.network import network

pytestmark = pytest.mark.django_db

KEEPALIVES = ["tcp_keepalives_count", "tcp_keepalives_idle", "tcp_keepalives_interval"]


def test_server_asks_for_workers_that_are_gone_without_a_word():
    with connection.cursor() as cursor:
        # By their source: on a socket, as in the tests, their values read as 0.
        cursor.execute(
            "SELECT name FROM pg_settings WHERE source = 'session' AND name LIKE 'tcp_keep%'"
            " ORDER BY name"
        )
        assert [name for (name,) in cursor.fetchall()] == KEEPALIVES


def test_transactions_end_after_a_while():
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_timeout")
        assert cursor.fetchone() == ("30s",)


def test_we_ask_for_a_server_that_is_gone_without_a_word():
    params = psycopg.conninfo.conninfo_to_dict(conninfo())
    with network(database=f"{params['host']}/.s.PGSQL.5432") as lines:
        host, port = lines.address("database").split(":")
        with (
            psycopg.connect(**params | {"host": host, "port": port}) as over_tcp,
            socket.socket(fileno=socket.dup(over_tcp.fileno())) as wire,
        ):
            idle = wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
            interval = wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL)
            unanswered = wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)

    assert (idle, interval, unanswered) == (10, 5, 10_000)
