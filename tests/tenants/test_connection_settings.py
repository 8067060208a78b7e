"""What the server is told about the end of each of our connections."""

import pytest
from django.db import connection

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
