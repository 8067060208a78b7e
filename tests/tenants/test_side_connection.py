"""The connection outside Django's leads to the same database, as safely."""

import psycopg
import pytest
from django.db import connection

from tenants.side_connection import conninfo

pytestmark = pytest.mark.django_db


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
