"""The outside world of the channels: an Infobip on the loopback, and a clock."""

import pytest
import time_machine
from django.db import connection

from channels.infobip import client
from tests.factories import ProviderAccountFactory
from tests.loopback import Neighbour


@pytest.fixture
def time_machine_at():
    """Stop the clock at a moment."""
    travels = []

    def travel(moment):
        travels.append(time_machine.travel(moment, tick=False))
        travels[-1].start()

    yield travel
    for past in reversed(travels):
        past.stop()


@pytest.fixture
def statements(monkeypatch):
    """The statements that go past Django's cursors, and so past its assertions."""
    seen = []
    execute = connection.execute_qualified

    def note(statement, parameters):
        seen.append(statement)
        return execute(statement, parameters)

    monkeypatch.setattr(connection, "execute_qualified", note)
    return seen


@pytest.fixture
def infobip(settings, monkeypatch):
    monkeypatch.setattr(client, "TIMEOUT", (2, 5))
    with Neighbour() as neighbour:
        settings.INFOBIP_HOSTS = [neighbour.host]
        yield neighbour


@pytest.fixture
def account(db, infobip):
    return ProviderAccountFactory(base_url=infobip.url)
