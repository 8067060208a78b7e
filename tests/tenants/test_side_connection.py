"""The connection outside Django's leads to the same database, as safely."""

import psycopg
import pytest
from django.db import OperationalError, connection

from tenants.side_connection import SideConnection, conninfo

pytestmark = pytest.mark.django_db


@pytest.fixture
def side():
    side = SideConnection(lock_seconds=0.05)
    yield side
    side.close()


def test_options_of_the_address_hold_for_it_too(monkeypatch):
    options = {"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem", "connect_timeout": 3}
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)

    found = psycopg.conninfo.conninfo_to_dict(conninfo())

    assert found["sslmode"] == "verify-full"
    assert found["sslrootcert"] == "/etc/ca.pem"
    assert found["connect_timeout"] == "3"


def test_nothing_that_libpq_does_not_know_is_in_its_address(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"isolation_level": 2})

    assert "isolation_level" not in conninfo()


def backend(side):
    return side.ask("SELECT pg_backend_pid()")[0][0]


def test_lock_that_was_waited_for_in_vain_is_no_reason_for_another_connection(side):
    before = backend(side)
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE public.tenants_pulse")

    with pytest.raises(OperationalError, match="lock timeout"):
        side.ask("SELECT FROM public.tenants_pulse")

    assert backend(side) == before


def test_connection_that_was_cut_is_opened_once_more(side):
    before = backend(side)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [before])

    assert backend(side) != before
