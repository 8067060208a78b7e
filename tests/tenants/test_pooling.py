"""Telling a transaction pooler from a server."""

from contextlib import nullcontext

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured

from tenants import pooling
from tenants.side_connection import conninfo

pytestmark = pytest.mark.django_db


def test_server_is_accepted():
    assert pooling.shares_backends(lambda: psycopg.connect(conninfo(), autocommit=True)) is False


def test_one_backend_behind_two_connections_is_a_pooler():
    with psycopg.connect(conninfo(), autocommit=True) as backend:
        assert pooling.shares_backends(lambda: nullcontext(backend)) is True


def test_process_does_not_start_behind_a_pooler(monkeypatch):
    monkeypatch.setattr(pooling, "shares_backends", lambda connect: True)

    with pytest.raises(ImproperlyConfigured, match="transaction pooler"):
        pooling.refuse_transaction_pooler()


def test_database_that_is_down_does_not_keep_a_process_from_starting(monkeypatch):
    def refuse(*args, **kwargs):
        raise psycopg.OperationalError

    monkeypatch.setattr(psycopg, "connect", refuse)

    assert pooling.refuse_transaction_pooler() is None
