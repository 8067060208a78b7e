"""What `manage.py check_deployment` finds unfit."""

import socket
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import StringIO
from unittest.mock import Mock

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from omnichat import celery, deployment
from tenants.context import public_context

pytestmark = pytest.mark.django_db(transaction=True)
FIT = ["settings", "database", "connections", "replica", "schemas", "clock", "broker", "files"]


@pytest.fixture(autouse=True)
def production(settings):
    settings.APP_SCHEME, settings.TRUSTED_PROXIES = "http", []
    settings.SILENCED_SYSTEM_CHECKS = [*django_settings.SILENCED_SYSTEM_CHECKS, *OF_THE_SANDBOX]


# What is so because tests have no https and a short key.
OF_THE_SANDBOX = ["security.W004", "security.W009", "security.W012", "security.W016"]


def unfit():
    return {found.about: found.problem for found in deployment.examine() if found.problem}


def test_all_is_tried_and_well(acme):
    said = StringIO()

    call_command("check_deployment", stdout=said)

    lines = said.getvalue().splitlines()
    assert [line.split(":")[0].split() for line in lines] == [["ok", about] for about in FIT]
    assert "PostgreSQL 18" in lines[1]


def test_what_is_unfit_is_named_and_ends_with_an_error(acme, settings):
    settings.APP_SCHEME = "https"
    said = StringIO()

    with pytest.raises(CommandError, match="Mend settings, and"):
        call_command("check_deployment", stdout=said)

    assert "UNFIT  settings: TRUSTED_PROXIES is empty" in said.getvalue()


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=3), ""),
        (timedelta(seconds=90), "It is 90 s behind: see whether it receives."),
        (None, "It does not answer, or no process was heard of yet."),
    ],
)
def test_replica_is_tried_where_there_is_one(monkeypatch, acme, age, said):
    monkeypatch.setattr(deployment.replica, "in_use", lambda: True)
    monkeypatch.setattr(deployment.replica, "behind", lambda: age)

    assert unfit() == ({"replica": said} if said else {})


def test_schema_that_is_behind(acme):
    with public_context(), connection.cursor() as cursor:
        cursor.execute("UPDATE site_acme.django_migrations SET app = 'x' WHERE app = 'logins'")
    try:
        found = unfit()
    finally:
        with public_context(), connection.cursor() as cursor:
            cursor.execute("UPDATE site_acme.django_migrations SET app = 'logins' WHERE app = 'x'")

    assert found == {
        "schemas": "1 schema lacks migrations (site_acme): run manage.py upgrade_sites."
    }


def test_database_that_is_new(db):
    with public_context(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE public.django_migrations RENAME TO elsewhere")
    try:
        found = unfit()
    finally:
        with public_context(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE public.elsewhere RENAME TO django_migrations")

    assert found == {"schemas": "There are none yet: run manage.py upgrade_sites."}


def test_clocks_that_are_apart(acme):
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=90)):
        assert list(unfit()) == ["clock"]


def test_database_out_of_reach_is_not_called_well(acme, monkeypatch):
    away = Mock(side_effect=OperationalError("connection refused"))
    with monkeypatch.context() as patched:
        patched.setattr(deployment.connection, "ensure_connection", away)

        found = unfit()

    assert found["database"] == found["connections"] == "OperationalError: connection refused"


def test_old_postgresql(acme, monkeypatch):
    monkeypatch.setattr(deployment, "OLDEST", 99)

    assert "is too old: 99 or newer is needed." in unfit()["database"]


def test_broker_out_of_reach(acme, monkeypatch):
    with closing(socket.socket()) as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        monkeypatch.setenv("CELERY_BROKER_URL", f"redis://:secret@127.0.0.1:{port}/0")
        monkeypatch.setattr(celery.app, "_pool", None)

        found = unfit()

    assert list(found) == ["broker"]
    assert "secret" not in found["broker"]


def test_folder_that_cannot_be_written(acme, settings, tmp_path):
    (tmp_path / "file").touch()
    settings.MEDIA_ROOT = str(tmp_path / "file")

    assert list(unfit()) == ["files"]
